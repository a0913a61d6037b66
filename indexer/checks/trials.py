"""Shows a finished build one of its pictures again, and copies of it, as people will do."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from indexer.distances import FeatureStore, measure, units
from indexer.features.computing import computed
from indexer.features.reduction import Reduction
from indexer.files import read_regular
from indexer.indexes.base import Index
from indexer.types import Float32, Ids, ImageRecord, Metric, Pixels
from indexer.variants.distortions import DISTORTIONS
from models.encoder import Encoder
from models.errors import ImageError
from models.images import decode, squash
from models.types import Limits

MILD = ("recompressed", "rotated")
"""The distortions of which every sound network, even one of random weights, finds the original."""

TELLING = 32  # mean difference between a picture and its negative below which that says nothing
NOISE = 0.01  # length by which a feature of length 1 may change when it is computed again
FLIPPED = 0.05  # part of a feature's signs that may change then: of those near 0


@dataclass(frozen=True)
class Candidate:
    """A build that is complete but for its manifest.

    Attributes:
        roots: the gallery's folders.
        records: of its images, in the order of their ids.
        encoder: as it will serve queries.
        reduction: of the encoder's features, or None.
        store: the features.
        index: of them.
        metric: what hits are ranked by.
    """

    roots: Sequence[Path]
    records: Sequence[ImageRecord]
    encoder: Encoder
    reduction: Reduction | None
    store: FeatureStore
    index: Index
    metric: Metric


@dataclass(frozen=True)
class Trial:
    """What became of one picture.

    Attributes:
        path: of its file.
        first: whether it found itself first.
        copies: of each of its copies, whether it found the original among the first k.
        contrast: cosine distance between the encoder's features of it and of its negative; None
            where that was not measured.
    """

    path: str
    first: bool
    copies: tuple[bool, ...]
    contrast: float | None


@dataclass(frozen=True)
class Shown:
    """A picture read again.

    Attributes:
        number: its id.
        pixels: uint8 (rows, size, size, 3): the picture, its copies and, where that is to be
            measured, its negative.
    """

    number: int
    pixels: Pixels


def shown(candidate: Candidate, number: int, limits: Limits, *, negative: bool) -> Shown | None:
    """Read a picture again, and distort it.

    The copies are made of a square twice as wide as the encoder reads. So memory is bounded, and
    the pictures of all galleries are distorted alike, whatever their size.

    Args:
        candidate: the build.
        number: the picture's id.
        limits: what a file may cost.
        negative: make its negative too, where that differs from the picture at all.

    Returns:
        The picture and what was made of it; None where the file is no longer what was indexed.
    """
    record, size = candidate.records[number], candidate.encoder.size
    crop, name = candidate.encoder.crop, candidate.records[number].path
    try:
        content, _ = read_regular(candidate.roots[record.root] / record.path, limits.max_bytes)
        if sha256(content).hexdigest() != record.sha256:
            return None
        picture = decode(content, size, crop=crop, limits=limits, name=name)
        large = decode(content, 2 * size, crop=crop, limits=limits, name=name)
    except (OSError, ImageError):
        return None
    pixels = [picture, *(squash(DISTORTIONS[kind](large), size) for kind in MILD)]
    if negative and np.abs(2.0 * picture - 255).mean() >= TELLING:
        pixels.append(255 - picture)
    return Shown(number, np.stack(pixels))


def tried(candidate: Candidate, pictures: Sequence[Shown], k: int) -> list[Trial]:
    """Encode pictures with all that was made of them, and search for each.

    Args:
        candidate: the build.
        pictures: that were read again.
        k: hits among which a copy's original must be.

    Raises:
        BuildFailed: the engine fails.
    """
    pixels = np.concatenate([each.pixels for each in pictures])
    ends = np.cumsum([len(each.pixels) for each in pictures])[:-1]
    found = np.split(computed(candidate.encoder, pixels), ends)
    return [_trial(candidate, *pair, k) for pair in zip(pictures, found, strict=True)]


def _trial(candidate: Candidate, picture: Shown, features: Float32, k: int) -> Trial:
    own, copies = np.array([picture.number]), slice(1, 1 + len(MILD))
    reduced = candidate.reduction.apply(features) if candidate.reduction else features
    return Trial(
        path=candidate.records[picture.number].path,
        first=_finds_itself(candidate, reduced[0], own, k),
        copies=tuple(_finds(candidate, copy, own, k) for copy in reduced[copies]),
        contrast=_contrast(features[0], features[-1]) if len(features) > copies.stop else None,
    )


def _finds_itself(candidate: Candidate, feature: Float32, own: Ids, k: int) -> bool:
    """Return whether nothing is found before the picture itself.

    Images of equal content or equal feature lie as near as itself. So may others where the same
    picture, computed in another way, has not quite the same feature; but that must be near.
    """
    distance, hits = _search(candidate, feature, own, k)
    most = {
        "cosine": NOISE**2 / 2,  # of vectors of length 1 that lie NOISE apart
        "euclidean": NOISE * float(np.linalg.norm(feature)),
        "hamming": FLIPPED * len(feature),
    }
    return bool(hits[0] <= distance <= most[candidate.metric])


def _finds(candidate: Candidate, feature: Float32, own: Ids, k: int) -> bool:
    """Return whether a copy's original, or an image just as near, is among the first k hits."""
    distance, hits = _search(candidate, feature, own, k)
    return bool((hits == distance).any())


def _search(candidate: Candidate, feature: Float32, own: Ids, k: int) -> tuple[float, Float32]:
    """Search, and measure how far the original and each hit lie; NaN where there is no feature."""
    if not np.isfinite(feature).all():
        return np.nan, np.full(1, np.nan, np.float32)
    ids = candidate.index.search(feature, k, candidate.metric).ids
    found = measure(candidate.store, feature, candidate.metric, np.concatenate([own, ids]))
    return float(found[0]), found[1:]


def _contrast(feature: Float32, negative: Float32) -> float | None:
    """Return how far the encoder's feature of a picture lies from that of its negative."""
    pair = np.stack([feature, negative]).astype(np.float64)
    if not np.isfinite(pair).all():
        return None
    one, other = units(pair)
    return float(1 - one @ other)
