"""Rows that pictures are learnt from, such as a trunk's maps: computed where a cache lacks them."""

import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.decoding.ahead import Decoded, decoded
from indexer.extract import AHEAD, AT_ONCE, first_of_each_content
from indexer.features.cache import FeatureCache
from indexer.features.maps import StoredRows, digest_of
from indexer.types import ImageRecord, Pixels, Progress, Rejection, Report
from models.errors import TrainingRefused
from models.parallel import in_order
from models.training.augmenting import NORMAL, Strength, variants
from models.types import Crop, Limits

MOST_PICTURES = 16
BATCH_BYTES = 2**25
"""Pictures, and bytes of their rows, that are computed together; a few batches are held at once."""

Compute = Callable[[Pixels], NDArray[Any]]
"""uint8 (n, size, size, 3) -> rows (n, ...); a row that is not finite is none."""


@dataclass(frozen=True)
class Views:
    """In how many views each picture is learnt from.

    Attributes:
        variants: of each picture, beside itself.
        seed: draws what is changed in them.
        strength: how much is changed.
    """

    variants: int = 0
    seed: int = 0
    strength: Strength = NORMAL

    def digests(self, record: ImageRecord) -> list[str]:
        """Return the digests of all views of a picture (variants + 1,)."""
        how = repr((self.seed, astuple(self.strength)))
        return [digest_of(record.sha256, each, how) for each in range(self.variants + 1)]


@dataclass(frozen=True)
class Kept:
    """Rows that are on disk, and whose they are.

    Attributes:
        rows: (n, variants + 1, ...) of the pictures that have one of each view.
        records: of these, (n,), in the order given.
        rejections: of the other pictures, in that order.
    """

    rows: StoredRows
    records: tuple[ImageRecord, ...]
    rejections: tuple[Rejection, ...]


@dataclass(frozen=True)
class Pictures:
    """Pictures, and how they are decoded; the arguments of indexer.decoding.ahead.decoded."""

    records: tuple[ImageRecord, ...]
    roots: tuple[Path, ...]
    size: int
    crop: Crop
    limits: Limits
    workers: int


@dataclass(frozen=True)
class _Computed:
    """What became of a batch: the rows of each view, by their digests, and what has none."""

    digests: list[list[str]]
    rows: list[NDArray[Any]]
    records: tuple[ImageRecord, ...]
    rejections: list[Rejection]


def keep(
    pictures: Pictures,
    cache: FeatureCache,
    shape: tuple[int, ...],
    views: Views,
    compute: Compute,
    progress: Report,
) -> Kept:
    """Compute the rows that a cache lacks, and say which pictures have all of theirs.

    Args:
        pictures: what is computed of.
        cache: where rows are kept.
        shape: of a row.
        views: of each picture.
        compute: makes rows of pictures.
        progress: told at the beginning and after each batch.

    Raises:
        TrainingRefused: the disk has no room for them.
        BuildFailed, OSError: as for indexer.decoding.ahead.decoded; and what `compute` raises.
    """
    lacking = _lacking(pictures.records, cache, views)
    _require_room(cache, sum(map(len, lacking.values())), len(lacking), views)
    missing = [record for record in pictures.records if record.sha256 in lacking]
    tally = _Tally(len(pictures.records), len(missing), progress)
    batch_size = min(MOST_PICTURES, BATCH_BYTES // (cache.row_bytes * (views.variants + 1)))
    work = partial(_compute, compute, views, lacking)
    # A content that cannot be had from the first file may be had from the next that held it.
    while missing:
        firsts, others = first_of_each_content(missing)
        copies = Counter(record.sha256 for record in others)
        ahead = decoded(
            firsts,
            pictures.roots,
            pictures.size,
            batch_size=max(1, batch_size),
            limits=pictures.limits,
            crop=pictures.crop,
            workers=pictures.workers,
            held=AHEAD - 1,
        )
        with (
            closing(ahead),
            closing(in_order(work, ahead, workers=AT_ONCE, ahead=AHEAD)) as batches,
        ):
            for batch in batches:
                for digests, rows in zip(batch.digests, batch.rows, strict=True):
                    cache.append(digests, rows.reshape(len(rows), cache.dim))
                tally.add(batch, copies)
        missing = [record for record in others if tally.has_failed(record)]
    usable = tuple(record for record in pictures.records if not tally.is_rejected(record))
    stored = StoredRows(cache, _names(usable, views), shape)
    return Kept(stored, usable, tally.rejections(pictures.records))


def _compute(
    compute: Compute, views: Views, lacking: Mapping[str, Sequence[int]], batch: Decoded
) -> _Computed:
    """Compute the views that pictures of a batch lack."""
    refused: dict[int, Rejection] = {
        place: why for place, why in enumerate(batch.rejections) if why is not None
    }
    names: list[list[str]] = []
    found: list[NDArray[Any]] = []
    digests = [views.digests(record) for record in batch.records]
    for view in range(views.variants + 1):
        places = [
            place
            for place, record in enumerate(batch.records)
            if place not in refused and view in lacking[record.sha256]
        ]
        if not places:
            continue
        rows = compute(variants(batch.pixels[places], view, views.seed, views.strength))
        sound = [at for at, row in enumerate(rows) if np.isfinite(row).all()]
        names.append([digests[places[at]][view] for at in sound])
        found.append(rows[sound])
        for place in set(places) - {places[at] for at in sound}:
            refused[place] = _without_map(batch.records[place])
    return _Computed(names, found, batch.records, [refused[place] for place in sorted(refused)])


def _lacking(
    records: Sequence[ImageRecord], cache: FeatureCache, views: Views
) -> dict[str, list[int]]:
    """Return the views that are to be computed of each content that lacks any."""
    contents = list({record.sha256: record for record in records}.values())
    lacking: dict[str, list[int]] = {}
    for record in contents:
        known = cache.known(views.digests(record))
        if not known.all():
            lacking[record.sha256] = np.flatnonzero(~known).tolist()
    return lacking


def _require_room(cache: FeatureCache, rows: int, pictures: int, views: Views) -> None:
    needed, free = rows * cache.row_bytes, shutil.disk_usage(cache.folder).free
    if needed > free:
        raise TrainingRefused(
            f"What the trained layers learn from would take {needed / 1e9:,.1f} GB more at "
            f"{cache.folder}: {pictures:,} pictures in {views.variants + 1} views, "
            f"{cache.row_bytes / 1e3:,.0f} kB each. The disk has {free / 1e9:,.1f} GB left. Make "
            "room, or ask for fewer --variants or a smaller --size, or unfreeze from a later layer."
        )


def _names(records: Sequence[ImageRecord], views: Views) -> NDArray[np.bytes_]:
    """Return the digests of all views of pictures, (n, variants + 1)."""
    digests = [views.digests(record) for record in records]
    return np.array(digests, "S64").reshape(len(digests), views.variants + 1)


def _without_map(record: ImageRecord) -> Rejection:
    detail = "The frozen layers give it, or a variant of it, values too great for float16."
    return Rejection(record.root, record.path, "no feature", detail)


class _Tally:
    """Counts what has become of the pictures, and tells how far that is."""

    def __init__(self, total: int, missing: int, progress: Report) -> None:
        self._total, self._done, self._progress = total, total - missing, progress
        self._note = f"{self._done:,} reused" if self._done else ""
        self._rejected: dict[tuple[int, str], Rejection] = {}
        self._failed: set[str] = set()
        self._tell()

    def add(self, batch: _Computed, copies: Mapping[str, int]) -> None:
        """Count a batch, and further pictures whose content is among what it has computed."""
        rejected = {(each.root, each.path): each for each in batch.rejections}
        for record in batch.records:
            if (record.root, record.path) in rejected:
                self._failed.add(record.sha256)
                self._done += 1
            else:
                self._failed.discard(record.sha256)
                self._done += 1 + copies[record.sha256]
        self._rejected |= rejected
        self._tell()

    def has_failed(self, record: ImageRecord) -> bool:
        """Return whether the last file of this content could not be used."""
        return record.sha256 in self._failed

    def is_rejected(self, record: ImageRecord) -> bool:
        """Return whether a picture cannot be used."""
        return (record.root, record.path) in self._rejected

    def rejections(self, records: Sequence[ImageRecord]) -> tuple[Rejection, ...]:
        """Return those of some pictures, in their order."""
        keys = ((record.root, record.path) for record in records)
        return tuple(self._rejected[key] for key in keys if key in self._rejected)

    def _tell(self) -> None:
        rejected = len(self._rejected)
        self._progress(Progress("trunk", self._done, self._total, self._note, rejected))
