"""Ends and ranks of rankings that are not sorted: those of a stable sort."""

import numpy as np
import pytest

from indexer.evaluation import standings
from indexer.evaluation.standings import Ranks, ends, ranks_of


def found(count, values=None, seed=0):
    """Draw distances; of few values, so that many tie."""
    random = np.random.default_rng(seed)
    drawn = random.random(count) if values is None else random.integers(0, values, count) - 1.0
    return drawn.astype(np.float32)


@pytest.mark.parametrize("values", [None, 1, 3, 40])
@pytest.mark.parametrize(("first", "last"), [(20, 10), (1, 1), (0, 5), (7, 0), (500, 500)])
def test_the_ends_are_those_of_a_stable_sort(values, first, last):
    distances = found(200, values)
    order = np.argsort(distances, kind="stable")
    near, far = ends(distances, first, last)
    assert near.tolist() == order[:first].tolist()
    assert far.tolist() == order[::-1][:last].tolist()


def test_nothing_has_no_ends():
    assert [each.tolist() for each in ends(found(0), 20, 10)] == [[], []]
    assert ranks_of(found(0), np.zeros(0, np.int64)).tolist() == []


@pytest.mark.parametrize("few", [0, 10**6])
@pytest.mark.parametrize("values", [None, 1, 3, 40])
@pytest.mark.parametrize("count", [0, 1, 30, 200])
def test_the_ranks_are_those_of_a_stable_sort(few, values, count, monkeypatch):
    monkeypatch.setattr(standings, "FEW", few)
    distances = found(200, values)
    places = np.sort(np.random.default_rng(1).permutation(200)[:count])
    order = np.argsort(distances, kind="stable")
    expected = np.flatnonzero(np.isin(order, places)) + 1
    assert ranks_of(distances, places).tolist() == expected.tolist()


def test_minus_zero_ties_with_zero():
    distances = np.array([0.0, -0.0, 1.0, -0.0], np.float32)
    assert ranks_of(distances, np.array([1, 3])).tolist() == [2, 3]
    assert ends(distances, 2, 2)[0].tolist() == [0, 1]


def test_ranks_of_whole_rankings_and_of_lists_are_the_same():
    relevant = np.array([[True, False, True], [False, False, False], [False, True, False]])
    whole = Ranks.of(relevant)
    listed = Ranks.joined([np.array([1, 3]), np.zeros(0, np.int64), np.array([2])])
    for each in ("counts", "ranks", "queries", "ordinals"):
        assert getattr(whole, each).tolist() == getattr(listed, each).tolist()
    assert whole.queries.tolist() == [0, 0, 2]
    assert whole.ordinals.tolist() == [1, 2, 1]
