"""Hash tables as sorted arrays, which open by memory map and are probed by binary search."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import open_array, write_array
from indexer.errors import DamagedIndex
from indexer.indexes.hashing import Codes

CODES, FIRSTS, STARTS, IDS = "codes.npy", "firsts.npy", "starts.npy", "ids.npy"


@dataclass(frozen=True)
class Buckets:
    """All tables of an index, one after the other.

    Attributes:
        codes: int32 (h, buckets), one column for each bucket, in lexicographic order within
            each table.
        firsts: int64 (g + 1,), each table's first bucket.
        starts: int64 (buckets + 1,), each bucket's first place in `ids`, taken as one row.
        ids: int32 (g, n), the images of each table in the order of its buckets, ascending
            within a bucket.
    """

    codes: Codes
    firsts: NDArray[np.int64]
    starts: NDArray[np.int64]
    ids: NDArray[np.int32]

    @classmethod
    def build(cls, codes: Codes) -> Self:
        """Sort codes int32 (g, n, h) into buckets."""
        tables = [_sorted_table(table) for table in codes]
        count = codes.shape[1]
        sizes = [len(starts) for _, starts, _ in tables]
        starts = [starts + number * count for number, (_, starts, _) in enumerate(tables)]
        return cls(
            codes=np.hstack([columns for columns, _, _ in tables]),
            firsts=np.cumsum([0, *sizes], dtype=np.int64),
            starts=np.concatenate([*starts, [len(tables) * count]]).astype(np.int64),
            ids=np.stack([ids for _, _, ids in tables]),
        )

    def lookup(self, table: int, code: Codes) -> NDArray[np.int32]:
        """Return the ids in the bucket of a code (h,), int32 (m,), perhaps none."""
        low, high = int(self.firsts[table]), int(self.firsts[table + 1])
        for row, value in zip(self.codes, code, strict=True):
            part = row[low:high]
            low, high = (
                low + int(part.searchsorted(value, "left")),
                low + int(part.searchsorted(value, "right")),
            )
            if low == high:
                return self.ids[0, :0]
        return self.ids.reshape(-1)[self.starts[low] : self.starts[low + 1]]

    def save(self, directory: Path) -> None:
        """Write the four arrays."""
        for name, array in self._files():
            write_array(directory / name, array)

    @classmethod
    def load(cls, directory: Path, g: int, h: int, count: int) -> Self:
        """Memory-map the four arrays, their shapes checked."""
        codes = open_array(directory / CODES, "<i4", (h, None))
        return cls(
            codes=codes,
            firsts=open_array(directory / FIRSTS, "<i8", (g + 1,)),
            starts=open_array(directory / STARTS, "<i8", (codes.shape[1] + 1,)),
            ids=open_array(directory / IDS, "<i4", (g, count)),
        )

    def check(self) -> None:
        """Verify order and completeness.

        Raises:
            DamagedIndex: naming the file.
        """
        g, count = self.ids.shape
        everyone = np.arange(count)
        if (
            not _rises(self.firsts)
            or self.firsts[0] != 0
            or self.firsts[-1] != len(self.starts) - 1
        ):
            raise DamagedIndex(f"{FIRSTS} does not divide the buckets into tables.")
        begins = self.starts[self.firsts]
        if not _rises(self.starts) or not np.array_equal(begins, np.arange(g + 1) * count):
            raise DamagedIndex(f"{STARTS} does not divide the images into buckets.")
        if not all(np.array_equal(np.sort(row), everyone) for row in self.ids):
            raise DamagedIndex(f"{IDS} does not hold every image once in each table.")
        for first, last in zip(self.firsts[:-1], self.firsts[1:], strict=True):
            table = np.asarray(self.codes[:, first:last])
            if not np.array_equal(np.lexsort(table[::-1]), np.arange(last - first)):
                raise DamagedIndex(f"{CODES} is not in order.")

    def _files(self) -> Iterator[tuple[str, NDArray[np.integer]]]:
        yield CODES, self.codes
        yield FIRSTS, self.firsts
        yield STARTS, self.starts
        yield IDS, self.ids


def _sorted_table(codes: Codes) -> tuple[Codes, NDArray[np.int64], NDArray[np.int32]]:
    """Sort one table's codes (n, h) to its buckets' codes (h, buckets), starts and ids."""
    order = np.lexsort(codes.T[::-1])
    ordered = codes[order]
    changes = (ordered[1:] != ordered[:-1]).any(axis=1)
    starts = np.flatnonzero(np.concatenate([[True], changes]))
    return np.ascontiguousarray(ordered[starts].T), starts, order.astype(np.int32)


def _rises(values: NDArray[np.int64]) -> bool:
    return bool((np.diff(values) > 0).all())
