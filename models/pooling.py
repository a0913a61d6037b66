"""A map of features becomes one feature: avg, max or gem."""

from collections.abc import Callable
from typing import Any

from models.errors import UnknownNetwork

GEM_POWER = 3.0
GEM_EPSILON = 1e-6


def avg(features: Any) -> Any:
    """Average over all places: Keras tensor (n, h, w, c) -> (n, c)."""
    from keras import ops

    return ops.mean(features, axis=(1, 2))


def maximum(features: Any) -> Any:
    """Take the largest value over all places: Keras tensor (n, h, w, c) -> (n, c)."""
    from keras import ops

    return ops.max(features, axis=(1, 2))


def gem(features: Any) -> Any:
    """Take the generalised mean, of power 3, over all places: (n, h, w, c) -> (n, c).

    Radenovic, Tolias and Chum, "Fine-tuning CNN Image Retrieval with No Human Annotation", 2018,
    equation 3; values are raised to 1e-6 at least, as in the authors' own program.
    """
    from keras import ops

    powers = ops.power(ops.maximum(features, GEM_EPSILON), GEM_POWER)
    return ops.power(ops.mean(powers, axis=(1, 2)), 1.0 / GEM_POWER)


POOLINGS: dict[str, Callable[[Any], Any]] = {"avg": avg, "max": maximum, "gem": gem}
"""Name of a pooling -> what it does to a map."""


def pooling(name: str) -> Callable[[Any], Any]:
    """Return the pooling of that name.

    Raises:
        UnknownNetwork: there is none of that name; the message lists them.
    """
    if name not in POOLINGS:
        raise UnknownNetwork(f"There is no pooling '{name}'. Choose one of: {', '.join(POOLINGS)}.")
    return POOLINGS[name]
