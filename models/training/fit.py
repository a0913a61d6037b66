"""A network is fine-tuned: epoch after epoch, with checkpoints, until it does not get better."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.engines.base import Float32
from models.errors import TrainingRefused
from models.training import checkpoints
from models.training.batches import asked
from models.training.checkpoints import Epoch, State, best_of
from models.training.classes import Labels
from models.training.distill import Step, Stopped
from models.training.epochs import passed
from models.training.examples import Examples, Positions
from models.training.files import clear_partial
from models.training.heldout import Sides
from models.training.learner import Learner, Measured, is_of
from models.training.methods.base import Method
from models.training.recipes import Recipe

CHECKPOINT, BEST = "checkpoint.npz", "best.npz"


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

    @property
    def sides(self) -> Sides:
        """Return which pictures are learnt from and which are held out."""
        return Sides(self.labels, self.shown, self.held_out)


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
        TrainingRefused: there is nothing to learn from, the checkpoint cannot be used, there is
            no room for it, or the loss grew beyond all bounds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    clear_partial(folder)
    training = _Training(course, folder)
    stopped = False
    while not (stopped or ended(training.curve, course.recipe)):
        epoch = training.learn(told, asked_to_stop)
        if epoch is None:
            stopped = True
        else:
            measured(epoch)
    best = best_of(training.curve)
    if best is None:
        raise Stopped
    training.learner.load(folder / BEST, best)
    return History(tuple(training.curve), best.number, stopped)


class Asked:
    """The best network of a fine-tuning, built once to be asked about examples as they are.

    Args:
        course: as for fit.
        folder: holds its best.npz.

    Raises:
        TrainingRefused: that is damaged.
    """

    def __init__(self, course: Course, folder: Path) -> None:
        self._learner, self._plain = _learner(course), course.examples.plain()
        self._learner.load(folder / BEST)
        self._feature = self._learner.feature(course.tail, course.method.head)

    def outputs(self, positions: Positions) -> Float32:
        """Return what the method's layers say of examples at positions (m,), float32 (m, o)."""
        return self._gathered(self._learner.model, positions)

    def features(self, positions: Positions) -> Float32:
        """Return the features of examples at positions (m,) that are kept, float32 (m, dim)."""
        return self._gathered(self._feature, positions)

    def _gathered(self, model: Any, positions: Positions) -> Float32:
        def ask(chosen: Positions) -> Float32:
            found: Float32 = model.predict_on_batch(self._plain.batch(chosen, 0, 0))
            return found

        return asked(ask, positions)


def ended(curve: Sequence[Epoch], recipe: Recipe) -> bool:
    """Say whether a training is at its end: all epochs are done, or its patience is."""
    best = best_of(curve)
    if best is None:
        return recipe.epochs == 0
    return len(curve) >= recipe.epochs or len(curve) - best.number >= recipe.patience


class _Training:
    """A network under way."""

    def __init__(self, course: Course, folder: Path) -> None:
        self._course, self._folder = course, folder
        self._labels = course.labels[course.shown]
        self._steps = course.method.steps(self._labels)
        if not self._steps:
            raise TrainingRefused(
                f"There is nothing to learn from: {len(course.shown)} pictures make no batch for "
                f"{course.method.name}, which takes two classes of two pictures or more. Give more "
                "pictures, or a larger --min-per-class; or use: flask train classifier"
            )
        self._is_held_out = any(True for _ in course.method.checks(course.sides, course.seed))
        self.learner = _learner(course)
        self.curve: list[Epoch] = []
        if (folder / CHECKPOINT).is_file():
            state = checkpoints.restore(folder / CHECKPOINT, self.learner.model, course.of)
            self.curve = state.curve
            self._keep_best()
        if not ended(self.curve, course.recipe):
            checkpoints.require_room(folder, self.learner.model)

    def learn(
        self, told: Callable[[Step], None], asked_to_stop: Callable[[], bool]
    ) -> Epoch | None:
        """Learn from an epoch's batches; return nothing when it was asked to stop."""
        course, done, begun = self._course, len(self.curve), time.monotonic()

        def goes_on(batches: int, loss: float) -> bool:
            steps, total = done * self._steps + batches, course.recipe.epochs * self._steps
            told(Step(done + 1, steps, total, loss))
            return not asked_to_stop()

        learnt = passed(
            course.method.batches(self._labels, done, course.seed),
            lambda chosen: course.examples.batch(course.shown[chosen], done, course.seed),
            self.learner.learn,
            goes_on,
        )
        if learnt is None:
            return None
        epoch = self._epoch(learnt, begun)
        self._keep(epoch)
        return epoch

    def _epoch(self, learnt: Measured, begun: float) -> Epoch:
        """Measure the held out pictures, and put together what came of an epoch."""
        course, plain = self._course, self._course.examples.plain()
        held_out = passed(
            course.method.checks(course.sides, course.seed),
            lambda chosen: plain.batch(chosen, 0, course.seed),
            self.learner.check,
        ) or Measured(math.nan, math.nan)
        return Epoch(
            number=len(self.curve) + 1,
            size=0,
            loss=learnt.loss,
            held_out=held_out.loss,
            seconds=time.monotonic() - begun,
            right=learnt.right,
            held_out_right=held_out.right,
        )

    def _keep(self, epoch: Epoch) -> None:
        """Write what came of an epoch: the checkpoint, from which the best weights can be taken.

        Raises:
            TrainingRefused: a loss is no number any more.
        """
        losses = [epoch.loss, *([epoch.held_out] if self._is_held_out else [])]
        for loss in losses:
            if not math.isfinite(loss):
                raise TrainingRefused(
                    f"The loss of epoch {epoch.number} is {loss}: the weights grew beyond all "
                    f"bounds. Choose a smaller rate than {self._course.recipe.rate:g}."
                )
        self.curve.append(epoch)
        state = State(epoch=epoch.number, curve=self.curve)
        checkpoints.save(self._folder / CHECKPOINT, self.learner.model, state, self._course.of)
        self._keep_best()

    def _keep_best(self) -> None:
        """Keep the weights of the last epoch where it is the best, and they are not kept yet.

        So it is too where the process was killed after it had written its checkpoint.
        """
        best, file = best_of(self.curve), self._folder / BEST
        if best and best is self.curve[-1] and not is_of(file, best):
            self.learner.save(file, best)


def _learner(course: Course) -> Learner:
    steps = course.method.steps(course.labels[course.shown]) * course.recipe.epochs
    return Learner(course.tail, course.fresh, course.method, course.recipe, steps, course.seed)
