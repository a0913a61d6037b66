"""Centres features and turns them, so that the first coordinates vary most."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from indexer.distances import FeatureStore, squared_lengths
from indexer.types import Float32

SAMPLE = 8192  # images from which the axes are learnt
OVERSAMPLING = 16  # further axes that are carried along while they are found
ITERATIONS = 2
LEAST = 1e-6  # part of the largest spread below which a direction is noise


@dataclass(frozen=True)
class Rotation:
    """The principal axes of a gallery.

    Attributes:
        unit: whether rows are scaled to length 1 first.
        mean: float32 (dim,), of the rows.
        axes: float32 (m, dim), of length 1 and orthogonal, in the order of the spread along them;
            axes along which nothing varies are 0.
        spreads: float32 (m,), the standard deviations along them.
    """

    unit: bool
    mean: Float32
    axes: Float32
    spreads: Float32

    @classmethod
    def learn(cls, store: FeatureStore, count: int, *, unit: bool, seed: int = 0) -> Self:
        """Find the first principal axes by subspace iteration on a sample of the gallery.

        Source: Halko, Martinsson, Tropp, "Finding structure with randomness", 2011, algorithm 4.4.

        Args:
            store: the gallery.
            count: axes that are wanted; those that the gallery cannot have are 0.
            unit: scale rows to length 1 first.
            seed: draws the sample and the first subspace.
        """
        if not count:
            empty = np.zeros((0, store.dim), np.float32)
            return cls(unit, np.zeros(store.dim, np.float32), empty, np.zeros(0, np.float32))
        random = np.random.default_rng(seed)
        chosen = np.sort(random.permutation(store.count)[:SAMPLE])
        rows = scaled(store.rows(chosen), store.norms[chosen], unit=unit)
        mean = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        rows = rows - mean
        width = min(count + OVERSAMPLING, *rows.shape)
        basis: Float32 = random.standard_normal((rows.shape[1], width)).astype(np.float32)
        for _ in range(ITERATIONS + 1):
            basis = np.linalg.qr(rows.T @ (rows @ basis))[0].astype(np.float32)
        _, singular, turned = np.linalg.svd(rows @ basis, full_matrices=False)
        found = min(count, len(singular))
        axes = np.zeros((count, store.dim), np.float32)
        spreads = np.zeros(count, np.float32)
        spreads[:found] = singular[:found] / len(rows) ** 0.5
        axes[:found] = turned[:found] @ basis.T
        noise = spreads <= LEAST * max(float(spreads[0]), LEAST)
        axes[noise], spreads[noise] = 0, 0
        signs = np.sign(np.take_along_axis(axes, abs(axes).argmax(1)[:, None], 1))
        return cls(unit, mean, np.ascontiguousarray(axes * np.where(signs, signs, 1)), spreads)

    def first(self, count: int) -> Self:
        """Return the same with its first axes only."""
        return replace(self, axes=self.axes[:count], spreads=self.spreads[:count])

    def coordinates(self, features: Float32, norms: Float32) -> tuple[Float32, Float32]:
        """Turn features (n, dim) of lengths (n,).

        Returns:
            float32 (n, m), the coordinates; float32 (n,), the squared lengths of the centred rows.
        """
        rows: Float32 = scaled(features, norms, unit=self.unit) - self.mean
        found: Float32 = rows @ self.axes.T
        return found, squared_lengths(rows)


def scaled(features: Float32, norms: Float32, *, unit: bool) -> Float32:
    """Return features (n, dim), scaled to length 1 if `unit`; rows of zeros stay."""
    if not unit:
        return features
    inverse = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
    rows: Float32 = features * inverse[:, None]
    return rows
