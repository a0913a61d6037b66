"""Keeps the nearest pictures of many queries, from which hits among some pictures are taken."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.distances import measure
from indexer.evaluation.blocks import kept
from indexer.evaluation.hits import Measuring
from indexer.evaluation.metrics import Relevance
from indexer.evaluation.ranking import by_rows, distances
from indexer.evaluation.standings import ends
from indexer.evaluation.systems.base import System
from indexer.evaluation.tasks import Task
from indexer.types import Ids, Metric

Done = Callable[[int], None]
FRONT = 256
"""Of a ranking, kept at least: where the hits of most settings lie."""
FRONT_CELLS = 2**24
"""Pictures that are kept of all rankings together, where these are few."""


@dataclass(frozen=True)
class Front:
    """The nearest pictures of each query by one metric.

    Attributes:
        task: what is asked.
        measuring: the system's pictures.
        order: int32 (m, front), places among these, nearest first, without those that are ignored;
            -1 where there are no more.
    """

    task: Task
    measuring: Measuring
    order: NDArray[np.int32]

    @classmethod
    def of(cls, task: Task, system: System, metric: Metric, done: Done) -> "Front":
        """Measure all pictures once, telling how many queries each block has done."""
        measuring = Measuring.of(system, metric)
        width = front_width(system.store.count, len(task.queries))
        order = np.full((len(task.queries), width), -1, np.int32)
        for rows, found in distances(system.store, system.queries, metric, measuring.rows):

            def fill(part: slice, start: int = rows.start, found: np.ndarray = found) -> None:
                for at in range(part.start, part.stop):
                    row = slice(start + at, start + at + 1)
                    places = np.flatnonzero(kept(task.truth, row, measuring.pictures[None])[0])
                    nearest = places[ends(found[at][places], width, 0)[0]]
                    order[start + at, : len(nearest)] = nearest

            by_rows(fill, len(found))
            done(len(found))
        return cls(task, measuring, order)

    def hits(self, query: int, near: Relevance, k: int) -> Ids:
        """Return the k nearest of some pictures, int64 (k,), places in the gallery; -1 for none.

        Args:
            query: which one.
            near: bool (n,), the pictures.
            k: how many.
        """
        order = self.order[query]
        known = order[order >= 0]
        places = known[near[known]][:k].astype(np.int64)
        if len(places) < k and len(known) == len(order) < len(near):
            places = self._farther(query, near, k)
        found = np.full(k, -1, np.int64)
        found[: len(places)] = self.measuring.pictures[places]
        return found

    def _farther(self, query: int, near: Relevance, k: int) -> Ids:
        """Measure some pictures, those that are not ignored, and return the places of k."""
        among, row = np.flatnonzero(near), slice(query, query + 1)
        keep = kept(self.task.truth, row, self.measuring.pictures[among][None])[0]
        among = among[keep]
        system, rows = self.measuring.system, self.measuring.rows[among]
        found = measure(system.store, system.queries[query], self.measuring.metric, rows)
        nearest: Ids = among[np.argsort(found, kind="stable")[:k]]
        return nearest


def front_width(count: int, queries: int) -> int:
    """Return how many pictures of so many are kept for each of so many queries."""
    return min(count, max(FRONT, FRONT_CELLS // max(1, queries)))
