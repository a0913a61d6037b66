"""Turns a batch of decoded pictures into features, and says which of them have none."""

from dataclasses import dataclass

import numpy as np

from indexer.decoding.ahead import Decoded
from indexer.distances import lengths
from indexer.features.computing import computed
from indexer.scanning.known import SeenRejection
from indexer.types import Float32, ImageRecord
from models.encoder import Encoder


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
    """Encode the pictures of a batch; one whose feature is not finite, or zero, is rejected.

    Raises:
        BuildFailed: the engine fails.
    """
    rejections = list(batch.rejections)
    rows = [row for row, rejection in enumerate(rejections) if rejection is None]
    # Engines fill up what is less than the one shape in which they compute.
    pixels = batch.pixels[: len(rejections)]
    features = computed(encoder, pixels)[rows] if rows else _nothing(encoder)
    sizes = lengths(features)
    usable = np.isfinite(features).all(axis=1) & np.isfinite(sizes) & (sizes > 0)
    for at in np.flatnonzero(~usable):
        rejections[rows[at]] = _without_feature(batch.records[rows[at]])
    return Encoded(
        [record.sha256 for record, why in zip(batch.records, rejections, strict=True) if not why],
        features[usable],
        [rejection for rejection in rejections if rejection],
    )


def _nothing(encoder: Encoder) -> Float32:
    return np.empty((0, encoder.dim), np.float32)


def _without_feature(record: ImageRecord) -> SeenRejection:
    detail = "The encoder gives it no finite feature different from zero."
    return SeenRejection(
        record.root, record.path, "no feature", detail, record.bytes, record.mtime_ns
    )
