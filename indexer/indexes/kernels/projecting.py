"""Brings a query into the few coordinates in which the gallery varies most."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.indexes.kernels.compiling import inner_kernel, kernel

TOGETHER = 4  # axes that are read at once: memory answers for several streams at the same time
WHOLE = 32767  # length of vectors and axes in whole numbers


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
    centred = query * scale - scheme.mean
    energy = np.float32(length(centred) ** 2)
    return Point(_projected(centred, np.sqrt(energy), scheme.axes), energy, total)


@inner_kernel
def length(row):
    """Return the Euclidean length of a row, float64, summed in float64."""
    total = 0.0
    for i in range(len(row)):
        total += np.float64(row[i]) * np.float64(row[i])
    return np.sqrt(total)


@kernel
def _projected(centred, length, axes):
    """Return the coordinates of a vector along some axes, float32 (m,).

    Both are brought to whole numbers of 16 bits such that lengths become WHOLE, so that no sum of
    their products is beyond 32 bits: memory is read half as much as of float32, and what rounding
    costs is a hundred thousandth of the vector's length.

    Args:
        centred: float32 (dim,).
        length: its Euclidean length.
        axes: int16 (m, dim), of length WHOLE or 0, orthogonal to each other.
    """
    coordinates = np.zeros(len(axes), np.float32)
    if not length > 0:
        return coordinates
    row = np.empty(len(centred), np.int16)
    scale = np.float32(WHOLE) / np.float32(length)
    for i in range(len(row)):
        row[i] = np.int16(np.rint(centred[i] * scale))
    worth, last = np.float32(length / (WHOLE * WHOLE)), len(axes) - 1
    for a in range(0, len(axes), TOGETHER):
        b, c, d = min(a + 1, last), min(a + 2, last), min(a + 3, last)
        _add_products(row, axes, a, b, c, d, worth, coordinates)
    return coordinates


@inner_kernel
def _add_products(row, axes, a, b, c, d, worth, out):
    """Write the inner products of a row and four axes, times what one is worth."""
    total_a, total_b, total_c, total_d = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
    for i in range(len(row)):
        value = np.int32(row[i])
        total_a = np.int32(total_a + np.int32(value * np.int32(axes[a, i])))
        total_b = np.int32(total_b + np.int32(value * np.int32(axes[b, i])))
        total_c = np.int32(total_c + np.int32(value * np.int32(axes[c, i])))
        total_d = np.int32(total_d + np.int32(value * np.int32(axes[d, i])))
    out[a], out[b] = np.float32(total_a) * worth, np.float32(total_b) * worth
    out[c], out[d] = np.float32(total_c) * worth, np.float32(total_d) * worth
