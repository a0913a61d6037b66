"""The network that a fine-tuning changes: a tail, and a method's layers over its feature."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engines.keras import import_keras
from models.errors import TrainingRefused
from models.heads import layer_names, parse
from models.training.checkpoints import Epoch
from models.training.files import write_arrays
from models.training.methods.base import Batch, Method
from models.training.optimizers import optimizer
from models.training.precision import compiled, repeat_exactly
from models.training.recipes import Recipe

EPOCH = "epoch"
"""Beside the weights in a file: of which epoch they are."""


@dataclass(frozen=True)
class Measured:
    """What came of some pictures.

    Attributes:
        loss: mean of their losses.
        right: share of what was right of them.
    """

    loss: float
    right: float


class Learner:
    """A network that can learn from batches, be measured, and be asked.

    Args:
        tail: Keras model, what examples are given as -> pooled feature (n, dim).
        fresh: names of its layers whose weights are drawn anew.
        method: what it learns.
        recipe: how.
        steps: batches of all epochs.
        seed: of the method's own layers and of what they drop.
    """

    def __init__(
        self, tail: Any, fresh: Sequence[str], method: Method, recipe: Recipe, steps: int, seed: int
    ) -> None:
        keras = import_keras()
        repeat_exactly()
        keras.utils.set_random_seed(seed)
        self.model = keras.Model(tail.inputs[0], method.outputs(tail.outputs[0]))
        layers = list(_layers(tail))
        trained = list(takewhile(lambda layer: layer.name not in fresh, layers))
        _set_statistics(layers, trained, recipe)
        gentle = {weight.path for layer in trained for weight in layer.trainable_weights}
        self.model.compile(
            optimizer=optimizer(recipe, steps, gentle),
            loss=method.loss,
            metrics=[keras.metrics.MeanMetricWrapper(method.right, name="right")],
            jit_compile=compiled(),
        )

    def learn(self, examples: NDArray[Any], batch: Batch) -> Measured:
        """Change the weights a little by what examples (b, ...) and their batch tell."""
        return _measured(self.model.train_on_batch(examples, batch.targets, batch.weights))

    def check(self, examples: NDArray[Any], batch: Batch) -> Measured:
        """Measure without learning."""
        return _measured(self.model.test_on_batch(examples, batch.targets, batch.weights))

    def feature(self, tail: Any, head: str) -> Any:
        """Return a Keras model, what examples are given as -> the feature that is kept (n, dim).

        Args:
            tail: that the network was made of.
            head: the method's layers that are kept, as models.heads reads them, or "".
        """
        if not head:
            return tail
        last = self.model.get_layer(layer_names(parse(head))[-1])
        return import_keras().Model(self.model.inputs[0], last.output)

    def save(self, file: Path, epoch: Epoch) -> None:
        """Write the weights of all layers as float32 arrays named `layer/weight`.

        Args:
            file: the .npz to write; it is replaced at one stroke.
            epoch: that they are of, which is written beside them.
        """
        arrays = {name: np.asarray(weight, np.float32) for name, weight in self._weights()}
        write_arrays(file, arrays | {EPOCH: _mark(epoch)}, compress=False)  # learning waits

    def load(self, file: Path, epoch: Epoch | None = None) -> None:
        """Take the weights of a file that `save` wrote.

        Args:
            file: it.
            epoch: that they have to be of; None for any.

        Raises:
            TrainingRefused: it is damaged, or of another network or epoch.
        """
        try:
            with np.load(file, allow_pickle=False) as stored:
                if epoch and not _is_of(stored[EPOCH], epoch):
                    raise ValueError(f"they are not of epoch {epoch.number} of its curve")
                for name, weight in self._weights():
                    weight.assign(stored[name])
        except Exception as error:
            # Damaged files make zipfile, NumPy and Keras raise nearly anything.
            raise TrainingRefused(
                f"{file} holds no weights of this network: {error}. Begin the training anew."
            ) from error

    def _weights(self) -> list[tuple[str, Any]]:
        return [
            (f"{layer.name}/{weight.name}", weight)
            for layer in _layers(self.model)
            for weight in layer.weights
        ]


def is_of(file: Path, epoch: Epoch) -> bool:
    """Say whether a file holds weights of this epoch."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            return _is_of(stored[EPOCH], epoch)
    except Exception:  # damaged files make zipfile and NumPy raise nearly anything
        return False


def _is_of(mark: NDArray[np.float64], epoch: Epoch) -> bool:
    return np.array_equal(mark, _mark(epoch), equal_nan=True)


def _mark(epoch: Epoch) -> NDArray[np.float64]:
    """Return what tells an epoch of a curve from those of others."""
    return np.array([epoch.number, epoch.loss, epoch.held_out])


def _layers(model: Any) -> Iterator[Any]:
    """Yield the layers of a model, and in place of models among them theirs."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _layers(layer)
        else:
            yield layer


def _set_statistics(layers: Sequence[Any], trained: Sequence[Any], recipe: Recipe) -> None:
    """Let batch normalisations keep what they learnt before, or learn at the recipe's pace."""
    normalisation = import_keras().layers.BatchNormalization
    for layer in layers:
        if not isinstance(layer, normalisation):
            continue
        if recipe.keep_statistics and layer in trained:
            layer.trainable = False
        elif recipe.momentum is not None:
            layer.momentum = recipe.momentum


def _measured(told: Sequence[Any]) -> Measured:
    """Read the loss and the one metric, in Keras's order."""
    return Measured(float(told[0]), float(told[1]))
