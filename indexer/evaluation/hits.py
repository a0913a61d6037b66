"""Measures hits in exact arithmetic, and gives them the names that a task has for pictures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.distances import lengths, measure
from indexer.evaluation.findings import Hits
from indexer.evaluation.metrics import PerQuery, Relevance, Value, mean_of_hits
from indexer.evaluation.systems.base import System
from indexer.types import Float32, Ids, Metric


@dataclass(frozen=True)
class Measuring:
    """Pictures of a task, as a system's store holds them.

    Attributes:
        system: whose features are compared.
        metric: that hits are ranked by.
        pictures: int64 (n,), places in the task's gallery, ascending.
        rows: int64 (n,), where the store has each of them.
    """

    system: System
    metric: Metric
    pictures: Ids
    rows: Ids

    @classmethod
    def of(cls, system: System, metric: Metric) -> "Measuring":
        """Sort the store's rows by the places of their pictures."""
        return cls(system, metric, system.places[system.rows], system.rows)

    def distances(self, queries: slice, ids: Ids) -> Float32:
        """Measure pictures against queries.

        Args:
            queries: which ones.
            ids: int64 (len of queries, any), places in the gallery; -1 for none.

        Returns:
            float32, of the shape of `ids`; NaN for none.
        """
        found = np.full(ids.shape, np.nan, np.float32)
        asked = self.system.queries[queries]
        for query, of_one, distances in zip(asked, ids, found, strict=True):
            there = of_one >= 0
            rows = self._rows(of_one[there])
            distances[there] = measure(self.system.store, query, self.metric, rows)
        return found

    def settled(self, queries: slice, ids: Ids) -> tuple[Ids, Float32]:
        """Bring hits into the order of their exact distances, ties by id, -1 last.

        Args: as for `distances`.

        Returns:
            Which hit comes at each rank, int64, and the distances in their new order, float32,
            both of the shape of `ids`.
        """
        distances = self.distances(queries, ids)
        order = np.lexsort((ids, distances), axis=1)  # NaN comes last
        return order, np.take_along_axis(distances, order, axis=1)

    def similarities(self, queries: slice, hits: Hits) -> PerQuery:
        """Return the mean cosine of the hits; of their signs where ranked by Hamming distance."""
        if self.metric == "hamming":
            return 1 - 2 * mean_of_hits(hits.distances) / self.system.store.dim
        if self.metric == "cosine":
            return 1 - mean_of_hits(hits.distances)
        far = self.system.store.norms[self._rows(np.maximum(hits.ids, 0))].astype(np.float64)
        near = lengths(self.system.queries[queries])[:, None].astype(np.float64)
        # |q - x|² = |q|² + |x|² - 2 |q| |x| cos; what has no length has the cosine 0.
        both = np.where(near * far > 0, 2 * near * far, np.inf)
        return mean_of_hits((near**2 + far**2 - hits.distances.astype(np.float64) ** 2) / both)

    def _rows(self, ids: Ids) -> Ids:
        """Return where the store has some pictures."""
        places = np.searchsorted(self.pictures, ids).clip(max=len(self.rows) - 1)
        rows: Ids = self.rows[places]
        return rows


def joined(parts: list[Hits]) -> Hits:
    """Lay the hits of blocks of queries one below the other."""
    return Hits(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.distances for part in parts]),
        np.concatenate([part.relevant for part in parts]),
    )


def cut(ids: Ids, distances: Float32, relevant: Relevance, k: int) -> Hits:
    """Take k hits of each query, with what is none where there are fewer."""
    return Hits(_wide(ids, k, -1), _wide(distances, k, np.nan), _wide(relevant, k, False))


def _wide(values: NDArray[Value], k: int, nothing: object) -> NDArray[Value]:
    """Cut or fill rows to the width k."""
    wide = np.full((len(values), k), nothing, values.dtype)
    wide[:, : values.shape[1]] = values[:, :k]
    return wide
