"""Says which pictures of some folders are learnt from, how often, and which are held out."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from indexer.experiments.runs.facts import Data, Source
from indexer.gallery import scan
from indexer.types import Ids, ImageRecord, Rejection, Report, Scan, silent
from models.types import Limits

HELD_OUT_SHARE = 0.02
MOST_HELD_OUT = 300


@dataclass(frozen=True)
class Material:
    """The pictures of a training.

    Attributes:
        found: the usable ones, and the others with their reasons.
        named: how often each root was named.
        times: int64 (n,), how often each usable one is shown in an epoch; 0: it is held out.
    """

    found: Scan
    named: tuple[int, ...]
    times: Ids

    @property
    def files(self) -> tuple[Path, ...]:
        """Return the files of the usable pictures."""
        return tuple(self.found.roots[record.root] / record.path for record in self.found.records)

    @property
    def shown(self) -> Ids:
        """Return the places of the pictures that are learnt from, each as often as it is shown."""
        return np.repeat(np.arange(len(self.times)), self.times)

    @property
    def held_out(self) -> Ids:
        """Return the places of the pictures that are only measured with."""
        return np.flatnonzero(self.times == 0)

    @property
    def digests(self) -> frozenset[str]:
        """Return the SHA-256 of each file that is learnt from."""
        records = self.found.records
        return frozenset(records[place].sha256 for place in np.flatnonzero(self.times))

    @property
    def data(self) -> Data:
        """Return what people are told of it."""
        counts = Counter(record.root for record in self.found.records)
        folders = enumerate(zip(self.found.roots, self.named, strict=True))
        held_out = len(self.held_out)
        return Data(
            sources=tuple(Source(path, times, counts[root]) for root, (path, times) in folders),
            shown=len(self.times) - held_out,
            held_out=held_out,
            left_out=self.found.rejections,
        )

    def without(self, damaged: Mapping[int, str]) -> Self:
        """Return the material less some pictures, place -> reason, that cannot be decoded."""
        records = self.found.records
        rejections = [
            Rejection(records[place].root, records[place].path, "damaged", reason)
            for place, reason in damaged.items()
        ]
        kept = [place for place in range(len(records)) if place not in damaged]
        found = Scan(
            self.found.roots,
            tuple(records[place] for place in kept),
            (*self.found.rejections, *rejections),
        )
        return replace(self, found=found, times=self.times[kept])


def gather(
    sources: Sequence[Path], *, seed: int, limits: Limits, progress: Report = silent
) -> Material:
    """Find the pictures of some folders, and hold out a few of them.

    Args:
        sources: folders; the pictures of one that is named twice are shown twice an epoch.
        seed: draws those that are held out.
        limits: what a file may cost.
        progress: told after each file.

    Raises:
        GalleryError: as indexer.gallery.scan.
    """
    folders = Counter(Path(os.path.realpath(source)) for source in sources)
    found = scan(tuple(folders), limits=limits, progress=progress)
    named = tuple(folders.values())
    times = np.array([named[record.root] for record in found.records], np.int64)
    return Material(found, named, np.where(_held_out(found.records, seed), 0, times))


def _held_out(records: Sequence[ImageRecord], seed: int) -> NDArray[np.bool_]:
    """Draw the share that is held out, bool (n,): none of a few dozen pictures.

    It is drawn among contents: a copy of a picture that is learnt from would measure nothing.
    """
    contents, content = np.unique([record.sha256 for record in records], return_inverse=True)
    count = min(MOST_HELD_OUT, int(HELD_OUT_SHARE * len(contents)))
    drawn = np.random.default_rng(seed).permutation(len(contents))[:count]
    held: NDArray[np.bool_] = np.isin(content, drawn)
    return held
