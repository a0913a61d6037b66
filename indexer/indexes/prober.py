"""Hands the parts of an LSH index to the kernels that search them."""

from threading import Lock

import numpy as np
from numpy.typing import NDArray

from indexer.distances import FeatureStore
from indexer.indexes.base import Mask
from indexer.indexes.buckets import Buckets
from indexer.indexes.coding import Codes, steps
from indexer.indexes.hashing import Hashing
from indexer.indexes.kernels.parts import (
    MEASURED,
    PROBES,
    VISITED,
    Gallery,
    Scheme,
    Tables,
    Wish,
    frozen,
    held,
)
from indexer.indexes.kernels.projecting import WHOLE
from indexer.indexes.kernels.searching import search_all, search_one
from indexer.indexes.options import Effort
from indexer.indexes.rotation import Rotation
from indexer.types import Answer, Answers, Float32, Metric

NO_MASK = np.zeros(0, np.bool_)

_all_cores = Lock()
"""Held while a kernel runs on several threads: where numba has none but its own pool of them, two
calls at a time would end the process."""


class Prober:
    """Searches tables; it may find fewer images than are asked for."""

    def __init__(
        self,
        store: FeatureStore,
        rotation: Rotation,
        hashing: Hashing,
        buckets: Buckets,
        codes: Codes,
        residual: float,
        w: float | None,
    ) -> None:
        """Arrange the parts as kernels take them."""
        self._count = store.count
        self.scheme = Scheme(
            unit=rotation.unit,
            mean=frozen(rotation.mean),
            axes=frozen(np.rint(rotation.axes * WHOLE).astype(np.int16)),
            scales=frozen(steps(rotation.spreads)),
            residual=np.float32(residual),
            rotations=frozen(hashing.rotations.transpose(2, 0, 1, 3)),
            projections=frozen(hashing.projections),
            offsets=frozen(hashing.offsets),
            factors=frozen(hashing.factors),
            unit_cost=np.float32(w * w if w else 1.0),
        )
        tables = Tables(
            dense=buckets.is_dense,
            keys=frozen(buckets.keys),
            firsts=frozen(buckets.firsts),
            directory=frozen(buckets.directory),
            shift=buckets.shift,
            starts=frozen(buckets.starts),
            ids=frozen(buckets.ids),
        )
        halves = store.features.dtype == np.float16
        features = store.features.view(np.uint16) if halves else store.features
        gallery = Gallery(frozen(codes), frozen(features), frozen(store.norms))
        self._coded = held(self.scheme, tables, gallery)
        self._bare = held(self.scheme, tables, gallery._replace(codes=gallery.codes[:0]))

    def find(
        self, query: Float32, k: int, metric: Metric, effort: Effort, allowed: Mask = NO_MASK
    ) -> Answer:
        """Find up to k images near a query, float32 (dim,), among those allowed."""
        ids, distances = np.empty(k, np.int64), np.empty(k, np.float32)
        stats = np.empty(3, np.int64)
        found = search_one(
            np.array(query, np.float32),
            self._coded if effort.keep else self._bare,
            self._wish(k, metric, effort),
            allowed,
            ids,
            distances,
            stats,
        )
        visited, probes, measured = stats.tolist()
        return Answer(ids[:found], distances[:found], visited, False, probes, measured)

    def find_many(
        self, queries: Float32, k: int, metric: Metric, effort: Effort
    ) -> tuple[Answers, NDArray[np.int64]]:
        """Find up to k images near each query, float32 (m, dim), on all cores.

        One call at a time runs, in all of the process; others wait.

        Returns:
            The answers, and int64 (m,), how many images were found for each.
        """
        count = len(queries)
        ids, distances = np.zeros((count, k), np.int64), np.zeros((count, k), np.float32)
        stats, found = np.zeros((count, 3), np.int64), np.zeros(count, np.int64)
        with _all_cores:
            search_all(
                np.array(queries, np.float32),
                self._coded if effort.keep else self._bare,
                self._wish(k, metric, effort),
                NO_MASK,
                ids,
                distances,
                stats,
                found,
            )
        visited, probes, measured = stats[:, (VISITED, PROBES, MEASURED)].T.copy()
        return Answers(ids, distances, visited, probes, measured), found

    def _wish(self, k: int, metric: Metric, effort: Effort) -> Wish:
        budget = self._count if effort.budget is None else effort.budget
        # Half as many again as the hits at least, as in tunings; else codes alone would choose.
        keep = min(max(effort.keep, k + (k + 1) // 2), self._count)  # what memory is taken for
        reach = np.float32(np.inf if effort.reach is None else effort.reach)
        return Wish(metric == "cosine", effort.probes, budget, k, reach, keep)
