"""What a card says in words."""

import pytest

from app.search.likeness import of_pairs


@pytest.mark.parametrize(
    ("percentile", "said"),
    [
        (100, "over 99.99 %"),
        (99.995, "over 99.99 %"),
        (99.984, "99.98 %"),
        (99.5, "99.5 %"),
        (99, "99 %"),
        (43.6, "44 %"),
        (0, "0 %"),
    ],
)
def test_a_share_of_pairs_has_the_digits_that_a_sample_can_tell(
    percentile: float, said: str
) -> None:
    assert of_pairs(percentile) == said
