"""Hash functions for which near features fall into the same bucket more often than far ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import open_array, write_array
from indexer.distances import Float64
from indexer.indexes.parameters import LshParameters
from indexer.types import Float32

ROTATIONS, PROJECTIONS, OFFSETS = "rotations.npy", "projections.npy", "offsets.npy"
FACTORS = "factors.npy"
Keys = NDArray[np.uint64]


@dataclass(frozen=True)
class Hashing:
    """The g hash functions of an index, each of h parts; a bucket's key is a sum over its parts.

    Of few and small cross-polytopes, whose vertices are numbered from 0, part i adds its vertex
    times the number of vertices to the power of i: keys are small numbers. Otherwise each part adds
    its vertex or interval times an odd random factor, modulo 2**64 (Dietzfelbinger, "Universal
    hashing and k-wise independent random variables via integer arithmetic without primes", 1996):
    two buckets of a table have the same key with a chance of about 2**-63.

    Attributes:
        rotations: float32 (g, h, d, d), orthogonal, of cross-polytopes, by whose transposes points
            are turned; (0, 0, 0, 0) otherwise.
        projections: float64 (g, h, d), of p-stable hash functions, divided by w.
        offsets: float64 (g, h), of these, divided by w.
        factors: uint64 (g, h).
    """

    rotations: Float32
    projections: Float64
    offsets: Float64
    factors: Keys

    @classmethod
    def draw(cls, parameters: LshParameters, size: int) -> Self:
        """Draw hash functions of points of so many coordinates from the seed.

        Source: Andoni et al., "Practical and optimal LSH for angular distance", 2015, section 3
        (cross-polytope); Datar, Immorlica, Indyk, Mirrokni, "Locality-sensitive hashing scheme
        based on p-stable distributions", 2004, section 3.2: h(p) = floor((p . X + b) / w), X
        standard normal and b uniform in [0, w).
        """
        random = np.random.default_rng(parameters.seed)
        g, h = parameters.g, parameters.h
        rotations = np.zeros((0, 0, 0, 0), np.float32)
        projections, offsets = np.zeros((0, 0, 0)), np.zeros((0, 0))
        if parameters.w is None:
            drawn = np.linalg.qr(random.standard_normal((g, h, size, size)))[0]
            rotations = drawn.astype(np.float32)
        else:
            projections = random.standard_normal((g, h, size)) / parameters.w
            offsets = random.random((g, h))
        if parameters.dense_keys:
            factors = np.tile(np.uint64(2 * size) ** np.arange(h, dtype=np.uint64), (g, 1))
        else:
            factors = random.integers(0, 2**63, (g, h), np.uint64) * np.uint64(2) + np.uint64(1)
        return cls(rotations, projections, offsets, factors)

    def keys(self, points: NDArray[np.floating]) -> Keys:
        """Hash points (n, d), to uint64 (g, n)."""
        found = np.empty((len(self.factors), len(points)), np.uint64)
        for table, factors in enumerate(self.factors):
            parts = self._parts(table, points)
            found[table] = sum(
                factor * part.astype(np.int64).view(np.uint64)
                for factor, part in zip(factors, parts, strict=True)
            )
        return found

    def save(self, directory: Path) -> None:
        """Write the hash functions: what those of the family have."""
        write_array(directory / FACTORS, self.factors)
        if len(self.rotations):
            write_array(directory / ROTATIONS, self.rotations)
        else:
            write_array(directory / PROJECTIONS, self.projections)
            write_array(directory / OFFSETS, self.offsets)

    @classmethod
    def load(cls, directory: Path, parameters: LshParameters, size: int) -> Self:
        """Memory-map the hash functions, their shapes checked."""
        g, h = parameters.g, parameters.h
        rotations = np.zeros((0, 0, 0, 0), np.float32)
        projections, offsets = np.zeros((0, 0, 0)), np.zeros((0, 0))
        if parameters.w is None:
            rotations = open_array(directory / ROTATIONS, "<f4", (g, h, size, size))
        else:
            projections = open_array(directory / PROJECTIONS, "<f8", (g, h, size))
            offsets = open_array(directory / OFFSETS, "<f8", (g, h))
        factors = open_array(directory / FACTORS, "<u8", (g, h))
        return cls(rotations, projections, offsets, factors)

    def _parts(self, table: int, points: NDArray[np.floating]) -> Iterator[NDArray[np.integer]]:
        if len(self.rotations):
            for rotation in self.rotations[table]:
                yield _vertices(points @ rotation)
            return
        positions = points.astype(np.float64) @ self.projections[table].T + self.offsets[table]
        yield from np.floor(positions).astype(np.int64).T


def _vertices(turned: NDArray[np.floating]) -> NDArray[np.integer]:
    """Return the nearest vertex of the cross-polytope to each point (n, d); d + i is -i."""
    largest = abs(turned).argmax(axis=1)
    values = np.take_along_axis(turned, largest[:, None], axis=1)[:, 0]
    vertices: NDArray[np.integer] = np.where(values >= 0, largest, largest + turned.shape[1])
    return vertices
