"""Names of measures: each says what it is, for any number of hits."""

import pytest

from indexer.evaluation.errors import EvaluationError
from indexer.evaluation.measures import MEASURES, at, measure_of


def test_every_measure_is_found_by_its_name():
    assert all(measure.name == name for name, measure in MEASURES.items())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("P@10", "P@20"), ("nDCG@10", "nDCG@20"), ("P@1", "P@1"), ("AP", "AP"), ("recall", "recall")],
)
def test_names_for_other_numbers_of_hits(name, expected):
    assert at(name, 20) == expected


def test_measures_of_other_numbers_of_hits_say_so():
    found = measure_of("AP@25")
    assert (found.name, found.title) == ("AP@25", "mAP@25")
    assert "first 25 hits" in found.help
    assert measure_of("AP") is MEASURES["AP"]


@pytest.mark.parametrize("name", ["AP@", "AP@0", "AP@-3", "AP@x", "B@10", "recall@5", ""])
def test_names_of_no_measure_are_refused(name):
    with pytest.raises(EvaluationError, match="no measure"):
        measure_of(name)
