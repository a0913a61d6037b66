"""Holds some pictures of each class out, the same ones whenever the seed is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.evaluation.errors import EvaluationError
from indexer.evaluation.metrics import Relevance
from indexer.types import Ids


@dataclass(frozen=True)
class Split:
    """How many pictures of each class are held out: a share of them, or a number.

    Of each class at least one picture is held out and at least one stays, so that a class of a
    single picture is left whole. Pictures without a class stay.

    Attributes:
        share: of each class, between 0 and 1; None where a number is given.
        count: of each class, at least 1; None where a share is given.
        seed: of the draw.
    """

    share: float | None = None
    count: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what does not say how many.

        Raises:
            EvaluationError: saying what was received.
        """
        by_share = self.share is not None and 0 < self.share < 1
        by_count = self.count is not None and self.count >= 1
        if (self.share is None) == (self.count is None) or not (by_share or by_count):
            raise EvaluationError(
                "A split holds out a share of each class, between 0 and 1, or a number of its "
                f"pictures, at least 1. Received: share {self.share}, count {self.count}"
            )

    def held_out(self, labels: Sequence[str]) -> Relevance:
        """Draw the pictures that are held out.

        Args:
            labels: the class of each of n pictures; "" where it has none.

        Returns:
            bool (n,).
        """
        names = np.array(labels, np.str_)
        held = np.zeros(len(names), np.bool_)
        rng = np.random.default_rng(self.seed)
        for label in np.unique(names[names != ""]):
            places = np.flatnonzero(names == label)
            held[rng.permutation(places)[: self._held(len(places))]] = True
        return held

    def _held(self, size: int) -> int:
        wanted = self.count if self.share is None else max(1, round(self.share * size))
        return min(wanted or 0, size - 1)


def drawn_by_class(labels: Sequence[str], count: int, seed: int = 0) -> Ids:
    """Draw some of n pictures, of each class its share.

    Args:
        labels: the class of each of n pictures.
        count: how many; all, where there are fewer.
        seed: of the draw.

    Returns:
        int64, their places, ascending.
    """
    rng = np.random.default_rng(seed)
    turns = np.empty(len(labels))
    _, classes = np.unique(np.array(labels, np.str_), return_inverse=True)
    order = np.argsort(classes, kind="stable")
    for places in np.split(order, np.cumsum(np.bincount(classes))[:-1]):
        # The pictures of a class are spread evenly from 0 to 1, so that the first of all hold
        # as large a part of each.
        turns[rng.permutation(places)] = (np.arange(len(places)) + rng.random()) / len(places)
    return np.sort(np.argsort(turns, kind="stable")[:count])
