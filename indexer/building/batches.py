"""Turns a batch of decoded pictures into features, and says which of them have none."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.decoding.ahead import Decoded
from indexer.distances import lengths
from indexer.scanning.known import SeenRejection
from indexer.types import Float32, ImageRecord, Pixels
from models.encoder import Encoder
from models.errors import EncoderFailed


@dataclass(frozen=True)
class Encoded:
    """What became of a batch.

    Attributes:
        digests: SHA-256 of the contents that have a feature.
        features: float32 (n, dim), theirs.
        rejections: of the other images.
    """

    digests: list[str]
    features: Float32
    rejections: list[SeenRejection]


def encode(encoder: Encoder, batch: Decoded) -> Encoded:
    """Encode the pictures of a batch; one whose feature is not finite, or zero, is rejected."""
    rejections = list(batch.rejections)
    rows = [row for row, rejection in enumerate(rejections) if rejection is None]
    features = _features(encoder, batch.pixels, rows)
    sizes = lengths(features)
    usable = np.isfinite(features).all(axis=1) & np.isfinite(sizes) & (sizes > 0)
    for at in np.flatnonzero(~usable):
        rejections[rows[at]] = _without_feature(batch.records[rows[at]])
    return Encoded(
        [record.sha256 for record, why in zip(batch.records, rejections, strict=True) if not why],
        features[usable],
        [rejection for rejection in rejections if rejection],
    )


def _features(encoder: Encoder, pixels: Pixels, rows: Sequence[int]) -> Float32:
    """Encode some rows of a batch, one by one where they fail together; NaN for a failed one."""
    if not rows:
        return np.empty((0, encoder.dim), np.float32)
    try:
        return encoder.encode(pixels)[rows]
    except EncoderFailed:
        return np.concatenate([_feature(encoder, pixels, row) for row in rows])


def _feature(encoder: Encoder, pixels: Pixels, row: int) -> Float32:
    alone = np.zeros_like(pixels)
    alone[0] = pixels[row]
    try:
        return encoder.encode(alone)[:1]
    except EncoderFailed:
        return np.full((1, encoder.dim), np.nan, np.float32)


def _without_feature(record: ImageRecord) -> SeenRejection:
    detail = "The encoder gives it no finite feature different from zero."
    return SeenRejection(
        record.root, record.path, "no feature", detail, record.bytes, record.mtime_ns
    )
