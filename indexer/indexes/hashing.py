"""Hash functions for which near features fall into the same bucket more often than far ones."""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from indexer.distances import FeatureStore, Float64, block_slices
from indexer.indexes.base import HashSpace, Projections
from indexer.types import Float32

HASH_ROWS = 1024  # rows that are projected at once
SPREAD_IMAGES = 2048  # images whose spread the projections of "gallery" follow
RULER = 256  # projections by which distances are estimated
Codes = NDArray[np.int32]


@dataclass(frozen=True)
class LshParameters:
    """What defines the hash functions of a gallery.

    Attributes:
        g: number of hash functions, each with its own table.
        h: number of projections in each hash function.
        w: width of a projection's intervals, in the unit of the hash space.
        seed: of the projections and offsets.
        hash_space: "unit" hashes features scaled to length 1, "raw" as they are.
        projections: "standard" draws X from the standard normal distribution, "gallery" from
            the one with the gallery's own covariance.
    """

    g: int
    h: int
    w: float
    seed: int
    hash_space: HashSpace
    projections: Projections

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for the manifest."""
        return asdict(self)


@dataclass(frozen=True)
class Hashing:
    """The g hash functions h_i(p) = floor((p . X_i + b_i) / w).

    Source: Datar, Immorlica, Indyk, Mirrokni, "Locality-sensitive hashing scheme based on
    p-stable distributions", 2004, section 3.2.

    Attributes:
        parameters: g, h, w, seed, hash space, projections.
        projections: float32 (g, h, dim), X, normal.
        offsets: float64 (g, h), b, uniform in [0, w).
    """

    parameters: LshParameters
    projections: Float32
    offsets: Float64

    @classmethod
    def draw(cls, parameters: LshParameters, store: FeatureStore) -> Self:
        """Draw projections and offsets from the seed."""
        random = np.random.default_rng(parameters.seed)
        shape = (parameters.g, parameters.h)
        drawn = draw_projections(
            store,
            parameters.g * parameters.h,
            parameters.hash_space,
            parameters.projections,
            random,
        )
        return cls(parameters, drawn.reshape(*shape, -1), random.random(shape) * parameters.w)

    def positions(self, rows: Float64) -> Float64:
        """Return (p . X + b) / w for features p (n, dim) of the hash space, as (n, g, h).

        It is computed in float64, so that a feature lands in the same bucket whether it is
        hashed alone or among others.
        """
        flat = self.projections.reshape(-1, rows.shape[1]).astype(np.float64)
        dots = (rows @ flat.T).reshape(len(rows), *self.offsets.shape)
        positions: Float64 = (dots + self.offsets) / self.parameters.w
        return positions

    def codes(self, store: FeatureStore) -> Codes:
        """Hash a whole gallery, block by block, to int32 (g, n, h)."""
        unit = self.parameters.hash_space == "unit"
        codes = np.empty((self.parameters.g, store.count, self.parameters.h), np.int32)
        for rows in block_slices(store.count, HASH_ROWS):
            codes[:, rows] = floors(self.positions(store.take(rows, unit=unit))).swapaxes(0, 1)
        return codes


def floors(positions: Float64) -> Codes:
    """Return the intervals in which positions lie, held within int32."""
    limits = np.iinfo(np.int32)
    return np.clip(np.floor(positions), limits.min + 1, limits.max - 1).astype(np.int32)


def draw_projections(
    store: FeatureStore,
    count: int,
    hash_space: HashSpace,
    projections: Projections,
    random: np.random.Generator,
) -> Float32:
    """Draw normal vectors X, float32 (count, dim).

    Those of "gallery" are sums of centred features with standard normal weights: normal too,
    with the features' covariance. They look along the directions in which the gallery varies,
    where near and far images differ most, and are scaled to the mean squared length of
    standard ones. A gallery that does not vary gets standard ones.
    """
    if projections == "gallery":
        chosen = np.sort(random.permutation(store.count)[:SPREAD_IMAGES])
        rows = store.take(chosen, unit=hash_space == "unit")
        spread = rows - rows.mean(axis=0)
        variance = float((spread**2).sum())
        if variance > 1e-9 * float((rows**2).sum()):
            weights = random.standard_normal((count, len(chosen)))
            drawn: Float64 = weights @ spread * (store.dim / variance) ** 0.5
            return drawn.astype(np.float32)
    return random.standard_normal((count, store.dim)).astype(np.float32)


def neighbour_distance(
    store: FeatureStore,
    hash_space: HashSpace,
    projections: Projections,
    seed: int,
    *,
    rank: int = 10,
    sample: int = 200,
) -> float:
    """Estimate how far an image's neighbour of a rank lies, as the projections see it.

    It is the root of the mean squared difference over RULER projections: for standard ones
    close to the Euclidean distance in the hash space.

    Args:
        store: the gallery.
        hash_space, projections, seed: as in LshParameters.
        rank: the neighbour, not counting the image itself.
        sample: how many images are asked.

    Returns:
        The median over the sample; where it is 0, as among copies, the mean distance; where
        that is 0 too, 1.
    """
    random = np.random.default_rng(seed)
    ruler = draw_projections(store, RULER, hash_space, projections, random).astype(np.float64)
    ruler /= RULER**0.5
    chosen = np.sort(random.permutation(store.count)[:sample])
    unit = hash_space == "unit"
    queries = store.take(chosen, unit=unit) @ ruler.T
    rank = min(rank, store.count - 1)
    nearest = np.empty((len(chosen), 0))
    total = 0.0
    for rows in block_slices(store.count, HASH_ROWS):
        block = store.take(rows, unit=unit) @ ruler.T
        squares = (queries**2).sum(1)[:, None] + (block**2).sum(1) - 2 * queries @ block.T
        distances = np.sqrt(np.maximum(squares, 0.0))
        total += float(distances.sum())
        nearest = np.sort(np.hstack([nearest, distances]), axis=1)[:, : rank + 1]
    median = float(np.median(nearest[:, rank]))
    mean = total / (len(chosen) * store.count)
    # What float arithmetic leaves of the distance between equal features is no distance.
    floor = 1e-6 * float(np.sqrt((queries**2).sum(1).max()))
    return next((value for value in (median, mean) if value > floor), 1.0)
