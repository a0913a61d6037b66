"""Turns the images of a scan into features: what was computed before is read, the rest computed."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np

from indexer.building.batches import encode
from indexer.decoding.ahead import decoded
from indexer.decoding.contents import HELD, Tally, each_content
from indexer.distances import lengths
from indexer.features.cache import FeatureCache
from indexer.features.halves import rounded, widened
from indexer.features.writing import FeatureWriter
from indexer.types import (
    DEFAULT_LIMITS,
    Float32,
    ImageRecord,
    Rejection,
    Report,
    Scan,
    Stored,
    silent,
)
from models.encoder import Encoder
from models.types import Limits

BLOCK_BYTES = 2**23  # of features that are gathered at once


@dataclass(frozen=True)
class Extraction:
    """What became of the images of a scan.

    Attributes:
        records: the images that have a feature in the cache, in the scan's order.
        rejections: the others, in the same order.
        reused: how many images had a feature before.
        computed: how many features were computed; pictures of equal content share one.
    """

    records: tuple[ImageRecord, ...]
    rejections: tuple[Rejection, ...]
    reused: int
    computed: int


def extract(
    scan: Scan,
    encoder: Encoder,
    cache: FeatureCache,
    *,
    batch_size: int = 32,
    workers: int = 0,
    limits: Limits = DEFAULT_LIMITS,
    progress: Report = silent,
) -> Extraction:
    """Compute the features that the cache lacks, and say which images have one.

    Engines compute in one constant shape, whatever the batch. Each feature goes into the cache as
    soon as its batch is encoded, so that whatever ends a build costs a few batches.
    Neither records nor features depend on the number of processes or the size of batches. Memory
    for pixels is bounded by a few batches.

    Args:
        scan: what the walk found.
        encoder: image to feature.
        cache: the features of that encoder.
        batch_size: images encoded at once.
        workers: processes that decode, at most; see `decoded`.
        limits: what a file may cost.
        progress: told at the beginning and after each batch.

    Raises:
        BuildFailed: no process that decodes can be kept alive, or the engine fails.
        OSError: the disk is full, or failed otherwise.
    """
    known = cache.known([record.sha256 for record in scan.records])
    missing = [record for record, here in zip(scan.records, known, strict=True) if not here]
    reused, computed = len(scan.records) - len(missing), 0
    tally = Tally("encode", scan.records, reused, progress, len(scan.rejections))
    decode = partial(
        decoded,
        roots=scan.roots,
        size=encoder.size,
        batch_size=batch_size,
        limits=limits,
        crop=encoder.crop,
        workers=workers,
        held=HELD,
    )
    work = partial(encode, encoder)
    with closing(each_content(missing, decode, work, tally.is_rejected)) as batches:
        for batch, copies in batches:
            cache.append(batch.digests, batch.features)
            computed += len(batch.digests)
            tally.add(batch.digests, batch.rejections, copies)
    return Extraction(tally.usable, tally.rejections, reused, computed)


def write_features(
    records: Sequence[ImageRecord],
    cache: FeatureCache,
    writer: FeatureWriter,
    reduce: Callable[[Float32], Float32] | None = None,
) -> Float32:
    """Write the features of images from the cache, in order, a block at a time.

    Args:
        records: of the images.
        cache: holds the features of all of them.
        writer: takes the rows, rounded to what it stores.
        reduce: makes float32 (rows, dim) of the cache's features, or None to leave them.

    Returns:
        float32 (n,), the Euclidean lengths of the rows written.

    Raises:
        DamagedIndex: the cache lacks a feature.
        BadParameter: one cannot be stored as is asked.
        OSError: the disk is full, or failed otherwise.
    """
    rows = max(1, BLOCK_BYTES // (4 * cache.dim))
    norms = [np.zeros(0, np.float32)]
    for start in range(0, len(records), rows):
        block = records[start : start + rows]
        features = cache.read([record.sha256 for record in block])
        if reduce:
            features = reduce(features)
        stored: Stored = features
        if writer.store_as == "float16":
            stored = rounded(features, [record.path for record in block])
        writer.append(stored)
        norms.append(lengths(widened(stored)))
    return np.concatenate(norms)
