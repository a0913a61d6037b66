"""Measures candidates on their features, in double precision, and keeps the nearest."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.indexes.kernels.compiling import inner_kernel, kernel
from indexer.indexes.kernels.halves import value_of
from indexer.indexes.kernels.prefetching import prefetch_row

NOISE = 1e-4
STEP = 16  # units of the last place to which distances are rounded
TOGETHER = 4  # rows that are read at once: memory answers for several streams at the same time


class Ruler(NamedTuple):
    """A query as rows are measured against it.

    Attributes:
        row: float64 (dim,), the query; of length 1 for cosines.
        cosine: whether 1 - cosine is measured and not the Euclidean distance.
        blank: whether all cosines are 0, the query being one of zeros.
        noise: Euclidean distance below which rows are the same.
        sums: float64 (2, 4), where rows are summed up.
    """

    row: NDArray[np.float64]
    cosine: bool
    blank: bool
    noise: np.float64
    sums: NDArray[np.float64]


@kernel
def ruler_of(query, length, cosine):
    """Return what measures against a query, float32 (dim,), of a length."""
    inverse = 1.0 / length if cosine and length > 0 else 1.0
    row = np.empty(len(query), np.float64)
    for i in range(len(query)):
        row[i] = np.float64(query[i]) * inverse
    return Ruler(row, cosine, cosine and length == 0.0, NOISE * length, np.empty((2, TOGETHER)))


@inner_kernel
def measure(candidates, count, features, ruler, distances, ids, found):
    """Measure candidates, and keep the nearest.

    Args:
        candidates: int32 (>= count,).
        features: float32 (n, dim), or uint16 of float16: see `value_of`.
        ruler: see there.
        distances: float32 (k,), and ids: int64 (k,), the nearest so far, sorted.
        found: how many these are.

    Returns:
        how many they are then.
    """
    last = count - 1
    for first in range(0, count, TOGETHER):
        for i in range(first + TOGETHER, min(first + 2 * TOGETHER, count)):
            prefetch_row(features, candidates[i])
        a, b = np.uint64(candidates[first]), np.uint64(candidates[min(first + 1, last)])
        c = np.uint64(candidates[min(first + 2, last)])
        d = np.uint64(candidates[min(first + 3, last)])
        if ruler.cosine:
            _add_products(features, a, b, c, d, ruler.row, ruler.sums)
        else:
            _add_differences(features, a, b, c, d, ruler.row, ruler.sums)
        for i in range(min(TOGETHER, count - first)):
            distance = rounded(_distance(ruler, i))
            number = np.int64(candidates[first + i])
            found = _keep_nearest(distances, ids, found, distance, number)
    return found


@inner_kernel
def rounded(distance):
    """Round a distance to float32 with 19 bits after the point, so that near ties are ties."""
    bits = np.float32(distance).view(np.uint32)
    return np.uint32((bits + np.uint32(STEP // 2)) & ~np.uint32(STEP - 1)).view(np.float32)


@inner_kernel
def _add_products(features, a, b, c, d, row, sums):
    """Write the squared lengths of four rows, and their inner products with a vector."""
    length_a, length_b, length_c, length_d = 0.0, 0.0, 0.0, 0.0
    inner_a, inner_b, inner_c, inner_d = 0.0, 0.0, 0.0, 0.0
    for i in range(len(row)):
        target = row[i]
        value = value_of(features[a, i])
        length_a += value * value
        inner_a += value * target
        value = value_of(features[b, i])
        length_b += value * value
        inner_b += value * target
        value = value_of(features[c, i])
        length_c += value * value
        inner_c += value * target
        value = value_of(features[d, i])
        length_d += value * value
        inner_d += value * target
    sums[0, 0], sums[0, 1], sums[0, 2], sums[0, 3] = length_a, length_b, length_c, length_d
    sums[1, 0], sums[1, 1], sums[1, 2], sums[1, 3] = inner_a, inner_b, inner_c, inner_d


@inner_kernel
def _add_differences(features, a, b, c, d, row, sums):
    """Write the squared Euclidean distances of four rows from a vector."""
    from_a, from_b, from_c, from_d = 0.0, 0.0, 0.0, 0.0
    for i in range(len(row)):
        target = row[i]
        difference = value_of(features[a, i]) - target
        from_a += difference * difference
        difference = value_of(features[b, i]) - target
        from_b += difference * difference
        difference = value_of(features[c, i]) - target
        from_c += difference * difference
        difference = value_of(features[d, i]) - target
        from_d += difference * difference
    sums[0, 0], sums[0, 1], sums[0, 2], sums[0, 3] = from_a, from_b, from_c, from_d


@inner_kernel
def _distance(ruler, i):
    """Return the distance of one of four rows, float64; 0 below the noise."""
    square = ruler.sums[0, i]
    if not ruler.cosine:
        distance = np.sqrt(square)
        return 0.0 if distance < ruler.noise else distance
    if ruler.blank or square == 0.0:
        return 1.0
    distance = 1.0 - ruler.sums[1, i] / np.sqrt(square)
    return 0.0 if distance < NOISE * NOISE / 2 else distance


@inner_kernel
def _keep_nearest(distances, ids, count, distance, number):
    """Insert an image into lists sorted by distance and then by id; return how many they hold."""
    most = len(distances)
    at = count
    if count == most:
        last = most - 1
        if distance > distances[last] or (distance == distances[last] and number > ids[last]):
            return count
        at = last
    while at > 0 and (
        distances[at - 1] > distance or (distances[at - 1] == distance and ids[at - 1] > number)
    ):
        distances[at], ids[at] = distances[at - 1], ids[at - 1]
        at -= 1
    distances[at], ids[at] = distance, number
    return min(count + 1, most)
