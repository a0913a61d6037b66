"""Compares the gradients of losses with central finite differences, in float64."""

from collections.abc import Callable
from typing import Any

import numpy as np

STEP = 1e-6


def assert_gradient_is_the_slope(loss: Callable[[Any], Any], at: np.ndarray) -> None:
    """Check the gradient of a loss's sum at a point (n, dim), which must have one."""
    import tensorflow as tf

    variable = tf.Variable(at.astype(np.float64))
    with tf.GradientTape() as tape:
        losses = loss(variable.value())
        total = tf.reduce_sum(losses)
    assert losses.dtype == tf.float64
    found = np.asarray(tape.gradient(total, variable))
    assert np.abs(found).max() > 0.01
    np.testing.assert_allclose(found, slopes(loss, at), rtol=1e-5, atol=1e-7)


def slopes(loss: Callable[[Any], Any], at: np.ndarray) -> np.ndarray:
    """Return the central differences of a loss's sum along each number of a point."""
    import tensorflow as tf

    found = np.empty(at.shape)
    for place in np.ndindex(*at.shape):
        sums = []
        for step in (STEP, -STEP):
            moved = at.astype(np.float64)
            moved[place] += step
            sums.append(float(np.asarray(loss(tf.constant(moved))).sum()))
        found[place] = (sums[0] - sums[1]) / (2 * STEP)
    return found
