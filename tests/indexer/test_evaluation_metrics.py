"""Measures of rankings: equal to what is computed by hand and by the definition, in loops."""

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from indexer.evaluation.metrics import (
    average_precision,
    average_precision_at,
    compressed,
    first_rank,
    mean_of_hits,
    mean_rank,
    ndcg_at,
    precision_at,
    recall_at,
    recall_of,
    trapezoidal_precision,
    triplet_accuracy,
)
from tests.indexer.by_hand import compute_ap

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


@pytest.mark.parametrize(
    "measure",
    [
        average_precision,
        trapezoidal_precision,
        first_rank,
        mean_rank,
        lambda relevant: recall_at(relevant, 2),
        lambda relevant: ndcg_at(relevant, 2),
        lambda relevant: average_precision_at(relevant, 2),
    ],
)
def test_what_is_not_defined_without_anything_relevant_is_nan(measure):
    found = measure(np.array([[False, False, False], [True, False, False]]))
    assert np.isnan(found).tolist() == [True, False]


def test_precision_without_anything_relevant_is_zero():
    assert precision_at(ranking("..."), 2).tolist() == [0]


def test_totals_of_other_queries_are_refused():
    with pytest.raises(ValueError, match="Every query needs"):
        average_precision(ranking("x.."), np.array([2, 2]))


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


@pytest.mark.parametrize(
    ("marks", "k", "totals", "expected"),
    [
        ("x.x", 3, 2, (1 + 2 / 3) / 2),
        ("xx.x", 2, 3, 1),  # of three right answers, two are all that two hits can be
        ("xx.x", 10, 4, (1 + 1 + 3 / 4) / 4),
    ],
)
def test_average_precision_of_the_first_hits_by_hand(marks, k, totals, expected):
    found = average_precision_at(ranking(marks), k, np.array([totals]))
    assert found == pytest.approx([expected])


def test_ranks_by_hand():
    assert first_rank(ranking("..x.x")).tolist() == [3]
    assert mean_rank(ranking("..x.x")).tolist() == [4]


def test_hits_that_are_taken_out_let_others_move_up():
    keep = ranking("x..x")
    assert compressed(np.array([[5, 6, 7, 8]]), keep, -1).tolist() == [[5, 8, -1, -1]]
    assert compressed(ranking("xxx."), keep, False).tolist() == [[True, False, False, False]]


def test_triplets_count_half_where_both_are_as_near():
    found = triplet_accuracy(np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0]))
    assert found.tolist() == [1, 0.5, 0]


def test_triplets_without_both_distances_are_refused():
    with pytest.raises(ValueError, match="both distances"):
        triplet_accuracy(np.zeros(2), np.zeros(1))


def test_means_of_hits_leave_missing_ones_out():
    found = mean_of_hits(np.array([[1.0, 3.0], [2.0, np.nan], [np.nan, np.nan]]))
    assert found[:2].tolist() == [2, 2]
    assert np.isnan(found[2])


def test_recall_counts_what_is_among_the_nearest_or_as_near():
    ids, truth = np.array([[1, 2, 9], [4, -1, -1]]), np.array([[1, 2, 3], [5, 6, -1]])
    near = np.array([[True, False, True], [False, False, False]])
    assert recall_of(ids, near, truth).tolist() == [1, 0]
    assert recall_of(ids, np.zeros_like(near), truth).tolist() == [2 / 3, 0]


@given(
    kinds=arrays.arrays(
        np.int8, st.tuples(st.integers(1, 5), st.integers(1, 60)), elements=st.integers(0, 2)
    ),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_area_by_trapezoids_is_that_of_oxford(kinds, seed):
    """Kinds of the pictures: 0 wrong, 1 right, 2 junk; rankings are permutations of them."""
    kinds[:, 0] = 1
    random = np.random.default_rng(seed)
    rankings = np.stack([random.permutation(kinds.shape[1]) for _ in kinds])
    ordered = np.take_along_axis(kinds, rankings, axis=1)
    found = trapezoidal_precision(compressed(ordered == 1, ordered != 2, False))
    expected = [
        compute_ap(ranked.tolist(), {*np.flatnonzero(of == 1)}, {*np.flatnonzero(of == 2)})
        for ranked, of in zip(rankings, kinds, strict=True)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-12)


@given(relevant=RELEVANT, k=st.sampled_from([1, 5, 10, 20]), unranked=st.integers(0, 15))
def test_measures_equal_those_of_trec_eval(relevant, k, unranked):
    relevant[:, -1] = True
    totals = relevant.sum(axis=1) + unranked
    judged, runs = {}, {}
    for number, row in enumerate(relevant):
        marks = {f"hit{at}": int(right) for at, right in enumerate(row)}
        judged[str(number)] = marks | {f"unranked{at}": 1 for at in range(unranked)}
        runs[str(number)] = {f"hit{at}": float(-at) for at in range(len(row))}
    wanted = {"map", "recip_rank", f"P.{k}", f"recall.{k}", f"map_cut.{k}", f"ndcg_cut.{k}"}
    trec = pytrec_eval.RelevanceEvaluator(judged, wanted).evaluate(runs)

    def of(name):
        return [trec[str(number)][name] for number in range(len(relevant))]

    assert average_precision(relevant, totals) == pytest.approx(of("map"))
    assert 1 / first_rank(relevant) == pytest.approx(of("recip_rank"))
    assert precision_at(relevant, k) == pytest.approx(of(f"P_{k}"))
    assert recall_at(relevant, k, totals) == pytest.approx(of(f"recall_{k}"))
    assert ndcg_at(relevant, k, totals) == pytest.approx(of(f"ndcg_cut_{k}"))
    # Theirs is divided by all right answers, ours by those that k hits can be.
    ours = average_precision_at(relevant, k, totals) * np.minimum(totals, k) / totals
    assert ours == pytest.approx(of(f"map_cut_{k}"))
