"""Rows that pictures are learnt from, such as a trunk's maps: computed where a cache lacks them."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import astuple, dataclass
from functools import partial
from itertools import compress
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.decoding.ahead import Decoded, decoded
from indexer.decoding.contents import HELD, Tally, each_content
from indexer.features.cache import FeatureCache
from indexer.features.maps import StoredRows, digest_of
from indexer.types import ImageRecord, Pixels, Rejection, Report, silent
from models.errors import TrainingRefused
from models.training.augmenting import NORMAL, VERSION, Strength, variants
from models.types import Crop, Limits

MOST_PICTURES = 16
BATCH_BYTES = 2**25
"""Pictures, and bytes of their rows, that are computed together; a few batches are held at once."""

Lacking = Mapping[str, Sequence[int]]
"""Content -> numbers of its views that are to be computed."""

Compute = Callable[[Pixels], NDArray[Any]]
"""uint8 (n, size, size, 3) -> rows (n, ...); a row that is not finite is none."""


@dataclass(frozen=True)
class Views:
    """In how many views each picture is learnt from.

    Attributes:
        variants: of each picture, beside itself.
        only: SHA-256 of the contents that have variants; None for all. Pictures that are only
            measured with are seen as they are.
        seed: draws what is changed in them. It is not the training's, so that all trainings of
            the same pictures share their rows.
        strength: how much is changed.
    """

    variants: int = 0
    only: AbstractSet[str] | None = None
    seed: int = 0
    strength: Strength = NORMAL

    def digests(self, record: ImageRecord) -> list[str]:
        """Return the digests of all views of a picture, itself first."""
        varied = self.only is None or record.sha256 in self.only
        how = repr((VERSION, self.seed, astuple(self.strength)))
        count = self.variants + 1 if varied else 1
        return [digest_of(record.sha256, each, how) for each in range(count)]


@dataclass(frozen=True)
class Kept:
    """Rows that are on disk, and whose they are.

    Attributes:
        rows: (n, variants + 1, ...) of the pictures that have one of each view; of those without
            variants all are the picture as it is.
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
    """What became of a batch: rows by their digests, the contents that have them, and the rest."""

    digests: list[str]
    rows: NDArray[Any]
    contents: list[str]
    rejections: list[Rejection]


def keep(
    pictures: Pictures,
    cache: FeatureCache,
    shape: tuple[int, ...],
    views: Views,
    compute: Compute,
    progress: Report,
    *,
    request: int = 1,
    reserve: int = 0,
) -> Kept:
    """Compute the rows that a cache lacks, and say which pictures have all of theirs.

    What is there is known by its key, and looked at when it is read: a row that is damaged is
    computed anew then.

    Args:
        pictures: what is computed of.
        cache: where rows are kept.
        shape: of a row.
        views: of each picture.
        compute: makes rows of pictures.
        progress: told at the beginning and after each batch.
        request: pictures that `compute` computes together, however few it is given.
        reserve: bytes that have to stay free on the disk.

    Raises:
        TrainingRefused: the disk has no room for them.
        BuildFailed, OSError: as for indexer.decoding.ahead.decoded; and what `compute` raises.
    """
    filling = _Filling(pictures, cache, views, compute, request)
    lacking = filling.lacking()
    filling.require_room(lacking, reserve)
    missing = [record for record in pictures.records if record.sha256 in lacking]
    reused = len(pictures.records) - len(missing)
    tally = Tally("trunk", pictures.records, reused, progress)
    filling.fill(missing, lacking, tally)
    usable = tally.usable
    stored = StoredRows(cache, _names(usable, views), shape, filling.mend)
    return Kept(stored, usable, tally.rejections)


class _Filling:
    """Computes what a cache lacks of some pictures."""

    def __init__(
        self,
        pictures: Pictures,
        cache: FeatureCache,
        views: Views,
        compute: Compute,
        request: int,
    ) -> None:
        self._pictures, self._cache, self._views = pictures, cache, views
        self._compute, self._request = compute, request

    def lacking(self) -> Lacking:
        """Return the views that are to be computed of each content that lacks any."""
        contents = list({each.sha256: each for each in self._pictures.records}.values())
        digests = [self._views.digests(record) for record in contents]
        held = self._cache.holds([digest for each in digests for digest in each])
        starts = np.cumsum([len(each) for each in digests])[:-1]
        lacking = {
            record.sha256: np.flatnonzero(~here).tolist()
            for record, here in zip(contents, np.split(held, starts), strict=True)
        }
        return {content: views for content, views in lacking.items() if views}

    def require_room(self, lacking: Lacking, reserve: int) -> None:
        """Refuse to compute what the disk could not take."""
        cache = self._cache
        rows, free = sum(map(len, lacking.values())), shutil.disk_usage(cache.folder).free
        needed = rows * cache.row_bytes
        if rows and needed + reserve > free:
            raise TrainingRefused(
                f"What the trained layers learn from would take {needed / 1e9:,.1f} GB more at "
                f"{cache.folder}: {len(lacking):,} pictures in {self._views.variants + 1} views, "
                f"{cache.row_bytes / 1e3:,.0f} kB each; {reserve / 1e9:,.1f} GB more must be left "
                f"for checkpoints. The disk has {free / 1e9:,.1f} GB left. Make room, or ask for "
                "fewer --variants or a smaller --size, or --unfreeze a later layer."
            )

    def fill(self, missing: Sequence[ImageRecord], lacking: Lacking, tally: Tally) -> None:
        """Compute views of pictures."""
        pictures = self._pictures
        decode = partial(
            decoded,
            roots=pictures.roots,
            size=pictures.size,
            batch_size=self._batch_size(),
            limits=pictures.limits,
            crop=pictures.crop,
            workers=pictures.workers,
            held=HELD,
        )
        work = partial(self._computed, lacking)
        with closing(each_content(missing, decode, work, tally.is_rejected)) as batches:
            for batch, copies in batches:
                rows = batch.rows.reshape(len(batch.digests), self._cache.dim)
                self._cache.append(batch.digests, rows)
                tally.add(batch.contents, batch.rejections, copies)

    def mend(self, wanted: Sequence[str]) -> None:
        """Compute rows anew that are damaged or missing; see indexer.features.maps.Mend."""
        whole = self._cache.known(wanted)
        broken = {digest for digest, here in zip(wanted, whole, strict=True) if not here}
        lacking: dict[str, list[int]] = {}
        for record in self._pictures.records:
            digests = self._views.digests(record)
            if not broken.isdisjoint(digests):
                lacking[record.sha256] = [
                    view for view, digest in enumerate(digests) if digest in broken
                ]
        records = [each for each in self._pictures.records if each.sha256 in lacking]
        self.fill(records, lacking, Tally("trunk", records, 0, silent))

    def _batch_size(self) -> int:
        """Return how many pictures are computed together, all of whose views fill requests."""
        views = self._views.variants + 1
        most = max(1, min(MOST_PICTURES, BATCH_BYTES // (self._cache.row_bytes * views)))
        whole = self._request // gcd(self._request, views)
        while whole > most:
            whole //= 2
        return most - most % whole

    def _computed(self, lacking: Lacking, batch: Decoded) -> _Computed:
        """Compute the views that pictures of a batch lack, all at once: engines fill requests."""
        rejections = list[Rejection | None](batch.rejections)
        wanted = [
            (place, view)
            for place, record in enumerate(batch.records)
            if rejections[place] is None
            for view in lacking[record.sha256]
        ]
        digests, rows = list[str](), np.zeros((0, self._cache.dim), self._cache.dtype)
        if wanted:
            rows = self._compute(np.concatenate([self._view(batch, *each) for each in wanted]))
            sound = [bool(np.isfinite(row).all()) for row in rows]
            for place, _ in compress(wanted, (not each for each in sound)):
                rejections[place] = _without_map(batch.records[place])
            digests = [
                self._views.digests(batch.records[place])[view]
                for place, view in compress(wanted, sound)
            ]
            rows = rows[sound]
        contents = [
            record.sha256
            for record, why in zip(batch.records, rejections, strict=True)
            if why is None
        ]
        return _Computed(digests, rows, contents, [why for why in rejections if why])

    def _view(self, batch: Decoded, place: int, view: int) -> Pixels:
        """Return a view of a picture, uint8 (1, size, size, 3)."""
        return variants(batch.pixels[place][None], view, self._views.seed, self._views.strength)


def _names(records: Sequence[ImageRecord], views: Views) -> NDArray[np.bytes_]:
    """Return the digests of views of pictures, (n, variants + 1); the first stands for no view."""
    count = views.variants + 1
    digests = [views.digests(record) for record in records]
    filled = [(each * count)[:count] if len(each) == 1 else each for each in digests]
    return np.array(filled, "S64").reshape(len(digests), count)


def _without_map(record: ImageRecord) -> Rejection:
    detail = "The frozen layers give it, or a variant of it, values too great for float16."
    return Rejection(record.root, record.path, "no feature", detail)
