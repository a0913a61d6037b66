"""Losses of codes, by hand and by finite differences."""

import numpy as np
import pytest

from models.training.losses import hashing
from tests.models.gradients import assert_gradient_is_the_slope

LABELS = np.array([0, 0, 1, 2, 1])


def codes(seed: int = 1) -> np.ndarray:
    return np.tanh(np.random.default_rng(seed).normal(size=(5, 4)))


def test_quantisation_loss_by_hand() -> None:
    found = hashing.quantisation_loss(np.array([[1.0, -1.0], [0.5, 0.0], [-0.5, 1.0]]))
    np.testing.assert_allclose(np.asarray(found), [0, (0.25 + 1) / 2, 0.125])


def test_balance_loss_is_nothing_where_half_of_the_bits_are_set() -> None:
    found = hashing.balance_loss(np.array([[1.0, 1, -1, -1], [1, 1, 1, -1], [-1, -1, -1, -1]]))
    np.testing.assert_allclose(np.asarray(found), [0, 0.25, 1])


def test_balance_loss_is_four_times_that_of_activations_from_0_to_1() -> None:
    """The paper's units fire between 0 and 1, and should have a mean of one half."""
    published = ((codes() + 1) / 2).mean(axis=1)
    expected = 4 * np.abs(published - 0.5) ** 2
    np.testing.assert_allclose(np.asarray(hashing.balance_loss(codes())), expected)


def test_pairwise_loss_is_the_likelihood_of_all_pairs() -> None:
    found, given = np.asarray(hashing.pairwise_loss(LABELS[:, None], codes())), codes()
    for i in range(5):
        chances = []
        for j in set(range(5)) - {i}:
            chance = 1 / (1 + np.exp(-given[i] @ given[j] / 2))
            chances.append(chance if LABELS[i] == LABELS[j] else 1 - chance)
        assert found[i] == pytest.approx(-np.mean(np.log(chances)))


def test_gradients_are_those_of_finite_differences() -> None:
    assert_gradient_is_the_slope(hashing.quantisation_loss, codes(2))
    assert_gradient_is_the_slope(hashing.balance_loss, codes(3))
    assert_gradient_is_the_slope(lambda given: hashing.pairwise_loss(LABELS, given), codes(4))
