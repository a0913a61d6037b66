"""Says how much a single search may do, and looks up what that gives."""

from dataclasses import dataclass, replace

import numpy as np

from indexer.errors import BadQuery
from indexer.indexes.base import Mask
from indexer.indexes.options import Effort
from indexer.indexes.registry import KINDS
from indexer.manifest import Manifest
from indexer.tuning.points import tuning_of
from indexer.types import Metric

MOST_PROBES = 2**15
"""Buckets that a search with a budget, or for many hits, opens at most: in a thin gallery many of
them are empty."""
FEW = 4096
"""Images that are measured one by one within a few milliseconds: where a search is narrowed to so
few of a gallery, buckets hold hardly any of them, and what is found there is a poor guess."""
SHARE = 4
"""Of a gallery, the part below which a search is called narrowed: one in so many."""


@dataclass(frozen=True)
class Wish:
    """What a search asks for; nothing of it leaves the choice to the index. One at most is given.

    Attributes:
        exact: measure every image.
        recall: find this part of the true nearest images, as the tuning measured it.
        budget: images after whose visit no further bucket is opened; the query's own buckets are
            opened in any case, and further ones up to it, of the plain family too.
    """

    exact: bool = False
    recall: float | None = None
    budget: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is out of range, and what does not go together."""
        if self.exact + (self.recall is not None) + (self.budget is not None) > 1:
            raise BadQuery("Ask for one of exact, recall and budget, not for several.")
        if self.recall is not None and not 0 < self.recall <= 1:
            raise BadQuery(f"recall should be above 0 and at most 1. Received: {self.recall}")
        if self.budget is not None and self.budget < 1:
            raise BadQuery(f"budget should be a number of images above 0. Received: {self.budget}")


AS_BUILT = Wish()
EXACT = Wish(exact=True)


@dataclass(frozen=True)
class Means:
    """How a search goes about a wish.

    Attributes:
        exact: it measures every image.
        effort: how much it does; None for what the index does by itself.
        recall: what that was measured to find; None where it was not.
    """

    exact: bool = False
    effort: Effort | None = None
    recall: float | None = None


class Planner:
    """Knows what was measured of an index, and goes by it."""

    def __init__(self, manifest: Manifest) -> None:
        """Take it from a manifest."""
        self._own_keep: int = manifest.parameters.get("keep", 0)
        self._images, self._metric = manifest.images, manifest.metric
        self._always_exact = KINDS[manifest.kind].exact
        self.tuning = tuning_of(manifest.tuning)

    def means(self, wish: Wish, k: int, metric: Metric, allowed: Mask | None) -> Means:
        """Choose how to go about a wish.

        Args:
            wish: what is asked for.
            k: how many hits.
            metric: what they are ranked by.
            allowed: bool (n,), the images that may be found; None for all.

        Returns:
            For a recall the least effort that was measured to give it; what measures every
            image, and surely does, where none was and the index may miss some. For more hits than
            the tuning counted, what the index does by itself grows with them; few images among
            which a search is narrowed are all measured.
        """
        tuning = self.tuning if self._holds(k, metric, allowed) else None
        if wish.exact:
            return Means(exact=True)
        if wish.budget is not None:
            return Means(effort=Effort(MOST_PROBES, self._keep(k), wish.budget))
        if wish.recall is not None and not self._always_exact:
            point = tuning.least(wish.recall) if tuning else None
            return Means(effort=point.effort, recall=point.recall) if point else Means(exact=True)
        if self._are_few(allowed):
            return Means(exact=True)
        return Means(effort=self._grown(k), recall=tuning.chosen.recall if tuning else None)

    def _holds(self, k: int, metric: Metric, allowed: Mask | None) -> bool:
        """Return whether what was measured holds for such a search.

        The tuning left out each query's own image; where more may not be found, the nearest lie
        farther away, as they do beyond the hits that it counted.
        """
        whole = allowed is None or int(np.count_nonzero(allowed)) >= self._images - 1
        return whole and k <= self._at and metric == self._metric

    def _are_few(self, allowed: Mask | None) -> bool:
        """Return whether so few images may be found that a search had better measure them all."""
        few = min(FEW, self._images // SHARE)
        return allowed is not None and int(np.count_nonzero(allowed)) <= few

    @property
    def _at(self) -> int:
        """Return how many hits the tuning counted, 0 without one."""
        return self.tuning.target.at if self.tuning else 0

    def _grown(self, k: int) -> Effort | None:
        """Return the chosen effort, grown to more hits than were counted; None for no more."""
        if not self.tuning or k <= self._at:
            return None
        own = self.tuning.chosen.effort
        probes = max(own.probes, min(self._times(own.probes, k), MOST_PROBES))
        return replace(own, probes=probes, keep=self._times(own.keep, k))

    def _keep(self, k: int) -> int:
        """Return the most candidates that are worth measuring; 0, all, where the index does so."""
        tried = [point.keep for point in self.tuning.efforts] if self.tuning else []
        return self._times(max([self._own_keep, *tried]), k) if self._own_keep else 0

    def _times(self, number: int, k: int) -> int:
        """Return as many times a number as there are more hits than were counted, rounded up."""
        return -(-number * max(k, self._at) // self._at) if self._at else number
