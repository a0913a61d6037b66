"""Hash tables as sorted arrays, which open by memory map."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import open_array, write_array
from indexer.errors import DamagedIndex

KEYS, FIRSTS, STARTS, IDS = "keys.npy", "firsts.npy", "starts.npy", "ids.npy"
DIRECTORY = "directory.npy"
Keys = NDArray[np.uint64]


@dataclass(frozen=True)
class Buckets:
    """All tables of an index, one after the other.

    Where keys are small numbers the directory leads from each to its images at once, and `keys`,
    `firsts` and `starts` are empty. Otherwise it leads to a bucket by the first bits of its key.

    Attributes:
        keys: uint64 (buckets,), ascending within each table.
        firsts: int64 (g + 1,), each table's first bucket.
        starts: int64 (buckets + 1,), each bucket's first place in `ids`, taken as one row.
        ids: int32 (g, n), the images of each table in the order of its buckets, ascending
            within a bucket.
        directory: int32 (g, keys + 1), from a key to the first place of its bucket in the
            table's row of `ids`; or int32 (g, 2**bits + 1), from the first bits of a key to the
            first bucket of its table whose key has these or greater ones, counted within it.
    """

    keys: Keys
    firsts: NDArray[np.int64]
    starts: NDArray[np.int64]
    ids: NDArray[np.int32]
    directory: NDArray[np.int32]

    @classmethod
    def build(cls, tables: Keys, dense: int | None = None) -> Self:
        """Sort images into buckets.

        Args:
            tables: uint64 (g, n), the keys of the images in each table.
            dense: how many keys there may be, where they count from 0; None for any numbers.
        """
        return cls._dense(tables, dense) if dense else cls._sparse(tables)

    @classmethod
    def _dense(cls, tables: Keys, keys: int) -> Self:
        ids = np.stack([np.argsort(table, kind="stable").astype(np.int32) for table in tables])
        directory = np.zeros((len(tables), keys + 1), np.int32)
        for number, table in enumerate(tables):
            directory[number, 1:] = np.bincount(table.astype(np.int64), minlength=keys).cumsum()
        nothing = np.zeros(0, np.int64)
        return cls(nothing.view(np.uint64), nothing, nothing, ids, directory)

    @classmethod
    def _sparse(cls, tables: Keys) -> Self:
        g, count = tables.shape
        ids = np.empty((g, count), np.int32)
        keys: list[Keys] = []
        starts: list[NDArray[np.int64]] = []
        for number, table in enumerate(tables):
            order = np.argsort(table, kind="stable")
            ordered = table[order]
            ids[number] = order
            begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
            keys.append(ordered[begins])
            starts.append(begins + number * count)
        bits = max(1, int(max(map(len, keys)) - 1).bit_length())
        return cls(
            keys=np.concatenate(keys),
            firsts=np.cumsum([0, *map(len, keys)], dtype=np.int64),
            starts=np.concatenate([*starts, [g * count]]).astype(np.int64),
            ids=ids,
            directory=np.stack([_directory(table, bits) for table in keys]),
        )

    @property
    def is_dense(self) -> bool:
        """Return whether the directory leads to the images at once."""
        return not len(self.firsts)

    @property
    def shift(self) -> np.uint64:
        """Return how many bits to the right the beginning of a key lies."""
        return np.uint64(64 - (self.directory.shape[1] - 1).bit_length() + 1)

    def save(self, directory: Path) -> None:
        """Write the arrays that are not empty."""
        for name, array in self._files():
            write_array(directory / name, array)

    @classmethod
    def load(cls, directory: Path, g: int, count: int, dense: int | None = None) -> Self:
        """Memory-map the arrays, their shapes checked.

        Args:
            directory: where they were saved.
            g: number of tables.
            count: how many images.
            dense: as for `build`.

        Raises:
            DamagedIndex: an array is absent or not whole, or has another shape.
        """
        nothing = np.zeros(0, np.int64)
        keys, firsts, starts = nothing.view(np.uint64), nothing, nothing
        if not dense:
            keys = open_array(directory / KEYS, "<u8", (None,))
            firsts = open_array(directory / FIRSTS, "<i8", (g + 1,))
            starts = open_array(directory / STARTS, "<i8", (len(keys) + 1,))
        ids = open_array(directory / IDS, "<i4", (g, count))
        places = open_array(directory / DIRECTORY, "<i4", (g, dense + 1 if dense else None))
        return cls(keys, firsts, starts, ids, places)

    def check(self) -> None:
        """Verify order and completeness.

        Raises:
            DamagedIndex: naming the file.
        """
        everyone = np.arange(self.ids.shape[1])
        if not all(np.array_equal(np.sort(row), everyone) for row in self.ids):
            raise DamagedIndex(f"{IDS} does not hold every image once in each table.")
        if self.is_dense:
            self._check_places()
        else:
            self._check_keys()

    def _check_places(self) -> None:
        ends = self.directory[:, [0, -1]]
        if (np.diff(self.directory) < 0).any() or (ends != (0, self.ids.shape[1])).any():
            raise DamagedIndex(f"{DIRECTORY} does not divide the images into buckets.")

    def _check_keys(self) -> None:
        g, count = self.ids.shape
        if not _rises(self.firsts) or self.firsts[0] != 0 or self.firsts[-1] != len(self.keys):
            raise DamagedIndex(f"{FIRSTS} does not divide the buckets into tables.")
        begins = self.starts[self.firsts]
        if not _rises(self.starts) or not np.array_equal(begins, np.arange(g + 1) * count):
            raise DamagedIndex(f"{STARTS} does not divide the images into buckets.")
        bits = (self.directory.shape[1] - 1).bit_length() - 1
        for table in range(g):
            keys = self.keys[self.firsts[table] : self.firsts[table + 1]]
            if not (keys[1:] > keys[:-1]).all():
                raise DamagedIndex(f"{KEYS} is not in order.")
            if not np.array_equal(self.directory[table], _directory(keys, bits)):
                raise DamagedIndex(f"{DIRECTORY} does not lead to the buckets.")

    def _files(self) -> Iterator[tuple[str, NDArray[Any]]]:
        if not self.is_dense:
            yield KEYS, self.keys
            yield FIRSTS, self.firsts
            yield STARTS, self.starts
        yield IDS, self.ids
        yield DIRECTORY, self.directory


def _directory(keys: Keys, bits: int) -> NDArray[np.int32]:
    """Return where the keys of each beginning start, int32 (2**bits + 1,)."""
    beginnings = keys >> np.uint64(64 - bits)
    return np.searchsorted(beginnings, np.arange(2**bits + 1, dtype=np.uint64)).astype(np.int32)


def _rises(values: NDArray[np.int64]) -> bool:
    return bool((np.diff(values) > 0).all())
