"""What is known of a distillation: what it was given, and what came of it."""

from dataclasses import dataclass
from pathlib import Path

from indexer.experiments.comparing.findings import Comparison
from indexer.experiments.comparing.speed import Speed
from indexer.experiments.runs.facts import Data
from models.training.checkpoints import Epoch
from models.training.lessons import Lesson
from models.training.machine import Machine
from models.weights import WeightFile


@dataclass(frozen=True)
class TeacherFacts:
    """Who taught.

    Attributes:
        name: network and layer.
        width: numbers in a feature.
        weights: its weight file.
        sha256: of that file, in hexadecimal.
    """

    name: str
    width: int
    weights: Path
    sha256: str


@dataclass(frozen=True)
class Facts:
    """What a training is given.

    Attributes:
        name: the run's name.
        command: what was typed to begin it.
        begun: UTC, ISO 8601.
        of: text that is equal only for trainings that can go on from each other's checkpoints.
        student: the network that learns.
        start: the weights that it began with, or None for random ones.
        teacher: who describes the pictures to it.
        lesson: how it is taught.
        precision: fp32, bf16 or fp16.
        machine: what it runs on.
        data: the pictures.
    """

    name: str
    command: str
    begun: str
    of: str
    student: str
    start: WeightFile | None
    teacher: TeacherFacts
    lesson: Lesson
    precision: str
    machine: Machine
    data: Data


@dataclass(frozen=True)
class Outcome:
    """What came of a training.

    Attributes:
        ended: UTC, ISO 8601.
        seconds: that the learning took, all its parts together.
        curve: its epochs.
        bytes: size of the weight file.
        sha256: of the weight file, in hexadecimal.
        parameters: how many numbers it holds.
        speed: of student and teacher, once they serve.
        found: what student, teacher and a thumbnail find.
    """

    ended: str
    seconds: float
    curve: tuple[Epoch, ...]
    bytes: int
    sha256: str
    parameters: int
    speed: Speed
    found: Comparison
