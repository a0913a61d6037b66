"""Measures of rankings: equal to what is computed by hand and by the definition, in loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from indexer.evaluation.metrics import average_precision, precision_at

RELEVANT = arrays.arrays(np.bool_, st.tuples(st.integers(1, 6), st.integers(1, 30)))


def ranking(marks):
    """Read a ranking: x is relevant, . is not."""
    return np.array([[mark == "x" for mark in marks]])


def precision_by_definition(row, k):
    return sum(1 for relevant in row[:k] if relevant) / k


def average_precision_by_definition(row, total):
    precisions = [precision_by_definition(row, k) for k in range(1, len(row) + 1) if row[k - 1]]
    return sum(precisions) / total


@pytest.mark.parametrize(
    ("marks", "k", "expected"), [("x..x.", 1, 1), ("x..x.", 3, 1 / 3), (".xx", 2, 1 / 2)]
)
def test_precision_by_hand(marks, k, expected):
    assert precision_at(ranking(marks), k).tolist() == [expected]


def test_precision_of_a_short_ranking_counts_what_is_missing_as_wrong():
    assert precision_at(ranking("xxx"), 10).tolist() == [0.3]


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ("xxx..", 1),
        ("x.x.x", (1 + 2 / 3 + 3 / 5) / 3),
        ("....x", 1 / 5),
        # Figure 8.2 of Manning, Raghavan, Schütze has such a ranking: 1/1, 2/3, 3/6, 4/10.
        ("x.x..x...x", (1 + 2 / 3 + 3 / 6 + 4 / 10) / 4),
    ],
)
def test_average_precision_by_hand(marks, expected):
    assert average_precision(ranking(marks)) == pytest.approx([expected], abs=1e-15)


def test_relevant_images_that_are_not_ranked_lower_average_precision():
    found = average_precision(ranking("x.x"), np.array([4]))
    assert found == pytest.approx([(1 + 2 / 3) / 4], abs=1e-15)


@given(relevant=RELEVANT, k=st.integers(1, 40), unranked=st.integers(0, 5))
def test_measures_equal_their_definition(relevant, k, unranked):
    relevant[:, 0] = True
    totals = relevant.sum(axis=1) + unranked
    expected = [precision_by_definition(row, k) for row in relevant]
    assert precision_at(relevant, k) == pytest.approx(expected)
    pairs = zip(relevant, totals, strict=True)
    expected = [average_precision_by_definition(row, total) for row, total in pairs]
    assert average_precision(relevant, totals) == pytest.approx(expected)


@pytest.mark.parametrize("totals", [None, np.array([0]), np.array([2, 2])])
def test_average_precision_without_anything_relevant_is_refused(totals):
    with pytest.raises(ValueError, match="at least one relevant"):
        average_precision(ranking("..."), totals)


def test_fewer_relevant_in_all_than_in_the_ranking_are_refused():
    with pytest.raises(ValueError, match="no fewer"):
        average_precision(ranking("xx."), np.array([1]))


def test_k_of_zero_is_refused():
    with pytest.raises(ValueError, match="Received: 0"):
        precision_at(ranking("x"), 0)


@pytest.mark.parametrize("measure", [average_precision, lambda relevant: precision_at(relevant, 1)])
@pytest.mark.parametrize("relevant", [np.ones((2, 3)), np.ones(3, bool)])
def test_what_is_no_table_of_truths_is_refused(measure, relevant):
    with pytest.raises(ValueError, match="must be bool"):
        measure(relevant)
