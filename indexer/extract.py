"""Turns the images of a scan into features: what was computed before is read, the rest computed."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np

from indexer.building.batches import Encoded, encode
from indexer.decoding.ahead import decoded
from indexer.distances import lengths
from indexer.features.cache import FeatureCache
from indexer.features.halves import rounded, widened
from indexer.features.writing import FeatureWriter
from indexer.types import (
    DEFAULT_LIMITS,
    Float32,
    ImageRecord,
    Progress,
    Rejection,
    Report,
    Scan,
    Stored,
    silent,
)
from models.encoder import Encoder
from models.parallel import in_order
from models.types import Limits

AT_ONCE = 2  # batches being encoded, so that the engine has one while the other is put away
AHEAD = 3  # batches handed to the encoder; as the oldest is put away, one less
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
    work = partial(encode, encoder)
    tally = _Tally(scan, reused=len(scan.records) - len(missing), progress=progress)
    # A content that cannot be had from the first file may be had from the next that held it.
    while missing:
        firsts, others = first_of_each_content(missing)
        copies = Counter(record.sha256 for record in others)
        pictures = decoded(
            firsts,
            scan.roots,
            encoder.size,
            batch_size=batch_size,
            limits=limits,
            crop=encoder.crop,
            workers=workers,
            held=AHEAD - 1,
        )
        with (
            closing(pictures),
            closing(in_order(work, pictures, workers=AT_ONCE, ahead=AHEAD)) as encoded,
        ):
            for batch in encoded:
                cache.append(batch.digests, batch.features)
                tally.add(batch, sum(copies[digest] for digest in batch.digests))
        failed = {record.sha256 for record in firsts if tally.has_rejected(record)}
        missing = [record for record in others if record.sha256 in failed]
    return tally.extraction()


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


class _Tally:
    """Counts what has become of the images, and tells how far that is."""

    def __init__(self, scan: Scan, reused: int, progress: Report) -> None:
        self._scan, self._reused, self._progress = scan, reused, progress
        self._done, self._computed = reused, 0
        self._rejected: dict[tuple[int, str], Rejection] = {}
        self._tell()

    def add(self, batch: Encoded, copies: int) -> None:
        """Count a batch, and further images whose content is among that of the batch."""
        self._rejected |= {(each.root, each.path): each for each in batch.rejections}
        self._computed += len(batch.digests)
        self._done += len(batch.digests) + len(batch.rejections) + copies
        self._tell()

    def has_rejected(self, record: ImageRecord) -> bool:
        """Return whether an image cannot be used."""
        return (record.root, record.path) in self._rejected

    def extraction(self) -> Extraction:
        """Return what became of all images."""
        usable = tuple(record for record in self._scan.records if not self.has_rejected(record))
        keys = ((record.root, record.path) for record in self._scan.records)
        rejections = tuple(self._rejected[key] for key in keys if key in self._rejected)
        return Extraction(usable, rejections, self._reused, self._computed)

    def _tell(self) -> None:
        note = f"{self._reused:,} reused" if self._reused else ""
        rejected = len(self._scan.rejections) + len(self._rejected)
        total = len(self._scan.records)
        self._progress(Progress("encode", self._done, total, note, rejected))


def first_of_each_content(
    records: Sequence[ImageRecord],
) -> tuple[list[ImageRecord], list[ImageRecord]]:
    """Part images into the first of each content, and all others."""
    seen: set[str] = set()
    firsts: list[ImageRecord] = []
    others: list[ImageRecord] = []
    for record in records:
        (others if record.sha256 in seen else firsts).append(record)
        seen.add(record.sha256)
    return firsts, others
