"""Says how strong a match is: how many pairs of a gallery's images lie farther apart."""

from collections.abc import Sequence
from threading import Lock

import numpy as np

from indexer.distances import FeatureStore, Float64
from indexer.pairs import LEVELS, METRICS, distance_quantiles
from indexer.types import Float32, Metric

LEAST_IMAGES = 20
"""Fewer have too few pairs, below 190, for shares of them to say anything."""


class Strength:
    """Compares distances with those between random pairs of a gallery; safe to use from threads.

    A distance by itself says little: what is near depends on the network and on the pictures.
    That 99.9 % of all pairs lie farther apart means the same in every gallery.
    """

    def __init__(self, store: FeatureStore, quantiles: Float32 | None = None) -> None:
        """Take what the build has sampled.

        Args:
            store: the gallery.
            quantiles: as `indexer.pairs.distance_quantiles` made them of it, or None where the
                build did not: then they are made at the first need.
        """
        self._store, self._quantiles = store, quantiles
        self._lock = Lock()

    def percentile(self, distance: float, metric: Metric) -> float | None:
        """Return what share of random pairs of the gallery lies farther apart, in percent.

        Args:
            distance: as hits have it.
            metric: that it is measured in.

        Returns:
            From 0 to 100; 99.9 says: nearer than 99.9 % of the pairs. Of a sample of 100,000 pairs,
            100 says no more than that none of these lies as near. None where the gallery has less
            than LEAST_IMAGES images.
        """
        found = self.percentiles([distance], metric)
        return found[0] if found else None

    def percentiles(self, distances: Sequence[float], metric: Metric) -> tuple[float, ...] | None:
        """Return the percentile of each of several distances, as `percentile` does."""
        if self._store.count < LEAST_IMAGES:
            return None
        shares = _shares_within(self._of(metric), np.asarray(distances, np.float64))
        return tuple((100 * (1 - shares)).tolist())

    def distance(self, percentile: float, metric: Metric) -> float | None:
        """Return the distance of a percentile, from 0 to 100: 50 gives the median of the pairs."""
        if self._store.count < LEAST_IMAGES:
            return None
        return float(np.interp(1 - percentile / 100, LEVELS, self._of(metric)))

    def _of(self, metric: Metric) -> Float64:
        with self._lock:
            if self._quantiles is None:
                self._quantiles = distance_quantiles(self._store)
            quantiles: Float64 = self._quantiles[METRICS.index(metric)].astype(np.float64)
        return quantiles


def _shares_within(quantiles: Float64, distances: Float64) -> Float64:
    """Return the shares of pairs that lie as near as distances (m,) or nearer, float64 (m,).

    Between two quantiles they grow evenly.
    """
    above = np.searchsorted(quantiles, distances, side="right")
    inside = (above > 0) & (above < len(quantiles))
    shares = np.where(above > 0, 1.0, 0.0)
    upper, lower = above[inside], above[inside] - 1
    part = (distances[inside] - quantiles[lower]) / (quantiles[upper] - quantiles[lower])
    shares[inside] = LEVELS[lower] + part * (LEVELS[upper] - LEVELS[lower])
    return shares
