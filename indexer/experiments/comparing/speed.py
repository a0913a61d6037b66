"""Times single pictures in the engine that serves: a student beside its teacher."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from models.encoder import Encoder, open_encoder
from models.training.machine import processor

ROUNDS = 25
"""Pictures that each network is timed with, in turns; the first of each does not count."""


@dataclass(frozen=True)
class Speed:
    """How long the networks take for a single picture, without decoding it.

    Attributes:
        size: side of the square picture, in pixels.
        student, teacher: medians, in milliseconds.
        device: the processor's name.
    """

    size: int
    student: float
    teacher: float
    device: str

    def __str__(self) -> str:
        """Say it in a line."""
        return (
            f"{self.student:.1f} ms for a picture of {self.size} x {self.size} "
            f"(teacher: {self.teacher:.1f} ms), on {self.device}"
        )


def time_single(student: Path, teacher: Path) -> Speed:
    """Time single pictures of noise, as a search encodes its query.

    Args:
        student, teacher: the folders of their exported encoders, of the same size.

    Raises:
        EncoderDamaged: an exported encoder cannot be opened.
    """
    encoders = [open_encoder(exported) for exported in (student, teacher)]
    size = encoders[0].size
    shape = (1, size, size, 3)
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    rounds = [[_milliseconds(encoder, picture) for encoder in encoders] for _ in range(ROUNDS)]
    of_student, of_teacher = (median(times) for times in zip(*rounds[1:], strict=True))
    return Speed(size, of_student, of_teacher, processor())


def _milliseconds(encoder: Encoder, picture: NDArray[np.uint8]) -> float:
    begun = perf_counter()
    encoder.encode(picture)
    return 1000 * (perf_counter() - begun)
