"""mP@10 of the revisited Oxford and Paris: what the published program computes."""

import numpy as np
import pytest

from indexer.evaluation.errors import EvaluationError
from indexer.evaluation.finding import find_exactly
from indexer.evaluation.measures import measure_of
from indexer.evaluation.metrics import precision_at, revisited_precision_at
from indexer.evaluation.protocols.oxford import Oxford
from tests.indexer.evaluating import drawn


def published(ranking, right, junk, kappa):
    """Transcribe what compute_map of revisitop/python/evaluate.py does for one query and kappa."""
    if len(right) == 0:
        return float("nan")
    pos = np.arange(len(ranking))[np.isin(ranking, right)]
    aside = np.arange(len(ranking))[np.isin(ranking, junk)]
    k = ij = 0
    if len(aside):
        ip = 0
        while ip < len(pos):
            while ij < len(aside) and pos[ip] > aside[ij]:
                k += 1
                ij += 1
            pos[ip] = pos[ip] - k
            ip += 1
    pos += 1
    kq = min(max(pos), kappa)
    return (pos <= kq).sum() / kq


@pytest.mark.parametrize("k", [1, 5, 10])
def test_it_is_what_the_published_program_computes(k):
    random = np.random.default_rng(k)
    for _ in range(200):
        size = int(random.integers(1, 40))
        ranking, kinds = random.permutation(size), random.integers(0, 3, size)
        right, junk = np.flatnonzero(kinds == 1), np.flatnonzero(kinds == 2)
        left = ranking[~np.isin(ranking, junk)]
        relevant = np.isin(left, right)[None]
        expected = published(ranking, right, junk, k)
        found = revisited_precision_at(relevant, k)[0]
        assert found == pytest.approx(expected, nan_ok=True)


def test_three_right_answers_in_front_are_all_there_is_to_find():
    relevant = np.array([[True, True, True] + [False] * 20])
    assert revisited_precision_at(relevant, 10).tolist() == [1]
    assert precision_at(relevant, 10).tolist() == [0.3]


def test_right_answers_that_are_not_ranked_stand_behind_all_others():
    relevant = np.array([[True, False], [False, False]])
    assert revisited_precision_at(relevant, 10, np.array([2, 1])).tolist() == [0.1, 0]


def test_exact_searches_measure_it_with_junk_taken_out():
    task, system = drawn()
    found = find_exactly(task, system, "euclidean")[0]
    features = system.store.take(np.argsort(system.places))
    for number, query in enumerate(system.queries.astype(np.float64)):
        ranking = np.argsort(np.linalg.norm(features - query, axis=1), kind="stable")
        junk = np.flatnonzero(task.truth.junk[number])
        right = np.setdiff1d(np.flatnonzero(task.truth.right[number]), junk)
        expected = published(ranking, right, junk, 10)
        assert found.measures["mP@10"][number] == pytest.approx(expected, nan_ok=True)


def test_it_is_named_for_any_number_of_hits():
    assert "mP@10" in Oxford.measures
    assert measure_of("mP@5").title == "mP@5"
    with pytest.raises(EvaluationError):
        measure_of("mP@0")
