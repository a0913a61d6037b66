"""What a user wants trained, refused at once where it would fail after an hour."""

from dataclasses import dataclass
from pathlib import Path

from indexer.experiments.runs.refusals import RunError, require_run_name
from indexer.types import DEFAULT_LIMITS
from models.training.lessons import Lesson, crop_sizes
from models.training.precision import PRECISIONS
from models.training.students import STUDENTS
from models.types import Limits

DEFAULT_LESSON = Lesson()

MOST_BATCH_BYTES = 256 * 2**20
"""What the pixels of one batch may take, as the teacher sees it; several are held at once."""


@dataclass(frozen=True)
class DistillPlan:
    """What a user wants distilled.

    Attributes:
        sources: folders of pictures; one that is named twice is shown twice an epoch.
        weights: the teacher's weight file.
        teacher: a network of the table of networks.
        layer: the teacher's layer that is learnt from, or None for its last.
        student: the network that learns.
        name: the run's name.
        lesson: how to teach.
        start: weights of before that the student begins with: "bundled", a file, or None.
        precision: "auto", "fp32", "bf16" or "fp16".
        evaluate: labelled folders that are searched at the end.
        resume: go on with a run that is unfinished.
        command: what was typed to begin it, for the card.
        limits: what a file may cost.
    """

    sources: tuple[Path, ...]
    weights: Path
    teacher: str = "mobilenetv2"
    layer: str | None = None
    student: str = "pocket"
    name: str = "pocket"
    lesson: Lesson = DEFAULT_LESSON
    start: str | None = None
    precision: str = "auto"
    evaluate: tuple[Path, ...] = ()
    resume: bool = False
    command: str = ""
    limits: Limits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        """Refuse at once what would fail after an hour."""
        require_run_name(self.name)
        for given, known in ((self.student, STUDENTS), (self.precision, PRECISIONS)):
            if given not in known:
                raise RunError(f"Choose one of {', '.join(known)}. Received: {given!r}")
        if self.lesson.batch_size % 2:
            raise RunError(
                "A batch holds two crops of each picture: --batch-size takes an even number. "
                f"Received: {self.lesson.batch_size}"
            )
        _require_memory(self.lesson)


def _require_memory(lesson: Lesson) -> None:
    side = max(crop_sizes(lesson, lesson.epochs - 1))
    most = MOST_BATCH_BYTES // (side * side * 3)
    if lesson.batch_size > most:
        raise RunError(
            f"A batch may take {MOST_BATCH_BYTES >> 20} MiB, which is {most:,} crops of "
            f"{side} x {side} pixels. Choose a smaller --batch-size, --size or --zoom. "
            f"Received: {lesson.batch_size:,} crops"
        )
