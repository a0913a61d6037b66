"""Maps of a network's trunk on disk, read by position as an array is."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from indexer.errors import DamagedIndex
from indexer.features.cache import FeatureCache
from models.errors import TrainingRefused

TRUNKS = "trunks"
"""The folder of an instance where the maps of trunks lie, each trunk's in a folder of its own."""


Mend = Callable[[Sequence[str]], None]
"""Computes rows of a cache anew, of which some are damaged or missing, by their digests."""


class StoredRows:
    """Rows of a cache by position, each checked as it is read.

    They are read and not mapped into memory: a row that the disk has lost is then an error that
    says so, and never the end of the process. Threads may ask at the same time, and take turns.
    """

    def __init__(
        self,
        cache: FeatureCache,
        digests: NDArray[np.bytes_],
        row_shape: tuple[int, ...],
        mend: Mend,
    ) -> None:
        """Name the rows.

        Args:
            cache: holds them; it stays open as long as they are read.
            digests: by which the cache knows them, in hexadecimal, of any shape.
            row_shape: of a row, as many numbers as the cache's are wide.
            mend: computes rows anew, by their digests, that are damaged or missing.
        """
        self._cache, self._digests, self._row_shape = cache, digests, row_shape
        self._mend = mend
        self._one_thread = Lock()

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of the digests, and behind it that of a row."""
        return (*self._digests.shape, *self._row_shape)

    def first_views(self) -> Self:
        """Return the rows of digests (n, views) that are of the first view: by position alone."""
        return type(self)(self._cache, self._digests[:, 0], self._row_shape, self._mend)

    def __getitem__(self, places: Any, /) -> NDArray[Any]:
        """Return rows (b, ...) by integers (b,) for each axis of the digests.

        Those that are damaged, or were removed, are computed anew.

        Raises:
            TrainingRefused: one of them cannot be computed any more.
        """
        wanted = [digest.decode() for digest in self._digests[places].tolist()]
        with self._one_thread:
            try:
                found = self._cache.read(wanted)
            except DamagedIndex:
                self._mend(wanted)
                found = self._read_mended(wanted)
        return found.reshape(-1, *self._row_shape)

    def _read_mended(self, wanted: Sequence[str]) -> NDArray[Any]:
        try:
            return self._cache.read(wanted)
        except DamagedIndex as error:
            raise TrainingRefused(
                f"A map that was computed lies in {self._cache.folder} no more, or is damaged, and "
                "its picture cannot be read any more. Put the picture back where it was, and give "
                "the command again with --resume; or begin anew, under another --name."
            ) from error


def kept_bytes(instance: Path) -> int:
    """Return how many bytes all that trainings learn from takes under an instance."""
    return sum(file.stat().st_size for file in (instance / TRUNKS).rglob("*") if file.is_file())


def digest_of(content: str, variant: int, how: str) -> str:
    """Return the digest by which a cache knows a variant of a picture.

    Args:
        content: SHA-256 of the picture's file, in hexadecimal.
        variant: 0 for the picture as it is.
        how: text that says all that variants depend on.
    """
    if variant == 0:
        return content
    return sha256(f"{content} {variant} {how}".encode()).hexdigest()
