"""Turns the images of a gallery into features: decodes ahead in threads, encodes, writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from indexer.distances import lengths
from indexer.features import FeatureWriter
from indexer.files import read_regular
from indexer.types import (
    DEFAULT_LIMITS,
    Float32,
    ImageRecord,
    Pixels,
    Progress,
    Rejection,
    Report,
    Scan,
    silent,
)
from models.encoder import Encoder
from models.errors import EncoderFailed, ImageError
from models.images import decode
from models.parallel import in_order, worker_count
from models.types import Limits


@dataclass(frozen=True)
class Extraction:
    """What became of the images of a scan.

    Attributes:
        records: the images that have a feature, in the order of the rows written.
        rejections: the others, in the same order.
        norms: float32 (n,), the Euclidean lengths of the rows written.
    """

    records: tuple[ImageRecord, ...]
    rejections: tuple[Rejection, ...]
    norms: Float32


def extract(
    scan: Scan,
    encoder: Encoder,
    writer: FeatureWriter,
    *,
    batch_size: int = 32,
    workers: int = 0,
    limits: Limits = DEFAULT_LIMITS,
    progress: Report = silent,
) -> Extraction:
    """Encode every image of a scan, and append the features of those that have one.

    Every batch has the same shape, the last one filled up with black, and the order is the
    scan's, whatever the number of threads. Memory is bounded by a few batches.

    Args:
        scan: what the walk found.
        encoder: image to feature.
        writer: takes the rows.
        batch_size: images encoded at once.
        workers: threads that decode; 0 for one on each core.
        limits: what a file may cost.
        progress: told after each batch.
    """
    records: list[ImageRecord] = []
    rejections: list[Rejection] = []
    norms: list[Float32] = [np.zeros(0, np.float32)]

    def load(record: ImageRecord) -> tuple[ImageRecord, Pixels | Rejection]:
        return record, _load(record, scan.roots[record.root], encoder.size, limits)

    def finish(batch: Sequence[tuple[ImageRecord, Pixels]]) -> None:
        features = _encode(encoder, [pixels for _, pixels in batch], batch_size)
        sizes = lengths(features)
        usable = np.isfinite(features).all(axis=1) & np.isfinite(sizes) & (sizes > 0)
        for (record, _), good in zip(batch, usable, strict=True):
            if good:
                records.append(record)
            else:
                detail = "The encoder gives it no finite feature different from zero."
                rejections.append(_refuse(record, "no feature", detail))
        writer.append(features[usable])
        norms.append(sizes[usable])
        progress(Progress("encode", len(records) + len(rejections), len(scan.records)))

    threads = worker_count(workers)
    batch: list[tuple[ImageRecord, Pixels]] = []
    loaded = in_order(load, scan.records, workers=threads, ahead=threads + batch_size)
    for record, outcome in loaded:
        if isinstance(outcome, Rejection):
            rejections.append(outcome)
            continue
        batch.append((record, outcome))
        if len(batch) == batch_size:
            finish(batch)
            batch = []
    if batch:
        finish(batch)
    return Extraction(tuple(records), tuple(rejections), np.concatenate(norms))


def _load(record: ImageRecord, root: Path, size: int, limits: Limits) -> Pixels | Rejection:
    """Decode one image, if it still is what the scan saw."""
    try:
        content, _ = read_regular(root / record.path, limits.max_bytes)
        if sha256(content).hexdigest() != record.sha256:
            return _refuse(record, "changed", "The file has changed since the scan.")
        return decode(content, size, limits=limits, name=record.path)
    except ImageError as error:
        return _refuse(record, "damaged", str(error))
    except OSError as error:
        detail = f"The file cannot be read any more: {error.strerror or error}."
        return _refuse(record, "changed", detail)


def _encode(encoder: Encoder, images: Sequence[Pixels], batch_size: int) -> Float32:
    """Encode images, one by one where they fail together; a failed one becomes NaN."""
    try:
        return _encode_batch(encoder, images, batch_size)
    except EncoderFailed:
        rows = [_encode_one(encoder, image, batch_size) for image in images]
        return np.concatenate(rows)


def _encode_one(encoder: Encoder, image: Pixels, batch_size: int) -> Float32:
    try:
        return _encode_batch(encoder, [image], batch_size)
    except EncoderFailed:
        return np.full((1, encoder.dim), np.nan, np.float32)


def _encode_batch(encoder: Encoder, images: Sequence[Pixels], batch_size: int) -> Float32:
    batch = np.zeros((batch_size, encoder.size, encoder.size, 3), np.uint8)
    batch[: len(images)] = images
    return encoder.encode(batch)[: len(images)]


def _refuse(record: ImageRecord, reason: str, detail: str) -> Rejection:
    return Rejection(record.root, record.path, reason, detail)
