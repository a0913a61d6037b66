"""Says what measures need of a whole ranking without sorting it: both ends, and a few ranks."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from indexer.types import Float32, Ids

FEW = 64
"""Distances up to which others are counted for each; for more, all are sorted once."""


@dataclass(frozen=True)
class Ranks:
    """At which ranks the right answers to m queries stand.

    Attributes:
        counts: int64 (m,), how many of each query are ranked.
        ranks: int64 (sum of counts,), from 1, query by query, ascending in each.
    """

    counts: Ids
    ranks: Ids

    @classmethod
    def of(cls, relevant: NDArray[np.bool_]) -> Self:
        """Take them from whole rankings, bool (m, n)."""
        return cls(relevant.sum(axis=1), np.nonzero(relevant)[1] + 1)

    @classmethod
    def joined(cls, ranks: list[Ids]) -> Self:
        """Take those of each query, ascending."""
        counts = np.array([len(each) for each in ranks], np.int64)
        return cls(counts, np.concatenate([*ranks, np.zeros(0, np.int64)]))

    @property
    def queries(self) -> Ids:
        """Return whose each rank is, int64, of the shape of `ranks`."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @property
    def ordinals(self) -> Ids:
        """Return how many right answers stand up to each rank, of the shape of `ranks`."""
        earlier = np.repeat(np.cumsum(self.counts) - self.counts, self.counts)
        ordinals: Ids = np.arange(1, len(self.ranks) + 1) - earlier
        return ordinals


def ends(found: Float32, first: int, last: int) -> tuple[Ids, Ids]:
    """Return the places of the least and of the greatest distances, ties by place.

    Args:
        found: float32 (n,), the distances of one query, no NaN.
        first, last: how many are wanted from the beginning and from the end of the ranking.

    Returns:
        int64 (first or n,), the nearest first; and int64 (last or n,), the farthest first.
    """
    count = len(found)
    first, last = min(first, count), min(last, count)
    limits = [first - 1] * (first > 0) + [count - last] * (last > 0)
    parted = np.partition(found, limits) if limits else found
    near = np.flatnonzero(found <= parted[first - 1]) if first else np.zeros(0, np.int64)
    far = np.flatnonzero(found >= parted[count - last]) if last else np.zeros(0, np.int64)
    return _ascending(found, near)[:first], _ascending(found, far)[::-1][:last]


def ranks_of(found: Float32, places: Ids) -> Ids:
    """Return at which ranks some pictures stand, ties by place, without ranking the others.

    Args:
        found: float32 (n,), the distances of one query, no NaN.
        places: int64 (r,), of the pictures, ascending.

    Returns:
        int64 (r,), from 1, ascending: no longer in the order of the places.
    """
    values, which = np.unique(found[places], return_inverse=True)
    nearer, alike = _counted(found, values)
    ranks = nearer[which] + 1
    for tied in np.flatnonzero(alike > 1):
        of = which == tied
        ranks[of] += np.searchsorted(np.flatnonzero(found == values[tied]), places[of])
    return np.sort(ranks)


def _counted(found: Float32, values: Float32) -> tuple[Ids, Ids]:
    """Count the distances below some ascending values, and those that equal each."""
    if len(values) > FEW:
        ordered = np.sort(found)
        below = np.searchsorted(ordered, values, "left").astype(np.int64)
        return below, np.searchsorted(ordered, values, "right") - below
    counts = [(np.count_nonzero(found < each), np.count_nonzero(found == each)) for each in values]
    below, equal = np.array(counts, np.int64).reshape(-1, 2).T
    return below, equal


def _ascending(found: Float32, places: Ids) -> Ids:
    """Bring ascending places into the order of their distances, ties by place."""
    return places[np.argsort(found[places], kind="stable")]
