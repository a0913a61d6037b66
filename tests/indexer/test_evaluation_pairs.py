"""Pairs: read, compared, and told apart as brute force tells them."""

import numpy as np
import pytest

from indexer.evaluation.errors import BadTable, NothingToMeasure
from indexer.evaluation.judgements.pairs import Pair, likeness, read_pairs, verify


def test_pairs_are_read_with_and_without_answers(tmp_path):
    file = tmp_path / "pairs.csv"
    file.write_text("first,second,same\na.jpg,b.jpg,same\nc.jpg,d.jpg,Different\ne.jpg,f.jpg,\n")
    assert read_pairs(file) == (
        Pair("a.jpg", "b.jpg", True),
        Pair("c.jpg", "d.jpg", False),
        Pair("e.jpg", "f.jpg"),
    )
    file.write_text("first,second\na.jpg,b.jpg\n")
    assert read_pairs(file) == (Pair("a.jpg", "b.jpg"),)


def test_other_answers_are_refused(tmp_path):
    file = tmp_path / "pairs.csv"
    file.write_text("first,second,same\na.jpg,b.jpg,yes\n")
    with pytest.raises(BadTable, match=r"pairs\.csv, line 2: .*Received: 'yes'"):
        read_pairs(file)


def test_pairs_are_as_alike_as_a_loop_says():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 20, 5)).astype(np.float32)
    second[3] = 2 * first[3]
    first[4] = 0
    found = likeness(first, second)
    for row, (a, b) in enumerate(zip(first.astype(float), second.astype(float), strict=True)):
        norms = np.linalg.norm(a) * np.linalg.norm(b)
        assert found.cosine[row] == pytest.approx(a @ b / norms if norms else 0)
        assert found.euclidean[row] == pytest.approx(np.linalg.norm(a - b))
    assert found.cosine[3] == pytest.approx(1)


def test_features_that_are_no_pairs_are_refused():
    with pytest.raises(ValueError, match=r"Received: \(2, 3\), \(1, 3\)"):
        likeness(np.zeros((2, 3), np.float32), np.zeros((1, 3), np.float32))


@pytest.mark.parametrize("seed", range(10))
def test_auc_and_threshold_are_those_of_brute_force(seed):
    rng = np.random.default_rng(seed)
    scores = np.round(rng.normal(size=40), 1)  # with ties
    same = rng.random(40) < 0.4
    scores[same] += 0.5
    found = verify(scores, same)
    wins = [(a > b) + (a == b) / 2 for a in scores[same] for b in scores[~same]]
    assert found.auc == pytest.approx(np.mean(wins))
    cuts = [-np.inf, *scores, np.inf]
    assert found.accuracy == pytest.approx(max(((scores >= cut) == same).mean() for cut in cuts))
    assert ((scores >= found.threshold) == same).mean() == pytest.approx(found.accuracy)
    assert (found.same, found.different) == (same.sum(), 40 - same.sum())


def test_what_lies_apart_is_told_apart():
    found = verify(np.array([0.9, 0.2, 0.4]), np.array([True, False, False]))
    assert (found.auc, found.accuracy, found.threshold) == (1, 1, pytest.approx(0.65))


def test_pairs_of_one_kind_tell_nothing():
    with pytest.raises(NothingToMeasure, match="Received: 2 and 0"):
        verify(np.array([0.1, 0.2]), np.array([True, True]))
