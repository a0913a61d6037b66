"""Pictures are told apart by class: the feature that does it well is kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.engines.base import Float32
from models.training.batches import ASKED_AT_ONCE, parts, shuffled, steps_of
from models.training.classes import Labels
from models.training.examples import Positions
from models.training.heldout import Sides
from models.training.methods.base import Batch, column, dense, dropped


@dataclass(frozen=True)
class Classifier:
    """Dense layers over the pooled feature, and one more whose softmax is over the classes.

    Attributes:
        classes: how many there are.
        dense: widths of the dense layers between, each with a ReLU.
        dropout: share that is dropped while learning: before the first of them and after each.
        smoothing: share of each target that is spread over all classes. Source: Szegedy et al.,
            "Rethinking the Inception Architecture for Computer Vision", 2016, section 7.
        balanced: whether all classes weigh the same, however many pictures they have.
        kept: dense layers that belong to the encoder afterwards.
        batch_size: pictures that are learnt from together.
    """

    classes: int
    dense: tuple[int, ...] = ()
    dropout: float = 0.0
    smoothing: float = 0.0
    balanced: bool = True
    kept: int = 0
    batch_size: int = 32

    @property
    def name(self) -> str:
        """Return what users call it."""
        return "classifier"

    @property
    def head(self) -> str:
        """Return the layers that are kept for the encoder."""
        return ", ".join(f"{width} relu" for width in self.dense[: self.kept])

    def outputs(self, feature: Any) -> Any:
        """Return what the softmax is taken of, Keras tensors (n, dim) -> (n, classes)."""
        tensor = dropped(feature, self.dropout)
        for number, width in enumerate(self.dense, start=1):
            tensor = dropped(dense(width, "relu", number)(tensor), self.dropout)
        return classes_layer(self.classes)(tensor)

    def loss(self, targets: Any, outputs: Any) -> Any:
        """Return the cross-entropy (n,) of the softmax against classes (n, 1)."""
        return cross_entropy(targets, outputs, self.smoothing)

    def right(self, targets: Any, outputs: Any) -> Any:
        """Say of each picture whether its class is the likeliest, (n,)."""
        return class_found(targets, outputs)

    def steps(self, labels: Labels) -> int:
        """Return the number of batches in an epoch."""
        return steps_of(len(labels), self.batch_size)

    def batches(self, labels: Labels, epoch: int, seed: int) -> Iterator[Batch]:
        """Yield all pictures in a new order."""
        chosen = shuffled(len(labels), self.batch_size, seed=seed, epoch=epoch)
        return by_class(labels, chosen, balanced=self.balanced)

    def checks(self, sides: Sides, seed: int) -> Iterator[Batch]:
        """Yield all held out pictures in their order."""
        return held_out_by_class(sides, balanced=self.balanced)

    def predicted(self, outputs: Float32) -> Positions:
        """Return the likeliest class of each picture, int64 (n,)."""
        return np.asarray(outputs.argmax(axis=1), np.int64)

    def compared(self, outputs: Float32) -> None:
        """Return nothing: scores of classes are not what pictures are compared by."""


def classes_layer(classes: int) -> Any:
    """Return the layer whose softmax tells how likely each class is."""
    from keras import layers

    return layers.Dense(classes, dtype="float32", name="classes")


def by_class(
    labels: Labels, batches: Iterable[Positions], *, balanced: bool = True
) -> Iterator[Batch]:
    """Yield pictures with their classes.

    Args:
        labels: class of each picture, int64 (n,).
        batches: which pictures.
        balanced: whether all classes weigh the same, however many pictures they have.
    """
    weights = class_weights(labels) if balanced else None
    for chosen in batches:
        yield Batch(chosen, column(labels[chosen]), None if weights is None else weights[chosen])


def held_out_by_class(sides: Sides, *, balanced: bool = True) -> Iterator[Batch]:
    """Yield all held out pictures with their classes, in their order."""
    labels = sides.labels[sides.held_out]
    in_turn = parts(np.arange(len(labels)), ASKED_AT_ONCE)
    for batch in by_class(labels, in_turn, balanced=balanced):
        yield replace(batch, positions=sides.held_out[batch.positions])


def class_weights(labels: Labels) -> Float32:
    """Return weights of pictures (n,) that let all classes count the same, 1 on average."""
    _, numbers, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return np.asarray(len(labels) / (len(counts) * counts[numbers]), np.float32)


def cross_entropy(targets: Any, scores: Any, smoothing: float) -> Any:
    """Return the cross-entropy (n,) of the softmax of scores against smoothed classes.

    Args:
        targets: classes (n, 1).
        scores: (n, classes).
        smoothing: share of each target that is spread over all classes.
    """
    from keras import ops

    likely = ops.log_softmax(scores, -1)
    wanted = ops.one_hot(ops.reshape(targets, (-1,)), scores.shape[-1], dtype=scores.dtype)
    wanted = wanted * (1 - smoothing) + smoothing / scores.shape[-1]
    return -ops.sum(wanted * likely, -1)


def class_found(targets: Any, scores: Any) -> Any:
    """Say of each picture whether its class has the highest score: 1 or 0, (n,)."""
    from keras import ops

    found = ops.argmax(scores, -1)
    return ops.cast(ops.equal(found, ops.cast(ops.reshape(targets, (-1,)), found.dtype)), "float32")
