"""Pictures are described in a few bits: a layer of tanh whose signs are kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from models.engines.base import Float32
from models.errors import TrainingRefused
from models.training.batches import Balanced, shuffled, steps_of
from models.training.classes import Labels
from models.training.examples import Positions
from models.training.heldout import Sides
from models.training.losses import hashing, ranking
from models.training.methods.base import Batch, dense, dropped
from models.training.methods.classifier import (
    by_class,
    class_found,
    classes_layer,
    cross_entropy,
    held_out_by_class,
)
from models.training.methods.triplet import mined, mined_against

Supervision = Literal["classes", "pairwise", "triplet"]
SUPERVISION: tuple[Supervision, ...] = ("classes", "pairwise", "triplet")
"""What codes learn from: a classifier over them, all pairs of a batch, or its hard triplets."""

MIN_BITS, MAX_BITS = 16, 256


@dataclass(frozen=True)
class HashMethod:
    """Codes of a class are alike, close to their signs, and half of their bits are set.

    With "classes" it is the method of Yang, Lin and Chen, "Supervised Learning of
    Semantics-Preserving Hash via Deep Convolutional Neural Networks", 2018, equation 6; with
    "pairwise" that of Li, Wang and Kang, 2016; see models.training.losses.hashing.

    Attributes:
        bits: of a code.
        classes: how many there are.
        supervision: one of SUPERVISION.
        quantisation: weight of what is lost by keeping signs only.
        balance: weight of how far a code is from having half of its bits set.
        dropout: share of the pooled feature that is dropped while learning.
        smoothing: share of each target that is spread over all classes.
        batch_size: pictures that are learnt from together.

    Raises:
        TrainingRefused: a number of bits that codes cannot have.
    """

    bits: int
    classes: int
    supervision: Supervision = "classes"
    quantisation: float = 0.1
    balance: float = 0.1
    dropout: float = 0.0
    smoothing: float = 0.0
    batch_size: int = 32

    def __post_init__(self) -> None:
        if not MIN_BITS <= self.bits <= MAX_BITS:
            raise TrainingRefused(
                f"Codes have {MIN_BITS} to {MAX_BITS} bits. Received: {self.bits}."
            )

    @property
    def name(self) -> str:
        """Return what users call it."""
        return "hash"

    @property
    def head(self) -> str:
        """Return the layers that are kept for the encoder."""
        return f"{self.bits} tanh"

    def outputs(self, feature: Any) -> Any:
        """Return codes, and beside them the classes' scores where these are learnt from."""
        from keras import layers

        codes = dense(self.bits, "tanh", 1)(dropped(feature, self.dropout))
        if self.supervision != "classes":
            return codes
        scores = classes_layer(self.classes)(codes)
        return layers.Concatenate(dtype="float32", name="codes_and_classes")([codes, scores])

    def loss(self, targets: Any, outputs: Any) -> Any:
        """Return the losses of the pictures (n,)."""
        codes = outputs[:, : self.bits]
        return (
            self._supervised(targets, outputs)
            + self.quantisation * hashing.quantisation_loss(codes)
            + self.balance * hashing.balance_loss(codes)
        )

    def _supervised(self, targets: Any, outputs: Any) -> Any:
        if self.supervision == "classes":
            return cross_entropy(targets, outputs[:, self.bits :], self.smoothing)
        if self.supervision == "pairwise":
            return hashing.pairwise_loss(targets[:, 0], outputs)
        # The square of the distance of two codes is four times the number of bits they differ in.
        return ranking.batch_hard_loss(targets[:, 0], outputs, gap=self.bits**0.5)

    def right(self, targets: Any, outputs: Any) -> Any:
        """Return the pictures whose class is found, or the triplets ranked right, (m,)."""
        if self.supervision == "classes":
            return class_found(targets, outputs[:, self.bits :])
        return ranking.share_ranked_right(targets[:, 0], outputs, targets[:, 1])

    def steps(self, labels: Labels) -> int:
        """Return the number of batches in an epoch."""
        if self.supervision == "classes":
            return steps_of(len(labels), self.batch_size)
        return Balanced(self.batch_size).steps(labels)

    def batches(self, labels: Labels, epoch: int, seed: int) -> Iterator[Batch]:
        """Yield all pictures in a new order, or balanced batches."""
        if self.supervision != "classes":
            return mined(labels, Balanced(self.batch_size), epoch, seed)
        return by_class(labels, shuffled(len(labels), self.batch_size, seed=seed, epoch=epoch))

    def checks(self, sides: Sides, seed: int) -> Iterator[Batch]:
        """Yield all held out pictures in their order, or with others that are learnt from."""
        if self.supervision == "classes":
            return held_out_by_class(sides)
        return mined_against(sides, Balanced(self.batch_size), seed)

    def predicted(self, outputs: Float32) -> Positions | None:
        """Return the likeliest class of each picture, int64 (n,), where classes are learnt from."""
        if self.supervision != "classes":
            return None
        return np.asarray(outputs[:, self.bits :].argmax(axis=1), np.int64)

    def compared(self, outputs: Float32) -> Float32:
        """Return codes, 1 or -1, (n, bits)."""
        return np.where(outputs[:, : self.bits] > 0, 1, -1).astype(np.float32)
