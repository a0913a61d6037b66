"""A small network learns to describe pictures as a larger, trained one does.

No label is used. Teacher and student see the same crop, over many epochs (Beyer et al., "Knowledge
distillation: a good teacher is patient and consistent", 2022, after Hinton et al., "Distilling the
Knowledge in a Neural Network", 2015). The teacher may look at it in more pixels. What the student
learns is the direction of the teacher's features from their centre, through a linear head that is
dropped afterwards, and beside it to tell the two crops of a picture from those of others: see
models.training.losses.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engines.base import Float32, UInt8
from models.engines.keras import import_keras
from models.errors import TrainingRefused
from models.parallel import in_order
from models.training import checkpoints
from models.training.checkpoints import Epoch, State
from models.training.crops import Sizes, batches, random_crop, views, whole
from models.training.examples import Positions
from models.training.lessons import Lesson, crop_sizes, optimizer
from models.training.losses.distillation import contrast_loss, distillation_loss
from models.training.pictures import Pictures
from models.training.precision import compiled
from models.training.students import build_student, save_body, start_from
from models.training.teachers import Teacher, shrunk
from models.weights import WeightFile

CENTRED = 512
"""Pictures that the centre of the teacher's features is taken from."""

SECONDS_BETWEEN_CHECKPOINTS = 120.0

Targets = tuple[Float32, Positions]
"""The teacher's maps, and which picture each crop is of (n, 1)."""


@dataclass(frozen=True)
class Task:
    """What a training is given.

    Attributes:
        pictures: where crops are taken from.
        shown: positions of the pictures that are learnt from; one that stands there twice is
            shown twice an epoch.
        held_out: positions of pictures that are only measured with.
        teacher: who describes the crops.
        student: one of models.training.students.STUDENTS.
        lesson: how to teach.
        of: text that is equal only for trainings that can go on from each other's checkpoints.
        start: weights that the student begins with, or None for random ones.
    """

    pictures: Pictures
    shown: NDArray[np.int64]
    held_out: NDArray[np.int64]
    teacher: Teacher
    student: str
    lesson: Lesson
    of: str
    start: WeightFile | None = None

    @property
    def steps(self) -> int:
        """Return the number of batches in an epoch, which shows two crops of each picture."""
        return len(self.shown) // (self.lesson.batch_size // 2)


@dataclass(frozen=True)
class Step:
    """How far a training has come: told after each batch.

    Attributes:
        epoch: the one that is under way, from 1.
        done: batches learnt from, of all epochs.
        total: batches of all epochs.
        loss: the mean of this epoch so far.
    """

    epoch: int
    done: int
    total: int
    loss: float


class Stopped(Exception):
    """A training was asked to stop, and has written a checkpoint that it can go on from."""


def distill(
    task: Task,
    folder: Path,
    *,
    told: Callable[[Step], None] = lambda step: None,
    asked_to_stop: Callable[[], bool] = lambda: False,
) -> list[Epoch]:
    """Teach a student, from the folder's checkpoint on where there is one.

    Args:
        task: what to learn.
        folder: receives checkpoint.npz every few minutes and after each epoch, and then also
            weights.npz: the student as float16, without its head.
        told: is told after each batch.
        asked_to_stop: is asked after each batch.

    Returns:
        The learning curve.

    Raises:
        Stopped: asked_to_stop said so.
        TrainingRefused: too few pictures, or the checkpoint cannot be used.
    """
    if task.steps == 0:
        raise TrainingRefused(
            f"There are {len(task.shown)} pictures to learn from, and a batch takes "
            f"{task.lesson.batch_size // 2}. Give more pictures, or smaller batches."
        )
    course = _Course(task, folder)
    while course.state.epoch < task.lesson.epochs:
        course.learn(told, asked_to_stop)
    return course.state.curve


class _Course:
    """A student with its optimizer, and where its training is."""

    def __init__(self, task: Task, folder: Path) -> None:
        self._task, self._checkpoint = task, folder / "checkpoint.npz"
        self._weights = folder / "weights.npz"
        self._model = _compiled(task)
        self._centres: dict[Sizes, Float32] = {}
        self._saved = time.monotonic()
        self.state = State()
        if self._checkpoint.is_file():
            self.state = checkpoints.restore(self._checkpoint, self._model, task.of)

    def learn(self, told: Callable[[Step], None], asked_to_stop: Callable[[], bool]) -> None:
        """Learn from what is left of an epoch's crops."""
        task, state = self._task, self.state
        begun = time.monotonic() - state.seconds
        sizes = crop_sizes(task.lesson, state.epoch)
        centre = self._centre(sizes)
        for shown, targets in self._described(sizes, centre):
            state.losses.append(_loss(self._model.train_on_batch(shown, targets)))
            state.batch += 1
            state.seconds = time.monotonic() - begun
            told(_step(task, state))
            if asked_to_stop():
                self._save()
                raise Stopped
            if time.monotonic() - self._saved > SECONDS_BETWEEN_CHECKPOINTS:
                self._save()
        self._end_epoch(sizes, centre)

    def _end_epoch(self, sizes: Sizes, centre: Float32) -> None:
        state = self.state
        loss, held_out = float(np.mean(state.losses)), self._held_out(sizes, centre)
        epoch = Epoch(state.epoch + 1, sizes[0], loss, held_out, state.seconds)
        self.state = State(epoch=state.epoch + 1, curve=[*state.curve, epoch])
        save_body(self._model, self._weights)
        self._save()

    def _centre(self, sizes: Sizes) -> Float32:
        """Return the centre of the teacher's features; epochs with crops of one size share it."""
        if sizes not in self._centres:
            self._centres[sizes] = centre_of(self._task, sizes)
        return self._centres[sizes]

    def _held_out(self, sizes: Sizes, centre: Float32) -> float:
        """Return the mean loss over the held out pictures, each seen whole."""
        task, losses = self._task, []
        for part in _parts(task.held_out, task.lesson.batch_size):
            shown, described = views([whole(task.pictures[at]) for at in part], sizes)
            targets = self._targets(described, centre, self._places(sizes))
            loss = _loss(self._model.test_on_batch(shown, (targets, part[:, None])))
            losses += [loss] * len(part)
        return float(np.mean(losses)) if losses else math.nan

    def _described(self, sizes: Sizes, centre: Float32) -> Iterator[tuple[UInt8, Targets]]:
        """Yield crops and what to learn of them; the teacher works ahead of the student."""
        side = self._places(sizes)

        def describe(seen: tuple[UInt8, UInt8, Positions]) -> tuple[UInt8, Targets]:
            shown, described, pictures = seen
            return shown, (self._targets(described, centre, side), pictures[:, None])

        return in_order(describe, _crops(self._task, self.state, sizes), workers=1, ahead=2)

    def _targets(self, described: UInt8, centre: Float32, side: int) -> Float32:
        """Return the teacher's maps from their centre, with as many places as the student's."""
        return shrunk(self._task.teacher.describe(described) - centre, side)

    def _places(self, sizes: Sizes) -> int:
        """Return the side of the student's map of such crops."""
        return int(self._model.compute_output_shape((1, sizes[0], sizes[0], 3))[0][1])

    def _save(self) -> None:
        checkpoints.save(self._checkpoint, self._model, self.state, self._task.of)
        self._saved = time.monotonic()


def _compiled(task: Task) -> Any:
    keras = import_keras()
    keras.utils.set_random_seed(task.lesson.seed)
    model = build_student(task.student, task.teacher.width)
    if task.start is not None:
        start_from(model, task.start, task.student)
    model.compile(
        optimizer=optimizer(task.lesson, task.lesson.epochs * task.steps),
        loss=[distillation_loss(task.lesson.places), contrast_loss],
        loss_weights=[1.0, task.lesson.contrast],
        jit_compile=compiled(),
    )
    return model


def _loss(told: Sequence[Any]) -> float:
    """Return the whole loss, which Keras tells before its parts."""
    return float(told[0])


def _crops(task: Task, state: State, sizes: Sizes) -> Iterator[tuple[UInt8, UInt8, Positions]]:
    seed = (task.lesson.seed, state.epoch)
    order = np.random.default_rng(seed).permutation(task.shown)
    return batches(
        task.pictures,
        order,
        sizes=sizes,
        batch_size=task.lesson.batch_size,
        seed=seed,
        start=state.batch,
    )


def centre_of(task: Task, sizes: Sizes) -> Float32:
    """Average the teacher's features (width,) over a crop of each of some pictures.

    Features of small crops lie elsewhere than those of large ones: each size has its centre.
    """
    generator = np.random.default_rng(task.lesson.seed)
    chosen = generator.permutation(task.shown)[:CENTRED]
    features = []
    for part in _parts(chosen, task.lesson.batch_size):
        _, described = views([random_crop(task.pictures[at], generator) for at in part], sizes)
        features.append(task.teacher.describe(described).mean(axis=(1, 2)))
    return np.asarray(np.concatenate(features).mean(axis=0), np.float32)


def _parts(positions: NDArray[np.int64], length: int) -> list[NDArray[np.int64]]:
    return [positions[at : at + length] for at in range(0, len(positions), length)]


def _step(task: Task, state: State) -> Step:
    done = state.epoch * task.steps + state.batch
    return Step(
        state.epoch + 1, done, task.lesson.epochs * task.steps, float(np.mean(state.losses))
    )
