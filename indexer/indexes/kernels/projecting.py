"""Brings a query into the few coordinates in which the gallery varies most."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.indexes.kernels.compiling import inner_kernel, kernel

TOGETHER = 4  # axes that are read at once: memory answers for several streams at the same time


class Point(NamedTuple):
    """Where a query lies.

    Attributes:
        coordinates: float32 (m,), in the space in which it is hashed.
        energy: its squared length there, once centred; 0 where nothing was centred.
        length: its own Euclidean length, float64.
    """

    coordinates: NDArray[np.float32]
    energy: np.float32
    length: np.float64


@kernel
def point_of(query, scheme):
    """Turn a query, float32 (dim,), into what is hashed."""
    total = length(query)
    scale = np.float32(1.0)
    if scheme.unit:
        scale = np.float32(1.0 / total) if total > 0 else np.float32(0.0)
    if len(scheme.axes) == 0:
        return Point(query * scale, np.float32(0.0), total)
    coordinates = np.empty(len(scheme.axes), np.float32)
    energy = project(query, scale, scheme.mean, scheme.axes, coordinates)
    return Point(coordinates, energy, total)


@inner_kernel
def length(row):
    """Return the Euclidean length of a row, float64, summed in float64."""
    total = 0.0
    for i in range(len(row)):
        total += np.float64(row[i]) * np.float64(row[i])
    return np.sqrt(total)


@kernel
def project(query, scale, mean, axes, out):
    """Write the coordinates of `scale * query` less the mean along the axes.

    Args:
        query: float32 (dim,).
        scale: what the query is multiplied by first.
        mean: float32 (dim,).
        axes: float32 (m, dim), of length 1, orthogonal to each other.
        out: float32 (m,), is written.

    Returns:
        float32, the squared length of the centred query.
    """
    dim = len(query)
    centred = np.empty(dim, np.float32)
    energy = np.float32(0.0)
    for i in range(dim):
        value = query[i] * scale - mean[i]
        centred[i] = value
        energy += value * value
    last = len(axes) - 1
    for a in range(0, len(axes), TOGETHER):
        _add_products(centred, axes, a, min(a + 1, last), min(a + 2, last), min(a + 3, last), out)
    return energy


@inner_kernel
def _add_products(row, axes, a, b, c, d, out):
    """Write the inner products of a row and four axes."""
    total_a, total_b = np.float32(0.0), np.float32(0.0)
    total_c, total_d = np.float32(0.0), np.float32(0.0)
    for i in range(len(row)):
        value = row[i]
        total_a += value * axes[a, i]
        total_b += value * axes[b, i]
        total_c += value * axes[c, i]
        total_d += value * axes[d, i]
    out[a], out[b], out[c], out[d] = total_a, total_b, total_c, total_d
