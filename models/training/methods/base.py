"""What every method of learning from labelled pictures has to say of itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.engines.base import Float32
from models.training.classes import Labels
from models.training.examples import Positions
from models.training.heldout import Sides


@dataclass(frozen=True)
class Batch:
    """Pictures that are learnt from together.

    Attributes:
        positions: of the pictures among the labels that were given, int64 (b,).
        targets: what the loss is told of them (b, t).
        weights: of their losses, float32 (b,), 1 on average, or None where all weigh the same.
    """

    positions: Positions
    targets: NDArray[Any]
    weights: Float32 | None = None


class Method(Protocol):
    """A way to learn: frozen, and the same for pictures to learn from and held out ones.

    Attributes:
        name: what users call it.
        head: the dense layers after pooling that are kept for the encoder, as in
            "256 relu, 48 tanh", or "" where the pooled feature is what is kept.
    """

    @property
    def name(self) -> str: ...

    @property
    def head(self) -> str: ...

    def outputs(self, feature: Any) -> Any:
        """Lay the method's own layers over pooled features, Keras tensors (n, dim) -> (n, o)."""

    def loss(self, targets: Any, outputs: Any) -> Any:
        """Return losses (m,), a mean of which is learnt from."""

    def right(self, targets: Any, outputs: Any) -> Any:
        """Return what is right, from 0 to 1, (m,): of classes, triplets or pairs."""

    def steps(self, labels: Labels) -> int:
        """Return the number of batches in an epoch."""

    def batches(self, labels: Labels, epoch: int, seed: int) -> Iterator[Batch]:
        """Yield the batches of an epoch from 0 over the pictures that are learnt from."""

    def checks(self, sides: Sides, seed: int) -> Iterator[Batch]:
        """Yield batches to measure held out pictures with, the same at each call.

        Their positions are among all labels of both sides: held out pictures may be compared with
        those that are learnt from. All classes weigh as they do in `batches`. There are none where
        nothing can be measured.
        """

    def predicted(self, outputs: Float32) -> NDArray[np.int64] | None:
        """Return the likeliest class of each picture of outputs (n, o), or None without classes."""

    def compared(self, outputs: Float32) -> Float32 | None:
        """Return what searches compare of outputs (n, o), or None for the pooled feature."""


def dense(width: int, activation: str, number: int) -> Any:
    """Return a layer of the head, named for its place in it, from 1."""
    from keras import layers

    return layers.Dense(width, activation=activation, dtype="float32", name=f"head_{number}")


def dropped(tensor: Any, share: float) -> Any:
    """Drop a share of a tensor while learning, if any."""
    from keras import layers

    return layers.Dropout(share, dtype="float32")(tensor) if share else tensor


def column(values: NDArray[Any]) -> NDArray[Any]:
    """Return (n, 1) of (n,), as Keras wants targets."""
    return values[:, None]
