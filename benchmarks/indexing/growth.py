"""Whether the memory that a build needs grows with the gallery."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.builds import Build, build_watched, content, draw, emptied_copy
from models.types import EncoderSpec


@dataclass(frozen=True)
class Need:
    """What one build needed, in bytes.

    Attributes:
        images: in the index.
        peak: of the memory of all its processes.
        features: size of the features, which are mapped into memory.
    """

    images: int
    peak: int
    features: int

    @property
    def own(self) -> int:
        """Return the peak less the features."""
        return self.peak - self.features


def needs(
    folder: Path, sizes: Sequence[int], spec: EncoderSpec, precision: str, prepared: Path, seed: int
) -> list[Need]:
    """Build galleries of several sizes, the encoder exported before.

    Args:
        folder: of the pictures.
        sizes: of the galleries.
        spec, precision: of the encoder.
        prepared: an instance that has built with it before.
        seed: draws the pictures.
    """
    return [_need(folder, size, spec, precision, prepared, seed) for size in sizes]


def _need(
    folder: Path, size: int, spec: EncoderSpec, precision: str, prepared: Path, seed: int
) -> Need:
    with tempfile.TemporaryDirectory(prefix="likeness-benchmark-") as name:
        draw(folder, size, seed, Path(name) / "gallery")
        instance = emptied_copy(prepared, Path(name) / "instance")
        peak = build_watched(Build(Path(name) / "gallery", spec, precision), instance).peak
        features = content(instance).features
        return Need(len(features), peak, features.nbytes)
