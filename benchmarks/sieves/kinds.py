"""The sieves: what each holds of vectors, and how it estimates their distances to a query."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from indexer.distances import FeatureStore, block_slices, squared_lengths
from indexer.indexes.coding import CODED, Codes, encoded, steps
from indexer.indexes.residuals import residual_weight, weigh
from indexer.indexes.rotation import Rotation, scaled
from indexer.types import Float32

COMPONENTS = 16  # in float32
BITS, BITS_BESIDE_LENGTH = 512, 480


@dataclass(frozen=True)
class Sieve:
    """What is held of vectors, and what it tells.

    Attributes:
        name: of what is held.
        rows: (n, …), 64 bytes for each vector.
        estimate: returns what grows with the distance of each vector to the query of a number,
            float32 (n,).
    """

    name: str
    rows: NDArray[Any]
    estimate: Callable[[int], Float32]


@dataclass(frozen=True)
class Vectors:
    """Vectors of length 1, centred, in other terms.

    Attributes:
        coordinates: float32 (n, CODED), their principal components.
        energies: float32 (n,), their squared lengths.
        signs: uint8 (n, BITS / 8), of their random projections.
    """

    coordinates: Float32
    energies: Float32
    signs: NDArray[np.uint8]

    @classmethod
    def of(cls, store: FeatureStore, rotation: Rotation, seed: int) -> Self:
        """Turn and project all vectors of a store; a seed draws the projections."""
        axes = np.random.default_rng(seed).standard_normal((store.dim, BITS), np.float32)
        coordinates = np.empty((store.count, CODED), np.float32)
        energies = np.empty(store.count, np.float32)
        signs = np.empty((store.count, BITS // 8), np.uint8)
        for rows in block_slices(store.count):
            features, norms = store.rows(rows), store.norms[rows]
            coordinates[rows], energies[rows] = rotation.coordinates(features, norms)
            centred = scaled(features, norms, unit=rotation.unit) - rotation.mean
            signs[rows] = np.packbits(centred @ axes > 0, axis=1)
        return cls(coordinates, energies, signs)


def components(vectors: Vectors, queries: Vectors) -> Sieve:
    """Hold the first principal components; estimate by the distance in these."""
    rows = vectors.coordinates[:, :COMPONENTS].copy()

    def estimate(query: int) -> Float32:
        apart = rows - queries.coordinates[query, :COMPONENTS]
        return squared_lengths(apart)

    return Sieve(f"{COMPONENTS} components in float32", rows, estimate)


def signs(vectors: Vectors, queries: Vectors) -> Sieve:
    """Hold signs of random projections; estimate by how many differ.

    Source: Charikar, "Similarity estimation techniques from rounding algorithms", 2002, section 3.
    """

    def estimate(query: int) -> Float32:
        return differing(vectors.signs, queries.signs[query])

    return Sieve(f"{BITS} signs", vectors.signs, estimate)


def signs_and_length(vectors: Vectors, queries: Vectors) -> Sieve:
    """Hold fewer signs, which tell the angle around the mean, and the length: so the distance."""
    sketches, asked = (each.signs[:, : BITS_BESIDE_LENGTH // 8] for each in (vectors, queries))
    lengths = np.sqrt(vectors.energies).astype("<f4")

    def estimate(query: int) -> Float32:
        angles = differing(sketches, asked[query]) * np.float32(math.pi / BITS_BESIDE_LENGTH)
        along = np.sqrt(queries.energies[query]) * np.cos(angles)
        squares: Float32 = lengths * (lengths - 2 * along)
        return squares

    rows = np.hstack([sketches, lengths[:, None].view(np.uint8)])
    return Sieve(f"{BITS_BESIDE_LENGTH} signs and the length", rows, estimate)


def codes(
    store: FeatureStore, rotation: Rotation, vectors: Vectors, queries: Vectors, seed: int
) -> Iterator[Sieve]:
    """Hold what the index holds: components in 8 bits, and the squared length, also weighed."""
    worth = steps(rotation.spreads)
    rows = encoded(vectors.coordinates, vectors.energies, worth)
    name = f"{CODED} components in int8 and the squared length"
    yield _coded(name, rows.copy(), worth, queries)
    weight = residual_weight(rows, rotation, store, seed=seed)
    weigh(rows, rotation, weight)
    yield _coded(f"{name}, residuals weighed by {weight:.2f}", rows, worth, queries)


def differing(sketches: NDArray[np.uint8], asked: NDArray[np.uint8]) -> Float32:
    """Count in how many bits sketches (n, bytes) differ from one (bytes,), float32 (n,)."""
    counts: Float32 = np.bitwise_count(sketches ^ asked).sum(axis=1, dtype=np.float32)
    return counts


def _coded(name: str, rows: Codes, worth: Float32, queries: Vectors) -> Sieve:
    points = rows[:, :CODED] * worth
    energies = rows.view("<f4")[:, CODED // 4]

    def estimate(query: int) -> Float32:
        squares: Float32 = energies - 2 * (points @ queries.coordinates[query])
        return squares

    return Sieve(name, rows, estimate)
