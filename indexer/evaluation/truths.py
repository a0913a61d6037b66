"""Which pictures are right: those of the query's class, or those of a list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from indexer.evaluation.metrics import Relevance
from indexer.types import Ids

NO_CLASS = -1
UNASKED = -2
"""The class of a query without one, and the place of a query that is not of the gallery."""


@dataclass(frozen=True)
class ByClass:
    """Pictures of the query's class are right, itself apart.

    Attributes:
        classes: int64 (n + 1,), the class of each picture of the gallery, NO_CLASS where it has
            none; the last stands for no picture, so that the id -1 is right for nobody.
        wanted: int64 (m,), the class of each query, UNASKED where it has none.
        own: int64 (m,), the place of each query in the gallery, UNASKED where it is not there.
    """

    classes: Ids
    wanted: Ids
    own: Ids

    @classmethod
    def of(cls, gallery: Sequence[str], queries: Sequence[str], own: Ids | None = None) -> Self:
        """Number the classes.

        Args:
            gallery: the class of each of n pictures; "" for those that are right for no query.
            queries: the class of each of m queries, or "".
            own: int64 (m,), the place of each query in the gallery, -1 where it is not there;
                None where none is.
        """
        numbers = {name: number for number, name in enumerate(dict.fromkeys(gallery)) if name}
        classes = [numbers.get(name, NO_CLASS) for name in gallery]
        wanted = [numbers.get(name, UNASKED) for name in queries]
        places = np.full(len(queries), UNASKED) if own is None else np.where(own < 0, UNASKED, own)
        return cls(np.array([*classes, NO_CLASS], np.int64), np.array(wanted, np.int64), places)

    @property
    def totals(self) -> Ids:
        """Return how many right answers the gallery holds for each query, int64 (m,)."""
        counts = np.bincount(self.classes[self.classes >= 0], minlength=1)
        found = np.where(self.wanted >= 0, counts[np.maximum(self.wanted, 0)], 0)
        itself = (self.own >= 0) & (self.classes[np.maximum(self.own, 0)] == self.wanted)
        totals: Ids = found - itself
        return totals

    def relevant(self, rows: slice, ids: Ids) -> Relevance:
        """Say which pictures are right, as tasks.Truth has it."""
        right: Relevance = self.classes[ids] == self.wanted[rows, None]
        own = self.own[rows, None]
        return right & (ids != own) if (own >= 0).any() else right

    def ignored(self, rows: slice, ids: Ids) -> Relevance | None:
        """Ignore the query itself, as tasks.Truth has it."""
        own = self.own[rows, None]
        itself: Relevance = ids == own
        return itself if (own >= 0).any() else None


@dataclass(frozen=True)
class ByList:
    """What is right and what is ignored is listed for each query.

    Attributes:
        count: of the gallery's pictures.
        right: int64 for each of m queries, places of its right answers, none twice.
        aside: int64 for each of m queries, places that are ignored.
    """

    count: int
    right: tuple[Ids, ...]
    aside: tuple[Ids, ...]

    @classmethod
    def of(cls, count: int, right: Sequence[Iterable[int]], aside: Sequence[Iterable[int]]) -> Self:
        """Take lists of places; what is in both of a query's is ignored.

        Args:
            count: of the gallery's pictures.
            right: places of the right answers to each of m queries.
            aside: places that are neither right nor wrong for each.
        """
        ignored = [set(places) for places in aside]
        kept = [set(places) - out for places, out in zip(right, ignored, strict=True)]
        return cls(count, tuple(map(_places, kept)), tuple(map(_places, ignored)))

    @property
    def totals(self) -> Ids:
        """Return how many right answers the gallery holds for each query, int64 (m,)."""
        return np.array([len(places) for places in self.right], np.int64)

    def relevant(self, rows: slice, ids: Ids) -> Relevance:
        """Say which pictures are right, as tasks.Truth has it."""
        return self._among(self.right[rows], ids)

    def ignored(self, rows: slice, ids: Ids) -> Relevance | None:
        """Say which pictures are ignored, as tasks.Truth has it."""
        aside = self.aside[rows]
        return self._among(aside, ids) if any(map(len, aside)) else None

    def _among(self, chosen: Sequence[Ids], ids: Ids) -> Relevance:
        """Say of each row's ids whether they are among its chosen places."""
        found = np.zeros(ids.shape, np.bool_)
        marks = np.zeros(self.count + 1, np.bool_)  # the last is for the id -1
        for row, places in enumerate(chosen):
            marks[places] = True
            found[row] = marks[ids[row]]
            marks[places] = False
        return found


def _places(places: Iterable[int]) -> Ids:
    return np.array(sorted(places), np.int64)
