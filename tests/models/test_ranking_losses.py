"""Losses of distances between features, by hand, by brute force and by finite differences."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from models.training.losses import ranking
from tests.models.gradients import assert_gradient_is_the_slope

LABELS = np.array([0, 0, 0, 1, 1, 2, 3, 3])
"""Three of a class, two of two others, and one alone."""


def features(seed: int, count: int = 8) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 3))


def distance(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.sqrt(((first - second) ** 2).sum()))


def computed(loss: Callable[..., Any], *arguments: Any, **options: float) -> np.ndarray:
    return np.asarray(loss(*arguments, **options))


def test_triplet_loss_by_hand() -> None:
    anchors = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    positives = np.array([[3.0, 4.0], [1.0, 0.0], [1.0, 1.0]])
    negatives = np.array([[0.0, 2.0], [0.0, 9.0], [1.0, 1.0]])
    found = computed(ranking.triplet_loss, anchors, positives, negatives)
    np.testing.assert_allclose(found, [1 + 5 - 2, 0, 1])
    wider = computed(ranking.triplet_loss, anchors, positives, negatives, gap=9.0)
    np.testing.assert_allclose(wider, [9 + 5 - 2, 9 + 1 - 9, 9])


def test_ranked_right_says_whether_the_positive_is_nearer() -> None:
    anchors, near, far = np.zeros((1, 2)), np.ones((1, 2)), np.full((1, 2), 2.0)
    assert computed(ranking.ranked_right, anchors, near, far).tolist() == [1]
    assert computed(ranking.ranked_right, anchors, far, near).tolist() == [0]
    assert computed(ranking.ranked_right, anchors, near, near).tolist() == [0]


def test_contrastive_loss_by_hand() -> None:
    first = np.zeros((4, 2))
    second = np.array([[3.0, 4.0], [0.3, 0.4], [3.0, 4.0], [0.0, 0.0]])
    same = np.array([1, 0, 0, 0])
    found = computed(ranking.contrastive_loss, same, first, second)
    np.testing.assert_allclose(found, [25 / 2, 0.5**2 / 2, 0, 1 / 2])
    wider = computed(ranking.contrastive_loss, same, first, second, margin=6.0)
    np.testing.assert_allclose(wider, [25 / 2, 5.5**2 / 2, 1 / 2, 36 / 2])


def test_told_apart_compares_with_half_the_margin() -> None:
    first, second = np.zeros((4, 1)), np.array([[0.9], [0.9], [1.1], [1.1]])
    found = computed(ranking.told_apart, np.array([1, 0, 1, 0]), first, second, margin=2.0)
    assert found.tolist() == [1, 0, 0, 1]


def batch_hard(labels: np.ndarray, points: np.ndarray, gap: float) -> list[float]:
    """Follow equation 5 of Hermans et al. word by word."""
    losses = []
    for a, label in enumerate(labels):
        positives = [distance(points[a], points[p]) for p in others(labels, a, label)]
        negatives = [distance(points[a], points[n]) for n in np.flatnonzero(labels != label)]
        possible = positives and negatives
        losses.append(max(0.0, gap + max(positives) - min(negatives)) if possible else 0.0)
    return losses


def semi_hard(labels: np.ndarray, points: np.ndarray, gap: float) -> list[float]:
    """Take the nearest negative beyond each positive, or else the farthest."""
    losses = []
    for a, label in enumerate(labels):
        negatives = [distance(points[a], points[n]) for n in np.flatnonzero(labels != label)]
        found = []
        for p in others(labels, a, label):
            apart = distance(points[a], points[p])
            beyond = [n for n in negatives if n > apart]
            if negatives:
                found.append(max(0.0, gap + apart - (min(beyond) if beyond else max(negatives))))
        losses.append(float(np.mean(found)) if found else 0.0)
    return losses


def others(labels: np.ndarray, anchor: int, label: int) -> list[int]:
    return [at for at in np.flatnonzero(labels == label).tolist() if at != anchor]


@pytest.mark.parametrize("gap", [0.2, 1.0, 3.0])
@pytest.mark.parametrize("labels", [LABELS, np.zeros(8), np.arange(8)], ids=["some", "one", "all"])
def test_mining_finds_what_brute_force_finds(labels: np.ndarray, gap: float) -> None:
    points = features(1)
    hard = computed(ranking.batch_hard_loss, labels[:, None], points, gap)
    np.testing.assert_allclose(hard, batch_hard(labels, points, gap), atol=1e-6)
    semi = computed(ranking.semi_hard_loss, labels[:, None], points, gap)
    np.testing.assert_allclose(semi, semi_hard(labels, points, gap), atol=1e-6)


def test_semi_hard_takes_the_farthest_negative_where_none_lies_beyond() -> None:
    labels, points = np.array([0, 0, 1, 1]), np.array([[0.0], [9.0], [2.0], [3.0]])
    found = computed(ranking.semi_hard_loss, labels, points, 1.0)
    assert found[0] == pytest.approx(1 + 9 - 3)
    assert found[1] == pytest.approx(1 + 9 - 7)


def test_share_ranked_right_counts_all_triplets_of_a_batch() -> None:
    points = features(2)
    right = [
        distance(points[a], points[p]) < distance(points[a], points[n])
        for a, p, n in product(range(8), repeat=3)
        if a != p and LABELS[a] == LABELS[p] and LABELS[a] != LABELS[n]
    ]
    assert 0 < sum(right) < len(right)
    found = computed(ranking.share_ranked_right, LABELS, points, np.ones(8))
    np.testing.assert_allclose(found, [np.mean(right)])


def test_share_ranked_right_is_of_the_pictures_that_are_asked_for() -> None:
    points, asking = features(2), np.arange(8) % 3 == 0
    right = [
        distance(points[a], points[p]) < distance(points[a], points[n])
        for a, p, n in product(range(8), repeat=3)
        if asking[a] and a != p and LABELS[a] == LABELS[p] and LABELS[a] != LABELS[n]
    ]
    found = computed(ranking.share_ranked_right, LABELS, points, asking)
    np.testing.assert_allclose(found, [np.mean(right)])


def test_all_distances_are_euclidean() -> None:
    points = features(3)
    expected = [[distance(first, second) for second in points] for first in points]
    np.testing.assert_allclose(computed(ranking.all_distances, points), expected, atol=1e-6)


@pytest.mark.parametrize("gap", [0.5, 2.0])
def test_gradients_are_those_of_finite_differences(gap: float) -> None:
    assert_gradient_is_the_slope(
        lambda points: ranking.triplet_loss(points[:4], points[4:8], points[8:], gap),
        features(4, 12),
    )
    for loss in (ranking.batch_hard_loss, ranking.semi_hard_loss):
        assert_gradient_is_the_slope(lambda points, of=loss: of(LABELS, points, gap), features(5))
    same = np.array([1, 0, 1, 0])
    assert_gradient_is_the_slope(
        lambda points: ranking.contrastive_loss(same, points[:4], points[4:], gap), features(6)
    )


def test_gradients_at_distance_nothing_are_finite() -> None:
    import tensorflow as tf

    points = tf.Variable(np.zeros((6, 3)))
    labels, same = np.array([0, 0, 0, 1, 1, 1]), np.array([1, 0, 1])
    for loss in (
        lambda: ranking.triplet_loss(points[:2], points[2:4], points[4:]),
        lambda: ranking.contrastive_loss(same, points[:3], points[3:]),
        lambda: ranking.batch_hard_loss(labels, points.value()),
        lambda: ranking.semi_hard_loss(labels, points.value()),
    ):
        with tf.GradientTape() as tape:
            value = tf.reduce_sum(loss())
        assert np.isfinite(np.asarray(tape.gradient(value, points))).all()
