"""Tables of codes by their parts: codes that differ in few bits agree in a part, or nearly."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import comb, log2
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import open_array, write_array
from indexer.errors import DamagedIndex
from indexer.indexes.kernels.parts import CANDIDATE, LOOKUP, Parts, frozen
from indexer.types import Ids

Words = NDArray[np.uint64]
Places = NDArray[np.int32]

STARTS, IDS = "starts.npy", "ids.npy"


@dataclass(frozen=True)
class Substrings:
    """m tables, each of one part of all codes, addressed by the part's value.

    Source: Norouzi, Punjani, Fleet, "Fast search in Hamming space with multi-index hashing",
    2012, section 3.

    Attributes:
        bits: of a code.
        starts: int32, of one table after the other: each bucket's first place in the table's row
            of `ids`, and the last one's end.
        ids: int32 (m, n), the codes' rows in the order of their buckets, ascending within one.
    """

    bits: int
    starts: Places
    ids: Places

    @classmethod
    def build(cls, codes: Words, bits: int, parts: int = 0) -> Self:
        """Sort codes by each of their parts.

        Args:
            codes: uint64 (n, words), of which only the first `bits` bits are used.
            bits: of a code.
            parts: how many; 0 for parts with about as many values as there are codes.
        """
        parts = parts or part_count(bits, len(codes))
        starts = np.zeros(int(part_offsets(part_edges(bits, parts))[-1]), np.int32)
        made = cls(bits, starts, np.empty((parts, len(codes)), np.int32))
        made._sort(codes)
        return made

    @property
    def parts(self) -> int:
        """Return m."""
        return len(self.ids)

    @property
    def memory_bytes(self) -> int:
        """Return the bytes of all tables."""
        return self.starts.nbytes + self.ids.nbytes

    @cached_property
    def tables(self) -> Parts:
        """Return what the kernels search by."""
        edges = part_edges(self.bits, self.parts)
        offsets = frozen(part_offsets(edges)[:-1])
        efforts = frozen(_efforts(edges, self.ids.shape[1]))
        return Parts(frozen(edges), offsets, frozen(self.starts), frozen(self.ids), efforts)

    def save(self, directory: Path) -> None:
        """Write the two arrays."""
        write_array(directory / STARTS, self.starts)
        write_array(directory / IDS, self.ids)

    @classmethod
    def load(cls, directory: Path, bits: int, parts: int, count: int) -> Self:
        """Memory-map the two arrays, their shapes checked."""
        length = int(part_offsets(part_edges(bits, parts))[-1])
        starts = open_array(directory / STARTS, "<i4", (length,))
        return cls(bits, starts, open_array(directory / IDS, "<i4", (parts, count)))

    def check(self, codes: Words) -> None:
        """Verify that the tables are those of the codes, uint64 (n, words).

        Raises:
            DamagedIndex: naming the file.
        """
        right = self.build(codes, self.bits, self.parts)
        if not np.array_equal(right.starts, self.starts):
            raise DamagedIndex(f"{STARTS} does not divide the codes into buckets.")
        if not np.array_equal(right.ids, self.ids):
            raise DamagedIndex(f"{IDS} does not hold every code in its bucket.")

    def _sort(self, codes: Words) -> None:
        from indexer.indexes.kernels.popcount import fill

        edges = part_edges(self.bits, self.parts)
        spans = pairwise(edges.tolist())
        for (first, end), starts, ids in zip(spans, self._starts(edges), self.ids, strict=True):
            fill(frozen(codes), first, end, starts, ids)

    def _starts(self, edges: Ids) -> Iterator[Places]:
        """Yield each table's part of `starts`."""
        for first, end in pairwise(part_offsets(edges)):
            yield self.starts[first:end]


def part_count(bits: int, count: int) -> int:
    """Return how many parts codes are cut into, so that a part has about `count` values."""
    width = max(1, int(log2(count)) if count else 1)
    return -(-bits // width)


def part_edges(bits: int, parts: int) -> Ids:
    """Return the bits at which parts of nearly equal width begin, and the end, int64 (m + 1,)."""
    return np.arange(parts + 1, dtype=np.int64) * bits // parts


def part_offsets(edges: Ids) -> Ids:
    """Return where the buckets of each table begin in one row, and the end, int64 (m + 1,)."""
    return np.cumsum([0, *(2 ** np.diff(edges) + 1)], dtype=np.int64)


def _efforts(edges: Ids, count: int) -> Ids:
    """Return what all radii below each can be expected to cost, int64 (bits + 2,)."""
    widths = np.diff(edges).tolist()
    costs = [0.0]
    for radius in range(edges[-1] + 1):
        flipped, table = divmod(radius, len(widths))
        values = 2 ** widths[table]
        costs.append(comb(widths[table], flipped) * (LOOKUP + CANDIDATE * count / values))
    return np.cumsum(costs).astype(np.int64)
