"""A network is fine-tuned: epoch after epoch, with checkpoints, until it does not get better."""

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engines.base import Float32
from models.errors import TrainingRefused
from models.parallel import in_order
from models.training import checkpoints
from models.training.checkpoints import Epoch, State
from models.training.distill import Step, Stopped
from models.training.examples import Examples
from models.training.learner import Learner, Measured
from models.training.methods.base import Batch, Labels, Method
from models.training.recipes import Recipe
from models.training.sampling import Positions, parts

CHECKPOINT, BEST = "checkpoint.npz", "best.npz"

ASKED_AT_ONCE = 64

Loaded = tuple[NDArray[Any], Batch]


@dataclass(frozen=True)
class Course:
    """What a fine-tuning is given.

    Attributes:
        tail: Keras model, example -> pooled feature (n, dim); its weights are changed.
        fresh: names of its layers whose weights are drawn anew.
        examples: what is shown to it.
        labels: class of each example, int64 (n,).
        shown: positions of the examples that are learnt from, int64.
        held_out: positions of those that are only measured with.
        method: what is learnt.
        recipe: how.
        of: text that is equal only for trainings that can go on from each other's checkpoints.
        seed: of all chance.
    """

    tail: Any
    fresh: tuple[str, ...]
    examples: Examples
    labels: Labels
    shown: Positions
    held_out: Positions
    method: Method
    recipe: Recipe
    of: str
    seed: int = 1


@dataclass(frozen=True)
class History:
    """What came of a fine-tuning.

    Attributes:
        curve: its epochs.
        best: number of the epoch whose weights are kept, from 1.
        stopped: whether it was asked to stop before its end, and can go on.
    """

    curve: tuple[Epoch, ...]
    best: int
    stopped: bool = False


def fit(
    course: Course,
    folder: Path,
    *,
    told: Callable[[Step], None] = lambda step: None,
    measured: Callable[[Epoch], None] = lambda epoch: None,
    asked_to_stop: Callable[[], bool] = lambda: False,
) -> History:
    """Fine-tune a network, from the folder's checkpoint on where there is one.

    It ends with the recipe's epochs, or earlier when the loss has not become smaller for its
    patience: the loss of the held out pictures where there are some. The tail has the weights of
    the best epoch then.

    Args:
        course: what to learn.
        folder: receives checkpoint.npz after each epoch, and best.npz: the weights of the best
            one, the method's layers included, float32 arrays named `layer/weight`.
        told: is told after each batch.
        measured: is told after each epoch.
        asked_to_stop: is asked after each batch.

    Returns:
        the learning curve, and which epoch was the best.

    Raises:
        Stopped: asked_to_stop said so before the first epoch was done.
        TrainingRefused: there is nothing to learn from, the checkpoint cannot be used, or the loss
            grew beyond all bounds.
    """
    training = _Training(course, folder)
    stopped = False
    while not (stopped or ended(training.curve, course.recipe)):
        epoch = training.learn(told, asked_to_stop)
        if epoch is None:
            stopped = True
        else:
            measured(epoch)
    if not training.curve:
        raise Stopped
    training.learner.load(folder / BEST)
    return History(tuple(training.curve), best_of(training.curve), stopped)


def outputs(course: Course, folder: Path, positions: Positions) -> Float32:
    """Ask the best network of a fine-tuning about examples, as they are.

    Args:
        course: as for fit.
        folder: holds its best.npz.
        positions: of the examples, int64 (m,).

    Returns:
        what the method's layers say of them, float32 (m, o).
    """
    learner, plain = _learner(course), course.examples.plain()
    learner.load(folder / BEST)
    return np.concatenate(
        [
            learner.outputs(plain.batch(chosen, 0, course.seed))
            for chosen in parts(positions, ASKED_AT_ONCE)
        ]
    )


def ended(curve: Sequence[Epoch], recipe: Recipe) -> bool:
    """Say whether a training is at its end: all epochs are done, or its patience is."""
    if not curve:
        return recipe.epochs == 0
    return len(curve) >= recipe.epochs or len(curve) - best_of(curve) >= recipe.patience


def best_of(curve: Sequence[Epoch]) -> int:
    """Return the number of the first epoch of the smallest loss, from 1."""
    return min(curve, key=watched).number


def watched(epoch: Epoch) -> float:
    """Return the loss that decides: of the held out pictures, where there are some."""
    return epoch.loss if math.isnan(epoch.held_out) else epoch.held_out


class _Training:
    """A network under way."""

    def __init__(self, course: Course, folder: Path) -> None:
        self._course, self._folder = course, folder
        self._labels = course.labels[course.shown]
        self._steps = course.method.steps(self._labels)
        if not self._steps:
            raise TrainingRefused(
                f"There is nothing to learn from: {len(course.shown)} pictures make no batch. "
                "Give more pictures, or triplets of them."
            )
        self.learner = _learner(course)
        self.curve: list[Epoch] = []
        if (folder / CHECKPOINT).is_file():
            state = checkpoints.restore(folder / CHECKPOINT, self.learner.model, course.of)
            self.curve = state.curve

    def learn(
        self, told: Callable[[Step], None], asked_to_stop: Callable[[], bool]
    ) -> Epoch | None:
        """Learn from an epoch's batches; return nothing when it was asked to stop."""
        course, done = self._course, len(self.curve)
        begun, losses, right = time.monotonic(), _Mean(), _Mean()
        batches = course.method.batches(self._labels, done, course.seed)
        with closing(self._loaded(course.examples, course.shown, batches)) as loaded:
            for examples, batch in loaded:
                found = self.learner.learn(examples, batch)
                losses.add(found.loss, len(examples))
                right.add(found.right, len(examples))
                told(self._step(losses))
                if asked_to_stop():
                    return None
        learnt = Measured(losses.value, right.value)
        held_out = self._held_out()
        epoch = Epoch(
            done + 1,
            0,
            learnt.loss,
            held_out.loss,
            time.monotonic() - begun,
            learnt.right,
            held_out.right,
        )
        self._keep(epoch)
        return epoch

    def _keep(self, epoch: Epoch) -> None:
        """Write what came of an epoch; the best weights first, which are written again if need be.

        Raises:
            TrainingRefused: the loss is no number any more.
        """
        if not math.isfinite(watched(epoch)):
            raise TrainingRefused(
                f"The loss of epoch {epoch.number} is {watched(epoch)}: the weights grew beyond "
                f"all bounds. Choose a smaller rate than {self._course.recipe.rate:g}."
            )
        self.curve.append(epoch)
        if best_of(self.curve) == epoch.number:
            self.learner.save(self._folder / BEST)
        state = State(epoch=epoch.number, curve=self.curve)
        checkpoints.save(self._folder / CHECKPOINT, self.learner.model, state, self._course.of)

    def _held_out(self) -> Measured:
        course, losses, right = self._course, _Mean(), _Mean()
        batches = course.method.checks(course.labels[course.held_out], course.seed)
        plain = course.examples.plain()
        with closing(self._loaded(plain, course.held_out, batches)) as loaded:
            for examples, batch in loaded:
                found = self.learner.check(examples, batch)
                losses.add(found.loss, len(examples))
                right.add(found.right, len(examples))
        return Measured(losses.value, right.value)

    def _loaded(
        self, examples: Examples, among: Positions, batches: Iterator[Batch]
    ) -> Generator[Loaded, None, None]:
        """Yield batches with their examples, a few of which are read ahead."""
        epoch, seed = len(self.curve), self._course.seed

        def load(batch: Batch) -> Loaded:
            return examples.batch(among[batch.positions], epoch, seed), batch

        return in_order(load, batches, workers=1, ahead=2)

    def _step(self, losses: "_Mean") -> Step:
        epochs, done = self._course.recipe.epochs, len(self.curve)
        return Step(done + 1, done * self._steps + losses.count, epochs * self._steps, losses.value)


class _Mean:
    """A mean of batches, each of which weighs as its pictures do."""

    def __init__(self) -> None:
        self.count, self._sum, self._weight = 0, 0.0, 0

    def add(self, value: float, weight: int) -> None:
        self.count += 1
        self._sum += value * weight
        self._weight += weight

    @property
    def value(self) -> float:
        return self._sum / self._weight if self._weight else math.nan


def _learner(course: Course) -> Learner:
    steps = course.method.steps(course.labels[course.shown]) * course.recipe.epochs
    return Learner(course.tail, course.fresh, course.method, course.recipe, steps, course.seed)
