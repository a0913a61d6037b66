"""Learned hash codes: images are ranked by the number of bits in which their codes differ."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from indexer.arrays import open_array, write_array
from indexer.distances import FeatureStore, block_slices, signs
from indexer.errors import DamagedIndex
from indexer.indexes.base import Mask, gathered, scan_all, scan_each
from indexer.indexes.kernels.parts import frozen
from indexer.indexes.options import Effort, IndexOptions
from indexer.indexes.substrings import Substrings, Words
from indexer.types import Answer, Answers, Float32, Metric
from models.parallel import in_order, worker_count

CODES = "codes.npy"
TOGETHER = 64  # queries of a batch that a thread answers at once
EVERYONE = frozen(np.zeros(0, np.bool_))


class HammingIndex:
    """Codes of one bit for each number of a feature: 1 where it is above 0.

    The distance "hamming" is the number of bits that differ, and every answer is that of a scan
    over all codes, ties by id, whatever was visited for it. Codes that lie close, as those of a
    network that was trained to hash do, are looked up in tables of their parts; where these
    would cost more than the scan, all codes are scanned. The other metrics measure every feature.

    Source: Norouzi, Punjani, Fleet, "Fast search in Hamming space with multi-index hashing", 2012.
    """

    def __init__(self, store: FeatureStore, codes: Words, substrings: Substrings) -> None:
        """Keep the features, their codes, uint64 (n, words), and the tables of these."""
        self.store = store
        self._codes, self._substrings = frozen(codes), substrings

    @classmethod
    def build(cls, store: FeatureStore, options: IndexOptions) -> Self:
        """Take the signs of a gallery's features; the options say nothing to them."""
        codes = np.empty((store.count, word_count(store.dim)), np.uint64)
        for rows in block_slices(store.count):
            codes[rows] = pack(store.rows(rows))
        return cls(store, codes, Substrings.build(codes, store.dim))

    @classmethod
    def load(cls, directory: Path, store: FeatureStore, parameters: Mapping[str, Any]) -> Self:
        """Memory-map what `save` wrote."""
        codes = open_array(directory / CODES, "<u8", (store.count, word_count(store.dim)))
        tables = Substrings.load(directory, store.dim, parameters["parts"], store.count)
        return cls(store, codes, tables)

    def with_effort(self, effort: Effort) -> Self:
        """Return the same index: its answers are always the nearest."""
        return self

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Return the length of the codes, and in how many parts these are looked up."""
        return {"bits": self.store.dim, "parts": self._substrings.parts}

    @property
    def memory_bytes(self) -> int:
        """Return the bytes of codes and tables."""
        return self._codes.nbytes + self._substrings.memory_bytes

    def save(self, directory: Path) -> None:
        """Write the codes and their tables."""
        write_array(directory / CODES, self._codes)
        self._substrings.save(directory)

    def check(self) -> None:
        """Verify that the codes are those of the features, and the tables those of the codes."""
        for rows in block_slices(self.store.count):
            if not np.array_equal(self._codes[rows], pack(self.store.rows(rows))):
                raise DamagedIndex(f"{CODES} does not hold the signs of the features.")
        self._substrings.check(self._codes)

    def warm(self) -> None:
        """Compile what searches run, and read the codes."""
        self.search(np.zeros(self.store.dim, np.float32), 1, "hamming", exact=True)

    def search(
        self,
        query: Float32,
        k: int,
        metric: Metric,
        *,
        exact: bool = False,
        allowed: Mask | None = None,
        effort: Effort | None = None,
    ) -> Answer:
        """Find the k nearest images, as `Index.search` says; `exact` scans all codes."""
        if metric != "hamming":
            return scan_all(self.store, query, k, metric, allowed)
        mask = EVERYONE if allowed is None else frozen(allowed)
        return self._nearest(pack(query[None])[0], k, mask, exact=exact)

    def search_many(
        self,
        queries: Float32,
        k: int,
        metric: Metric,
        *,
        exact: bool = False,
        effort: Effort | None = None,
    ) -> Answers:
        """Find the k nearest images of each query (m, dim), on all cores."""
        if metric != "hamming":
            return scan_each(self.store, queries, k, metric)
        codes, workers = pack(queries), worker_count(0)

        def answered(rows: slice) -> list[Answer]:
            return [self._nearest(code, k, EVERYONE, exact=exact) for code in codes[rows]]

        spans = block_slices(len(codes), TOGETHER)
        blocks = in_order(answered, spans, workers=workers, ahead=2 * workers)
        return gathered([each for block in blocks for each in block], min(k, self.store.count))

    def _nearest(self, code: Words, k: int, allowed: Mask, *, exact: bool) -> Answer:
        """Find the k codes nearest to one, uint64 (words,)."""
        from indexer.indexes.kernels.multi_index import GAVE_UP, nearest_codes

        total = int(np.count_nonzero(allowed)) if allowed.size else self.store.count
        scores = np.zeros(min(k, total), np.uint64)
        # A scan reads each code's words, and takes a step for each image.
        budget = 0 if exact or k >= total else total * len(code) + self.store.count
        probes, visited = 0, 0
        if total:
            tables, query = self._substrings.tables, tuple(code)
            probes, visited = nearest_codes(self._codes, tables, budget, query, allowed, scores)
        visited = total if visited == GAVE_UP else visited
        keys = np.sort(~scores)
        distances = (keys >> np.uint64(32)).astype(np.float32)
        ids = (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
        return Answer(ids, distances, visited, exact=True, probes=probes, measured=visited)


def pack(features: Float32) -> Words:
    """Return the codes of features (n, dim), uint64 (n, words): 1 where a number is above 0.

    Number i is bit i mod 64 of word i div 64; the bits beyond the last are 0.
    """
    packed = np.packbits(signs(features), axis=1, bitorder="little")
    codes = np.zeros((len(features), 8 * word_count(features.shape[1])), np.uint8)
    codes[:, : packed.shape[1]] = packed
    return codes.view(np.dtype("<u8"))


def word_count(bits: int) -> int:
    """Return how many words of 64 bits hold a code."""
    return -(-bits // 64)
