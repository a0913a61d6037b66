"""Folds hits that show the same picture into one, so that an answer does not repeat itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.distances import NOISE, units
from indexer.serving.queries import MAX_K
from indexer.serving.strength import Strength
from indexer.types import Float32, Hit

LIKE = 0.05
"""Part of the median cosine distance between two images of the gallery up to which they are taken
for copies; docs/answers.md tells what was measured."""

FETCHED = 2


@dataclass(frozen=True)
class Fold:
    """A hit that is shown, and those that show the same picture.

    Attributes:
        first: the best of them.
        others: the rest, best first.
    """

    first: Hit
    others: tuple[Hit, ...] = ()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Return all of them, best first."""
        return (self.first, *self.others)


def to_fetch(cards: int) -> int:
    """Return how many hits to search for, so that as many cards most likely remain of them."""
    return min(FETCHED * cards, MAX_K)


def threshold_of(strength: Strength) -> float:
    """Return the cosine distance up to which images of a gallery are taken for copies.

    It is 0, for equal features only, where the gallery is too small to compare with.
    """
    return LIKE * (strength.distance(50, "cosine") or 0.0)


def fold(
    hits: Sequence[Hit], features: Float32, threshold: float, cards: int | None = None
) -> tuple[Fold, ...]:
    """Fold each hit into the first shown one whose content it has, or to which it lies near.

    A hit is compared with those that are shown, not with those folded into them: so a chain of
    pictures, each like the next, does not become one.

    Args:
        hits: (k,), best first.
        features: float32 (k, dim), theirs as the index stores them; compared by the cosine,
            whatever the hits are ranked by.
        threshold: cosine distance up to which two are the same picture.
        cards: how many folds are wanted; hits that belong to none of the first so many are left
            out. None for all.

    Returns:
        The folds, in the order of their first hits; without `cards`, each hit is in one of them.

    Raises:
        ValueError: hits and features are not of the same number.
    """
    if len(hits) != len(features):
        raise ValueError(f"{len(hits)} hits need as many features. Received: {len(features)}")
    alike = _alike(features, threshold)
    shown = np.zeros(len(hits), np.bool_)
    members: dict[int, list[int]] = {}
    contents: dict[str, int] = {}
    for place, hit in enumerate(hits):
        found, near = contents.get(hit.image.sha256), np.flatnonzero(alike[place] & shown)
        if found is None and near.size:
            found = int(near[0])
        if found is not None:
            members[found].append(place)
        elif cards is None or len(members) < cards:
            members[place], contents[hit.image.sha256] = [], place
            shown[place] = True
    return tuple(
        Fold(hits[first], tuple(hits[each] for each in others)) for first, others in members.items()
    )


def _alike(features: Float32, threshold: float) -> NDArray[np.bool_]:
    """Return which features (k, dim) lie near to which, bool (k, k)."""
    rows = units(features.astype(np.float64))
    near: NDArray[np.bool_] = 1 - rows @ rows.T <= max(threshold, NOISE**2 / 2)
    return near
