"""Finds a width for the intervals of p-stable hash functions, by how far near images lie."""

from typing import Any

import numpy as np

from indexer.distances import FeatureStore, Float64, block_slices
from indexer.indexes.rotation import Rotation, scaled

WIDTH_FACTOR = 3.75
ROWS = 1024  # that are measured at once


def chosen_width(store: FeatureStore, rotation: Rotation, components: int, seed: int) -> float:
    """Return a width in the unit of the hash space.

    Args:
        store: the gallery.
        rotation: to principal components.
        components: that are hashed; 0 where features are hashed as they are.
        seed: draws the images that are asked.
    """
    turned = rotation.first(components) if components else None
    return WIDTH_FACTOR * neighbour_distance(store, turned, unit=rotation.unit, seed=seed)


def neighbour_distance(
    store: FeatureStore,
    rotation: Rotation | None,
    *,
    unit: bool,
    seed: int,
    rank: int = 10,
    sample: int = 200,
) -> float:
    """Measure how far an image's neighbour of a rank lies in the hash space.

    Args:
        store: the gallery.
        rotation: to principal components, of which all count; None to hash rows as they are.
        unit: scale rows to length 1 first.
        seed: draws the images that are asked.
        rank: the neighbour, not counting the image itself.
        sample: how many images are asked.

    Returns:
        The median over the sample; where it is 0, as among copies, the mean distance; where
        that is 0 too, 1.
    """
    chosen = np.sort(np.random.default_rng(seed).permutation(store.count)[:sample])
    queries = _points(store, chosen, rotation, unit=unit)
    rank = min(rank, store.count - 1)
    nearest = np.empty((len(chosen), 0))
    total = 0.0
    for rows in block_slices(store.count, ROWS):
        block = _points(store, rows, rotation, unit=unit)
        squares = (queries**2).sum(1)[:, None] + (block**2).sum(1) - 2 * queries @ block.T
        distances = np.sqrt(np.maximum(squares, 0.0))
        total += float(distances.sum())
        nearest = np.sort(np.hstack([nearest, distances]), axis=1)[:, : rank + 1]
    median = float(np.median(nearest[:, rank]))
    mean = total / (len(chosen) * store.count)
    # What float arithmetic leaves of the distance between equal features is no distance.
    floor = 1e-6 * float(np.sqrt((queries**2).sum(1).max()))
    return next((value for value in (median, mean) if value > floor), 1.0)


def _points(store: FeatureStore, rows: Any, rotation: Rotation | None, *, unit: bool) -> Float64:
    features, norms = store.rows(rows), store.norms[rows]
    if rotation:
        return rotation.coordinates(features, norms)[0].astype(np.float64)
    return scaled(features, norms, unit=unit).astype(np.float64)
