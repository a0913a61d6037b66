"""The true neighbours by brute force, and how many of them an answer holds."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from indexer.distances import FeatureStore, block_slices, units
from indexer.types import Float32, Ids

SPARE = 16  # neighbours beyond k that are kept until distances are known in float64
NOISE = 1e-9  # cosines that differ by less are the same


@dataclass(frozen=True)
class Truth:
    """The cosine of each query to its true k-th neighbour.

    Attributes:
        store: the vectors that are searched.
        queries: float32 (m, dim).
        ids: int64 (m, k), the true neighbours, best first.
        least: float64 (m,), the k-th greatest cosines.
    """

    store: FeatureStore
    queries: Float32
    ids: Ids
    least: NDArray[np.float64]

    @classmethod
    def of(cls, store: FeatureStore, queries: Float32, k: int) -> Self:
        """Compare every query with every vector."""
        close = _closest(store, queries, min(k + SPARE, store.count))
        cosines = np.stack([_cosines(store, *pair) for pair in zip(queries, close, strict=True)])
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
        ids = np.take_along_axis(close, order, axis=1)
        return cls(store, queries, ids, np.take_along_axis(cosines, order[:, -1:], axis=1)[:, 0])

    def recall(self, answers: Ids) -> float:
        """Return the share of true neighbours in answers int64 (m, k), -1 where one is missing.

        A hit as near as the true k-th neighbour is as good as that one; none counts twice.
        """
        hits = 0
        for query, least, answer in zip(self.queries, self.least, answers, strict=True):
            found = np.unique(answer[answer >= 0])
            hits += int((_cosines(self.store, query, found) >= least - NOISE).sum())
        return hits / self.ids.size


def _cosines(store: FeatureStore, query: Float32, ids: Ids) -> NDArray[np.float64]:
    """Return the cosines of a query to some vectors, float64 (m,)."""
    cosines: NDArray[np.float64] = np.einsum(
        "ij,j->i", store.take(ids, unit=True), units(query.astype(np.float64))
    )
    return cosines


def _closest(store: FeatureStore, queries: Float32, count: int) -> Ids:
    """Return the nearest in single precision, int64 (m, count), in no order."""
    asked = units(queries.astype(np.float64)).astype(np.float32)
    best = np.full((len(asked), count), -np.inf, np.float32)
    ids = np.zeros((len(asked), count), np.int64)
    for rows in block_slices(store.count):
        norms = np.maximum(store.norms[rows], np.finfo(np.float32).tiny)
        cosines = np.hstack([best, asked @ store.rows(rows).T / norms])
        here = np.broadcast_to(np.arange(rows.start, rows.stop), (len(asked), len(norms)))
        kept = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        best = np.take_along_axis(cosines, kept, axis=1)
        ids = np.take_along_axis(np.hstack([ids, here]), kept, axis=1)
    return ids
