"""The plain data that the indexer's room takes and gives."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.types import Limits

DEFAULT_LIMITS = Limits()
Metric = Literal["cosine", "euclidean", "hamming"]
Order = Literal["nearest", "farthest"]
StoreAs = Literal["float32", "float16"]
Float32 = NDArray[np.float32]
Float16 = NDArray[np.float16]
Stored = Float32 | Float16
Ids = NDArray[np.int64]
Pixels = NDArray[np.uint8]
Labels = NDArray[np.str_]
"""The class of each picture; "" where it has none."""


@dataclass(frozen=True)
class ImageRecord:
    """One image file of a gallery.

    Attributes:
        root: position of its folder among the gallery's roots.
        path: path relative to that root, with "/" between its parts; bytes that are not UTF-8
            are kept as surrogate escapes (PEP 383).
        label: its class, or None.
        sha256: of the file's content, in hexadecimal.
        bytes: the file's size.
        mtime_ns: the file's modification time, in nanoseconds.
        width, height: of the upright picture, in pixels.
        format: as Pillow names it, e.g. "JPEG".
        distractor: True where it comes from a folder of distractors.
    """

    root: int
    path: str
    label: str | None
    sha256: str
    bytes: int
    mtime_ns: int
    width: int
    height: int
    format: str
    distractor: bool = False


@dataclass(frozen=True)
class Rejection:
    """One file that cannot be used, and why.

    Attributes:
        root: position of its folder among the gallery's roots.
        path: relative to that root, as in ImageRecord.
        reason: one of a few short kinds: "empty", "not an image", "damaged", "too large",
            "link", "not a regular file", "unreadable", "changed", "no feature", "worker died",
            "removed".
        detail: the sentence for people.
    """

    root: int
    path: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Scan:
    """What a walk through a gallery found.

    Attributes:
        roots: the folders, absolute, in the order given, distractors last.
        records: the usable images, ordered by root and by the bytes of their path.
        rejections: all other files, in the same order.
    """

    roots: tuple[Path, ...]
    records: tuple[ImageRecord, ...]
    rejections: tuple[Rejection, ...]


@dataclass(frozen=True)
class Progress:
    """How far a stage has come.

    Attributes:
        stage: its name.
        done: items done, whatever became of them.
        total: items in all; 0 where it is unknown.
        note: a remark.
        rejected: files rejected so far, those of earlier stages among them.
    """

    stage: str
    done: int
    total: int
    note: str = ""
    rejected: int = 0


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Answer:
    """What an index answers to one query feature.

    Attributes:
        ids: int64 (k,), best first; ties are ordered by id.
        distances: float32 (k,), in the metric asked for.
        visited: how many images were looked at: all candidates.
        exact: True where these surely are the nearest.
        probes: how many buckets were opened.
        measured: how many images' distances were computed.
    """

    ids: Ids
    distances: Float32
    visited: int
    exact: bool
    probes: int = 0
    measured: int = 0


@dataclass(frozen=True)
class Answers:
    """What an index answers to many query features.

    Attributes:
        ids: int64 (m, k), best first.
        distances: float32 (m, k).
        visited, probes, measured: int64 (m,), as of an Answer.
    """

    ids: Ids
    distances: Float32
    visited: Ids
    probes: Ids
    measured: Ids


@dataclass(frozen=True)
class Timings:
    """Milliseconds that the stages of one search took; 0 where a stage was not needed."""

    decode: float = 0.0
    encode: float = 0.0
    search: float = 0.0

    @property
    def total(self) -> float:
        """Return the sum of all stages, in milliseconds."""
        return self.decode + self.encode + self.search

    def __add__(self, other: "Timings") -> "Timings":
        """Return what two searches took together."""
        return Timings(
            self.decode + other.decode, self.encode + other.encode, self.search + other.search
        )


@dataclass(frozen=True)
class Hit:
    """One image of an answer.

    Attributes:
        rank: from 1.
        id: of the image, within its generation.
        image: its record.
        distance: to the query in the metric asked for (cosine: 1 - similarity).
        similarity: the cosine of the two features, or of their signs where the metric is hamming,
            in [-1, 1].
    """

    rank: int
    id: int
    image: ImageRecord
    distance: float
    similarity: float


@dataclass(frozen=True)
class SearchResult:
    """The answer to one search, with what people need to judge it.

    Attributes:
        index: the index's name.
        generation: name of the generation that answered.
        metric: that hits are ranked by.
        hits: best first.
        visited: how many images were looked at.
        probes: how many buckets were opened; 0 where there are none.
        measured: how many images' distances were computed.
        gallery: how many images the index holds.
        permitted: how many of them might be found.
        exact: True where these surely are the nearest.
        recall: the part of the true nearest images that such searches find: as the tuning of the
            index measured it, 1 of exact ones; None where nothing was measured of such searches.
        timings: milliseconds by stage.
        feature: float32 (dim,), the query's raw feature.
        fingerprint: digest of the encoder that made the feature.
    """

    index: str
    generation: str
    metric: Metric
    hits: tuple[Hit, ...]
    visited: int
    probes: int
    measured: int
    gallery: int
    permitted: int
    exact: bool
    recall: float | None
    timings: Timings
    feature: Float32 = field(repr=False)
    fingerprint: str


@dataclass(frozen=True)
class Count:
    """How many images have a label, or how many files a reason; None: no label."""

    name: str | None
    count: int
