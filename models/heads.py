"""Dense layers after pooling: how they are written down, and laid out in Keras."""

import re
from dataclasses import dataclass
from typing import Any

from models.errors import NetworkError

ACTIVATIONS = ("linear", "relu", "tanh")
MOST_WIDTH = 4096
"""Numbers that a layer of a head gives at most."""

_PREFIX = "head_"
_DENSE = re.compile(r"\s*(\d{1,9})\s+(\w+)\s*", re.ASCII)


@dataclass(frozen=True)
class Dense:
    """One layer of a head.

    Attributes:
        width: numbers that it gives, 1 to 4096.
        activation: "linear", "relu" or "tanh".
    """

    width: int
    activation: str


def parse(text: str) -> tuple[Dense, ...]:
    """Read a head, such as "256 relu, 48 tanh"; none of no text.

    Raises:
        NetworkError: the text is no head; the message says which part of it.
    """
    return tuple(_dense(part) for part in text.split(",")) if text.strip() else ()


def text_of(head: tuple[Dense, ...]) -> str:
    """Write a head down in the one way in which fingerprints hold it."""
    return ", ".join(f"{layer.width} {layer.activation}" for layer in head)


def layer_names(head: tuple[Dense, ...]) -> list[str]:
    """Return what the layers of a head are called in Keras and in weight files."""
    return [f"{_PREFIX}{number}" for number in range(1, len(head) + 1)]


def is_of_head(layer: str) -> bool:
    """Say whether a layer is of a head, by its name."""
    return layer.startswith(_PREFIX)


def lay_head(head: tuple[Dense, ...], pooled: Any) -> Any:
    """Lay the layers of a head over pooled features.

    Args:
        head: as `parse` reads it.
        pooled: Keras tensor (n, dim).

    Returns:
        Keras tensor (n, width of the last layer); the pooled features themselves without a head.
    """
    from keras import layers

    tensor = pooled
    for name, layer in zip(layer_names(head), head, strict=True):
        tensor = layers.Dense(layer.width, activation=layer.activation, name=name)(tensor)
    return tensor


def _dense(part: str) -> Dense:
    found = _DENSE.fullmatch(part)
    if not found or found[2] not in ACTIVATIONS or not 1 <= int(found[1]) <= MOST_WIDTH:
        raise NetworkError(
            f"A head is a list of layers such as '256 relu, 48 tanh': each a width of 1 to "
            f"{MOST_WIDTH} and one of {', '.join(ACTIVATIONS)}. Received: {part.strip()!r}."
        )
    return Dense(int(found[1]), found[2])
