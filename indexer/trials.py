"""Shows a finished build one of its pictures again, and copies of it, as people will do."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from indexer.distances import FeatureStore, measure, units
from indexer.evaluation.distortions import DISTORTIONS
from indexer.files import read_regular
from indexer.indexes.base import Index
from indexer.reduction import Reduction
from indexer.types import Float32, Ids, ImageRecord, Metric, Pixels
from models.encoder import Encoder
from models.errors import EncoderFailed, ImageError
from models.images import decode, squash
from models.types import Limits

MILD = ("recompressed", "rotated")
"""The distortions of which every sound network, even one of random weights, finds the original."""

TELLING = 32  # mean difference between a picture and its negative below which that says nothing
NOISE = 0.01  # length by which a feature of length 1 may change when it is computed again


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


def shown(candidate: Candidate, number: int, limits: Limits) -> Pixels | None:
    """Read a picture again, and distort it.

    The copies are made of a square twice as wide as the encoder reads. So memory is bounded, and
    the pictures of all galleries are distorted alike, whatever their size.

    Returns:
        uint8 (1 + kinds, size, size, 3), the picture and its copies; None where the file is no
        longer what was indexed.
    """
    record, size = candidate.records[number], candidate.encoder.size
    try:
        content, _ = read_regular(candidate.roots[record.root] / record.path, limits.max_bytes)
        if sha256(content).hexdigest() != record.sha256:
            return None
        picture = decode(content, size, limits=limits, name=record.path)
        large = decode(content, 2 * size, limits=limits, name=record.path)
    except (OSError, ImageError):
        return None
    return np.stack([picture, *(squash(DISTORTIONS[kind](large), size) for kind in MILD)])


def tried(candidate: Candidate, number: int, pictures: Pixels, k: int, *, negative: bool) -> Trial:
    """Search for a picture and its copies.

    Args:
        candidate: the build.
        number: the picture's id.
        pictures: what `shown` returned for it.
        k: hits among which a copy's original must be.
        negative: measure the contrast too, where the picture differs from its negative at all.
    """
    own = np.array([number])
    features = _features(candidate.encoder, pictures)
    reduced = candidate.reduction.apply(features) if candidate.reduction else features
    negative = negative and bool(np.abs(2.0 * pictures[0] - 255).mean() >= TELLING)
    return Trial(
        path=candidate.records[number].path,
        first=_finds_itself(candidate, reduced[0], own, k),
        copies=tuple(_finds(candidate, copy, own, k) for copy in reduced[1:]),
        contrast=_contrast(candidate.encoder, pictures[0], features[0]) if negative else None,
    )


def _finds_itself(candidate: Candidate, feature: Float32, own: Ids, k: int) -> bool:
    """Return whether nothing is found before the picture itself.

    Images of equal content or equal feature lie as near as itself. So may others where the same
    picture, computed in another way, has not quite the same feature; but that must be near.
    """
    distance, hits = _search(candidate, feature, own, k)
    near = NOISE**2 / 2  # the cosine distance of vectors of length 1 that lie NOISE apart
    most = near if candidate.metric == "cosine" else NOISE * np.linalg.norm(feature)
    return bool(hits[0] <= distance <= most)


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


def _contrast(encoder: Encoder, picture: Pixels, feature: Float32) -> float | None:
    """Return how far the encoder's feature of a picture lies from that of its negative."""
    negative = _features(encoder, 255 - picture[None])[0]
    pair = np.stack([feature, negative]).astype(np.float64)
    if not np.isfinite(pair).all():
        return None
    one, other = units(pair)
    return float(1 - one @ other)


def _features(encoder: Encoder, pictures: Pixels) -> Float32:
    """Encode pictures, one by one where they fail together; NaN for one that fails alone."""
    try:
        return encoder.encode(pictures)
    except EncoderFailed:
        if len(pictures) == 1:
            return np.full((1, encoder.dim), np.nan, np.float32)
        return np.concatenate([_features(encoder, picture[None]) for picture in pictures])
