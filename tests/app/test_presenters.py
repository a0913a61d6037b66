"""Numbers and names as people read them."""

import pytest

from app.api.receiving import upload_name
from app.search.presenters import bits, choices_of_k, figure, fitted, milliseconds, percent, srcset
from indexer.text import readable


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0"), (-1e-9, "0"), (0.12345, "0.1235"), (-0.5, "-0.5000"), (12.34, "12.3")],
)
def test_figures(value: float, shown: str) -> None:
    assert figure(value) == shown


def test_distances_of_codes_are_whole_bits() -> None:
    assert [bits(value) for value in (0.0, 1.0, 24.0)] == ["0 bits", "1 bit", "24 bits"]


@pytest.mark.parametrize(
    ("size", "shown"), [((640, 320), (320, 160)), ((100, 50), (100, 50)), ((60000, 1), (320, 1))]
)
def test_sizes_keep_their_shape(size: tuple[int, int], shown: tuple[int, int]) -> None:
    assert fitted(*size, 320) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0004, "0.04 %"), (0.08, "8 %"), (0.956, "96 %"), (0.99, "99 %"), (0.9999, "99.9 %")],
)
def test_shares(share: float, shown: str) -> None:
    assert percent(share) == shown
    assert (percent(0), percent(1)) == ("0 %", "100 %")


def test_milliseconds() -> None:
    assert [milliseconds(value) for value in (0.25, 31.4, 1234.0)] == ["0.2", "31", "1,234"]


def test_the_chosen_number_is_offered() -> None:
    assert [k for k, _ in choices_of_k(50, 7)] == [7, 10, 20, 50]


def test_names_that_are_not_utf8_are_shown_escaped() -> None:
    assert readable("a/\udcffb.jpg") == r"a/\xffb.jpg"
    assert readable("Café/ñ.jpg") == "Café/ñ.jpg"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\pictures\\a.jpg", "a.jpg"),
        ("a\x00\u202eb.jpg", "ab.jpg"),
        ("x" * 5000, "x" * 255),
        (None, ""),
    ],
)
def test_upload_names_are_tamed(sent: str | None, shown: str) -> None:
    assert upload_name(sent) == shown


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (320, 200, ""),
        (200, 321, "s 199w, m 200w"),
        (640, 480, "s 320w, m 640w"),
        (641, 480, "s 320w, m 640w, l 641w"),
        (4000, 3000, "s 320w, m 640w, l 1280w"),
        (3000, 4000, "s 240w, m 480w, l 960w"),
    ],
)
def test_renderings_are_listed_as_far_as_they_differ(
    width: int, height: int, expected: str
) -> None:
    renderings = {"small": "s", "medium": "m", "large": "l"}
    assert srcset(renderings, width, height) == expected
