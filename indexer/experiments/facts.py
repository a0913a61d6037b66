"""What is known of a training: what it was given, and what came of it."""

import json
import math
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from indexer.catalog import Count
from indexer.experiments.findings import Comparison
from indexer.experiments.speed import Speed
from indexer.types import Rejection
from models.training.checkpoints import Epoch
from models.training.lessons import Lesson
from models.training.machine import Machine
from models.weights import WeightFile


@dataclass(frozen=True)
class Source:
    """A folder that was learnt from.

    Attributes:
        folder: its path.
        times: how often each of its pictures was shown in an epoch.
        pictures: how many of it were usable, held out ones among them.
    """

    folder: Path
    times: int
    pictures: int


@dataclass(frozen=True)
class Data:
    """What pictures a training is given.

    Attributes:
        sources: the folders.
        shown: how many different files are learnt from.
        held_out: how many files are only measured with.
        left_out: the files that cannot be used, each with its reason.
    """

    sources: tuple[Source, ...]
    shown: int
    held_out: int
    left_out: tuple[Rejection, ...] = field(repr=False)

    @property
    def reasons(self) -> tuple[Count, ...]:
        """Return how many files were left out by reason, the commonest first."""
        counts = Counter(item.reason for item in self.left_out).most_common()
        return tuple(Count(reason, count) for reason, count in counts)


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


def as_json(state: str, facts: Any, outcome: Any) -> str:
    """Return all that is known of a run as a JSON object.

    Args:
        state: "running" or "done".
        facts: a dataclass, what the run is given.
        outcome: a dataclass, what came of it, or None.
    """
    known = {"state": state} | asdict(facts) | (asdict(outcome) if outcome else {})
    return json.dumps(_plain(known), indent=1) + "\n"


def _plain(value: Any) -> Any:
    """Turn paths into text and what is no number into null, at any depth."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, np.ndarray):
        return value.tolist()
    return str(value) if isinstance(value, Path) else value
