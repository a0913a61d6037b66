"""Completes what a user asks of an LSH index, and says what its manifest keeps."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from indexer.distances import FeatureStore, Float64, block_slices
from indexer.indexes.options import Effort, Family, HashSpace, IndexOptions
from indexer.indexes.rotation import Rotation, scaled

DEFAULT_G = {"cross-polytope": 8, "p-stable": 8, "plain": 32}
DEFAULT_H = 8
COMPONENTS = 16
PROBES = 64
KEEP = 32
WIDTH_FACTOR = 3.75
CROWD = 64  # images for each bucket of cross-polytopes, at most and on average
MOST_KEYS = 2**21  # of a table that has a place for each; a place takes 4 bytes
ROWS = 1024  # that are measured at once


@dataclass(frozen=True)
class LshParameters:
    """What defines an LSH index.

    Attributes:
        family, g, h, seed, hash_space, components: as in IndexOptions.
        w: width of a projection's intervals in the unit of the hash space; None of cross-polytopes.
        unit: whether features are scaled to length 1 first.
        probes, keep, reach: what a search does unless it says otherwise; see Effort.
        residual: what the squared length of all that codes leave out counts; see `residuals`.
    """

    family: Family
    g: int
    h: int
    w: float | None
    seed: int
    hash_space: HashSpace
    components: int
    unit: bool
    probes: int
    keep: int
    reach: float | None = None
    residual: float = 1.0

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for the manifest."""
        return asdict(self)

    @property
    def dense_keys(self) -> int | None:
        """Return how many keys a table may have, where they are small numbers; else None."""
        keys = (2 * self.components) ** self.h
        return keys if self.w is None and keys <= MOST_KEYS else None

    @property
    def effort(self) -> Effort:
        """Return what a search does unless it says otherwise."""
        return Effort(self.probes, self.keep, reach=self.reach)


@dataclass(frozen=True)
class ChosenTables:
    """Tables that a tuning has chosen in place of those by default.

    Attributes:
        g: number of tables.
        finer: how many more parts each hash function has than by default, which follows the size
            of the gallery; may be negative.
    """

    g: int
    finer: int

    def within(self, options: IndexOptions, dim: int, count: int) -> IndexOptions:
        """Return options that ask for such tables of so many features (count, dim)."""
        h = default_h(options, dim, count) + self.finer
        return replace(options, g=self.g, h=max(1, h))


def default_h(options: IndexOptions, dim: int, count: int) -> int:
    """Return the h of an index of principal components of features (count, dim)."""
    components = min(options.components or COMPONENTS, dim)
    return choose_h(options, choose_family(options), components, count)


def choose_family(options: IndexOptions) -> Family:
    """Return the family asked for; plain where a width or another hash space says so."""
    if options.family:
        return options.family
    plain = options.w is not None or options.hash_space in ("unit", "raw")
    return "plain" if plain else "cross-polytope"


def choose_space(options: IndexOptions, family: Family) -> HashSpace:
    """Return the hash space asked for; of the plain family the one that suits the metric."""
    if options.hash_space:
        return options.hash_space
    if family != "plain":
        return "pca"
    return "unit" if options.metric == "cosine" else "raw"


def choose_h(options: IndexOptions, family: Family, components: int, count: int) -> int:
    """Return the h asked for; of cross-polytopes the least that keeps buckets small."""
    if options.h:
        return options.h
    if family != "cross-polytope":
        return DEFAULT_H
    h = 1
    while (2 * components) ** h * CROWD < count and (2 * components) ** (h + 1) <= MOST_KEYS:
        h += 1
    return h


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
