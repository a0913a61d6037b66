"""Keeps every feature that was ever computed, so that no image is encoded twice by one encoder.

A cache is a folder of segments (see indexer/features/segments.py), one for each process that ever
wrote at the same time as another. It outlives builds, whether they end, fail or are killed.
"""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from indexer.errors import DamagedIndex
from indexer.features.segments import DIGEST_BYTES, KEYS, ROWS, Bools, Digests, Segment, try_lock
from indexer.files import sync
from models.types import Fingerprint

FOLDER = "features"
OF_AN_ENCODER = re.compile(r".+-([0-9a-f]{16})")
SYNC_SECONDS = 2.0  # of work that the loss of power may cost
BLOCK_BYTES = 2**22  # of features that are looked at together


class FeatureCache:
    """The features of one encoder, by the SHA-256 of the images' content.

    One thread at a time may use it. What other processes add is seen when it is opened.

    Attributes:
        folder: where it lies.
        dim: width of the features.
        dtype: of the features.
    """

    def __init__(self, folder: Path, of: str, dim: int, dtype: str = "<f4") -> None:
        """Open the cache of an encoder, made where it does not exist.

        Args:
            folder: where it lies.
            of: digest of the encoder, which the checksums stand for too.
            dim: width of the features.
            dtype: of the features, as NumPy writes it.

        Raises:
            OSError: it cannot be made or read.
        """
        self.folder = folder
        self.dim = dim
        self.dtype = np.dtype(dtype)
        self._seed = crc32(of.encode())
        self._block = max(1, BLOCK_BYTES // self.row_bytes)
        self._segments: list[Segment] = []
        self._mine: Segment | None = None
        self._synced = monotonic()
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            stack.callback(self.close)
            for path in sorted(folder.glob(f"*{KEYS}")):
                self._open(path.with_suffix(""))
            stack.pop_all()

    @property
    def row_bytes(self) -> int:
        """Return the bytes of one feature."""
        return self.dtype.itemsize * self.dim

    def close(self) -> None:
        """Close the files; what was not synced is lost."""
        for segment in self._segments:
            segment.close()
        self._segments = []

    def known(self, digests: Sequence[str]) -> Bools:
        """Say which features are here and whole: every one of them is read and checked.

        A damaged feature is not known, and is computed again like one that never was. Ask for
        many at once: the first question after an `append` sorts the keys anew.

        Args:
            digests: SHA-256 of the images, in hexadecimal, (n,).

        Returns:
            bool (n,).
        """
        blocks = [self._find(part)[1] for part in self._blocks(digests)]
        return np.concatenate([np.zeros(0, bool), *blocks])

    def holds(self, digests: Sequence[str]) -> Bools:
        """Say which features were kept, without reading them; `read` checks what it reads.

        Args:
            digests: SHA-256 of the images, in hexadecimal, (n,).

        Returns:
            bool (n,).
        """
        wanted = _parsed(digests) if len(digests) else np.zeros(0, f"S{DIGEST_BYTES}")
        found = np.zeros(len(wanted), bool)
        for segment in self._segments:
            found |= segment.holds(wanted)
        return found

    def read(self, digests: Sequence[str]) -> NDArray[Any]:
        """Return the features of images (n, dim), each checked as it is read.

        Args:
            digests: SHA-256 of the images, in hexadecimal, (n,).

        Raises:
            DamagedIndex: one of them is not here, or no longer whole.
        """
        features = np.empty((len(digests), self.dim), self.dtype)
        start = 0
        for part in self._blocks(digests):
            rows, found = self._find(part)
            if not found.all():
                missing = digests[start + int(found.argmin())]
                raise DamagedIndex(f"{self.folder} holds no whole feature of the image {missing}.")
            features[start : start + len(part)] = rows
            start += len(part)
        return features

    def append(self, digests: Sequence[str], features: NDArray[Any]) -> None:
        """Add features; about every two seconds they are forced onto the disk.

        Args:
            digests: SHA-256 of the images, in hexadecimal, (n,).
            features: (n, dim), of the cache's dtype.

        Raises:
            OSError: the disk takes no more.
        """
        if features.dtype != self.dtype or features.shape != (len(digests), self.dim):
            raise ValueError(
                f"Expected {self.dtype} ({len(digests)}, {self.dim}). "
                f"Received: {features.dtype} {features.shape}"
            )
        if not len(digests):
            return
        self._mine = self._mine or self._claimed()
        self._mine.append(_parsed(digests), features)
        if monotonic() - self._synced >= SYNC_SECONDS:
            self.sync()

    def sync(self) -> None:
        """Force onto the disk what was appended.

        Raises:
            OSError: it cannot be written.
        """
        if self._mine:
            self._mine.save()
        self._synced = monotonic()

    def _find(self, digests: Digests) -> tuple[NDArray[Any], Bools]:
        """Look in one segment after the other; see Segment.find."""
        features = np.zeros((len(digests), self.dim), self.dtype)
        found = np.zeros(len(digests), bool)
        for segment in self._segments:
            open_ = np.flatnonzero(~found)
            if len(open_):
                features[open_], found[open_] = segment.find(digests[open_])
        return features, found

    def _blocks(self, digests: Sequence[str]) -> Iterator[Digests]:
        for start in range(0, len(digests), self._block):
            yield _parsed(digests[start : start + self._block])

    def _claimed(self) -> Segment:
        """Claim the first segment that no other process writes to, or a new one."""
        opened = {segment.stem.name: segment for segment in self._segments}
        number = 1
        while True:
            name = f"{number:06d}"
            segment = opened.get(name) or self._open(self.folder / name)
            if segment.claim():
                for folder in (self.folder, *self.folder.parents[:2]):
                    sync(folder)
                return segment
            number += 1

    def _open(self, stem: Path) -> Segment:
        stem.parent.mkdir(parents=True, exist_ok=True)  # it may have been pruned meanwhile
        segment = Segment(stem, self.dim, self._seed, self.dtype.str)
        self._segments.append(segment)
        return segment


@contextmanager
def feature_cache(instance: Path, fingerprint: Fingerprint) -> Iterator[FeatureCache]:
    """Open the features that an encoder has computed for an instance, and keep what is added.

    Args:
        instance: the folder under which all features lie.
        fingerprint: of the encoder, before any reduction.

    Raises:
        OSError: the disk is full, or failed otherwise.
    """
    folder = instance / FOLDER / f"{fingerprint.network}-{fingerprint.digest}"
    with saved(FeatureCache(folder, fingerprint.digest, fingerprint.dim)) as cache:
        yield cache


@contextmanager
def saved(cache: FeatureCache) -> Iterator[FeatureCache]:
    """Keep what is added to an open cache, however that ends, and close it.

    Raises:
        OSError: the disk is full, or failed otherwise.
    """
    with closing(cache):
        try:
            yield cache
        except BaseException:
            with suppress(OSError):  # the first error tells more
                cache.sync()
            raise
        cache.sync()


def prune_features(instance: Path, keep: AbstractSet[str], folder: str = FOLDER) -> int:
    """Remove the features of encoders that are needed no longer, save those being written.

    Args:
        instance: the folder under which all features lie.
        keep: digests of the fingerprints whose features stay.
        folder: the one of the instance with a folder for each encoder.

    Returns:
        How many bytes were freed.
    """
    freed = 0
    for cache in (instance / folder).glob("*"):
        encoder = OF_AN_ENCODER.fullmatch(cache.name)
        if encoder and encoder[1] not in keep and cache.is_dir():
            freed += _remove(cache)
    return freed


def _remove(folder: Path) -> int:
    """Remove a cache unless a process is writing to it, and return its size in bytes."""
    with ExitStack() as stack:
        for path in folder.glob(f"*{KEYS}"):
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            stack.callback(os.close, descriptor)
            if not try_lock(descriptor):
                return 0
        size = _size(folder)
        shutil.rmtree(folder, ignore_errors=True)
        return size - _size(folder)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*") if path.suffix in (KEYS, ROWS))


def _parsed(digests: Sequence[str]) -> Digests:
    content = bytes.fromhex("".join(digests))
    if len(content) != DIGEST_BYTES * len(digests):
        raise ValueError(f"Expected SHA-256 in hexadecimal. Received: {digests[0]!r}, ...")
    return np.frombuffer(content, f"S{DIGEST_BYTES}")
