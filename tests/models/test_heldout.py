"""Held out pictures are compared with those that are learnt from, all classes alike."""

from collections import Counter

import numpy as np
import pytest

from models.training.batches import Balanced
from models.training.heldout import MOST_ASKED, Sides, batches_against, pairs_against
from models.training.heldout import triplets_against as triplets

THREES = Sides(np.repeat(np.arange(4), 3), np.flatnonzero(np.arange(12) % 3), np.arange(0, 12, 3))
"""Four classes of three pictures, of which one each is held out."""

LABELS = np.array([0] * 40 + [1] * 12 + [2] * 2 + [3])
HELD_OUT = np.concatenate([np.arange(20), np.arange(40, 44), [52, 54]])
UNEVEN = Sides(LABELS, np.setdiff1d(np.arange(55), HELD_OUT), HELD_OUT)
"""One class has no picture that is learnt from."""


@pytest.mark.parametrize("sides", [THREES, UNEVEN])
def test_triplets_have_held_out_anchors_and_others_that_are_learnt_from(sides: Sides) -> None:
    anchors, near, far = triplets(sides, 1).T
    assert np.isin(anchors, sides.held_out).all()
    assert np.isin(np.concatenate([near, far]), sides.shown).all()
    assert (sides.labels[anchors] == sides.labels[near]).all()
    assert (sides.labels[anchors] != sides.labels[far]).all()


def test_classes_weigh_the_same_and_each_picture_asks_that_can() -> None:
    counts = Counter(LABELS[triplets(UNEVEN, 1)[:, 0]].tolist())
    assert counts == {0: 20, 1: 20, 2: 20}
    asked = set(triplets(UNEVEN, 1)[:, 0].tolist())
    assert asked == set(HELD_OUT.tolist()) - {54}


def test_triplets_are_bounded() -> None:
    labels = np.arange(3 * MOST_ASKED) % 2
    sides = Sides(labels, np.arange(MOST_ASKED), np.arange(MOST_ASKED, 3 * MOST_ASKED))
    assert len(triplets(sides, 1)) == MOST_ASKED


@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_pairs_are_of_a_held_out_picture_and_one_that_is_learnt_from(ratio: float) -> None:
    pairs = pairs_against(UNEVEN, ratio, 1)
    first, second = pairs.positions.T
    assert np.isin(first, UNEVEN.held_out).all()
    assert np.isin(second, UNEVEN.shown).all()
    np.testing.assert_array_equal(LABELS[first] == LABELS[second], pairs.same)
    assert pairs.same.sum() == round(60 * ratio / (1 + ratio))


@pytest.mark.parametrize("sides", [THREES, UNEVEN])
@pytest.mark.parametrize("size", [4, 8, 32])
def test_batches_ask_each_held_out_picture_once_among_others(sides: Sides, size: int) -> None:
    asked: Counter[int] = Counter()
    weights: Counter[int] = Counter()
    total = 0
    for batch in batches_against(sides, Balanced(size), 1):
        labels = sides.labels[batch.positions]
        asks = batch.asking == 1
        assert np.isin(batch.positions[asks], sides.held_out).all()
        assert np.isin(batch.positions[~asks], sides.shown).all()
        assert not batch.weights[~asks].any()
        for picture, label in zip(batch.positions[asks], labels[asks], strict=True):
            assert (labels[~asks] == label).any()
            assert (labels != label).any()
            asked[int(picture)] += 1
        for label, weight in zip(labels, batch.weights, strict=True):
            weights[int(label)] += float(weight)
        total += len(labels)
    assert asked == Counter(sides.comparable().tolist())
    assert sum(weights.values()) == pytest.approx(total)
    known = [weight for weight in weights.values() if weight]
    assert known == pytest.approx([known[0]] * len(known), rel=1e-5)


def test_nothing_is_compared_where_nothing_can_be() -> None:
    nobody = np.arange(0)
    for sides in (
        Sides(np.zeros(4, np.int64), np.arange(2), np.arange(2, 4)),  # no other class
        Sides(np.arange(4), np.arange(2), np.arange(2, 4)),  # classes that are not learnt
        Sides(np.arange(4) % 2, np.arange(4), nobody),
    ):
        assert not len(triplets(sides, 1))
        assert not len(pairs_against(sides, 1.0, 1).same)
        assert list(batches_against(sides, Balanced(8), 1)) == []


def test_what_is_compared_is_the_same_at_each_call() -> None:
    np.testing.assert_array_equal(triplets(UNEVEN, 1), triplets(UNEVEN, 1))
    one, other = (list(batches_against(UNEVEN, Balanced(8), 1)) for _ in range(2))
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(first.positions, second.positions)
