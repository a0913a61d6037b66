"""What a training says of itself in a sentence, and what it advises to do."""

from dataclasses import replace

import pytest

from indexer.experiments.runs.changes import Change, Codes
from indexer.experiments.telling.advice import is_worth_using
from indexer.experiments.telling.headlines import codes_words, headline

MAP = Change("mAP", (0.5, 0.45, 0.55), (0.8, 0.75, 0.85), "better")
CODES = Codes(share=0.95, bytes_before=4096, bytes_after=8, values=(), kept=0.998)


def test_what_became_worse_stands_beside_what_became_better():
    rank = Change("First rank", (2.0, 1.5, 2.5), (8.0, 4.0, 12.0), "worse")
    told = headline("better", (MAP, rank), 100, chose=False, asked="test")
    assert told == "Better: mAP 0.500 -> 0.800 on 100 test pictures. Worse: First rank."
    assert "Worse" not in headline("better", (MAP,), 100, chose=False)


@pytest.mark.parametrize(
    ("share", "verdict", "is_worth"),
    [
        (0.95, "worse", True),
        (0.9, "no difference", True),
        (0.89, "worse", False),
        (0.89, "better", True),
        (float("nan"), "no difference", False),
    ],
)
def test_codes_are_worth_their_bytes_where_they_keep_enough(share, verdict, is_worth):
    change = replace(MAP, verdict=verdict)
    assert is_worth_using(verdict, (change,), replace(CODES, share=share)) is is_worth
    assert is_worth_using(verdict, (change,)) is (verdict == "better")


def test_codes_say_what_they_keep_and_of_what():
    assert codes_words(CODES) == (
        "Codes keep 99.8% of the mAP of the values they are signs of, and 95.0% of the mAP of "
        "before, in 8 bytes a picture instead of 4,096"
    )
    older = replace(CODES, kept=float("nan"))
    assert codes_words(older).startswith("Codes keep 95.0% of the mAP of before, in 8 bytes")
