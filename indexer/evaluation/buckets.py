"""Says which pictures share a bucket of plain LSH with a query."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.distances import block_slices, lengths
from indexer.evaluation.hits import Measuring
from indexer.evaluation.metrics import Relevance
from indexer.indexes.arranging import ROWS
from indexer.indexes.hashing import Hashing
from indexer.indexes.parameters import LshParameters
from indexer.indexes.rotation import scaled
from indexer.types import Float32

TABLE_BYTES = 12
"""Of each picture in each table while these are made: its key, and its bucket's number."""


@dataclass(frozen=True)
class Tables:
    """Which bucket each image, and each query, lies in.

    Attributes:
        gallery: int32 (g, n), the bucket of each picture that the system has, by place.
        queries: int32 (g, m), in the same numbers.
    """

    gallery: NDArray[np.int32]
    queries: NDArray[np.int32]

    def opened(self, query: int) -> Iterator[Relevance]:
        """Open a query's bucket in one table after the other.

        Yields:
            bool (n,), the pictures in the buckets opened so far; the same array each time.
        """
        near = np.zeros(self.gallery.shape[1], np.bool_)
        for images, asked in zip(self.gallery, self.queries[:, query], strict=True):
            near |= images == asked
            yield near


def hashed(measuring: Measuring, parameters: LshParameters) -> Tables:
    """Hash gallery and queries, in one pass over all features.

    Args:
        measuring: the system's pictures.
        parameters: as an LSH index completes them, of plain tables of whole features.

    Returns:
        The tables of an index of these parameters.
    """
    store, queries = measuring.system.store, measuring.system.queries
    scheme = Hashing.draw(parameters, store.dim)
    keys = np.empty((parameters.g, store.count + len(queries)), np.uint64)
    for rows, features, norms in _features(measuring):
        points = scaled(features, norms, unit=parameters.unit).astype(np.float64)
        keys[:, rows] = scheme.keys(points)
    # Small numbers are quicker to compare than keys.
    numbers = np.empty(keys.shape, np.int32)
    for table, found in zip(keys, numbers, strict=True):
        found[:] = np.unique(table, return_inverse=True)[1]
    return Tables(numbers[:, measuring.rows], numbers[:, store.count :])


def _features(measuring: Measuring) -> Iterator[tuple[slice, Float32, Float32]]:
    """Yield the features of the store and then of the queries, with their lengths, in blocks."""
    store, queries = measuring.system.store, measuring.system.queries
    for rows in block_slices(store.count, ROWS):
        yield rows, store.rows(rows), store.norms[rows]
    for rows in block_slices(len(queries), ROWS):
        after = slice(store.count + rows.start, store.count + rows.stop)
        yield after, queries[rows], lengths(queries[rows])
