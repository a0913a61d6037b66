"""Sifts candidates by estimates of how far they lie, from 64 bytes each."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.indexes.coding import CODED
from indexer.indexes.kernels.compiling import inner_kernel, kernel
from indexer.indexes.kernels.gathering import NO_BOUND, WAITING, next_images
from indexer.indexes.kernels.heaps import number_of, packed, score_of, select
from indexer.indexes.kernels.prefetching import prefetch_line

ENERGY = 15  # place of the squared length among a code's sixteen float32
AS_HASHED, DIRECTIONS_BY_DISTANCE, POINTS_BY_DIRECTION = 0, 1, 2
"""What is ranked: as it was hashed; hashed by direction and ranked by Euclidean distance; hashed
as it is and ranked by cosine."""

NO_LIMIT = np.uint64(2**64 - 1)
AHEAD = 16  # images whose codes memory is asked for before they are read


class Target(NamedTuple):
    """A query as codes are compared with it.

    Attributes:
        coded: int16 (64,), whole numbers in place of coordinates; the last four are 0.
        worth: what one unit of their product with a code is worth, with the factor 2.
        mode: what is ranked.
        length: of the query.
        energy: the squared length of the centred query, of which the residual counts as in codes.
        reach: the cost of a bucket that may be opened, where an image at a squared distance of 1
            is the last of those kept.
    """

    coded: NDArray[np.int16]
    worth: np.float32
    mode: int
    length: np.float32
    energy: np.float32
    reach: np.float32


@kernel
def target_of(point, scheme, wish):
    """Bring a query to whole numbers.

    Args:
        point: see `indexer.indexes.kernels.projecting.Point`.
        scheme: whose scales say what a step of each coordinate of a code is worth.
        wish: what is ranked by, and how far buckets may lie.
    """
    coordinates, scales = point.coordinates, scheme.scales
    coded = np.zeros(64, np.int16)
    used = min(CODED, len(coordinates))  # narrow features have fewer
    most = np.float32(1e-30)
    energy = np.float32(0.0)
    for i in range(used):
        energy += coordinates[i] * coordinates[i]
        most = max(most, abs(coordinates[i] * scales[i]))
    for i in range(used):
        coded[i] = np.int16(np.rint(coordinates[i] * scales[i] / most * np.float32(32767.0)))
    energy += scheme.residual * max(point.energy - energy, np.float32(0.0))
    worth = np.float32(2.0) * most / np.float32(32767.0)
    mode = AS_HASHED
    if wish.cosine != scheme.unit:
        mode = DIRECTIONS_BY_DISTANCE if scheme.unit else POINTS_BY_DIRECTION
    reach = wish.reach / scheme.unit_cost
    return Target(coded, worth, mode, np.float32(point.length), energy, reach)


@kernel
def sifted(visit, frontier, tables, gallery, target, wish, allowed):
    """Go through the images near a query, and keep those that seem nearest.

    Args:
        visit, frontier, tables, gallery, target, wish: see there; the first two go on.
        allowed: bool (n,), or empty where all images are allowed.

    Returns:
        int32 (<= keep,), in any order.
    """
    keep, size, limit, bound = wish.keep, 0, NO_LIMIT, NO_BOUND
    best = np.empty(keep + WAITING, np.uint64)
    waits = next_images(visit, frontier, tables, wish, allowed, bound)
    while waits:
        size = _add_estimates(visit.waiting, waits, gallery, target, best, size, limit)
        if size > keep:
            limit, size = select(best, size, keep), keep
            if target.mode == AS_HASHED:
                bound = target.reach * max(score_of(limit) + target.energy, np.float32(0))
        waits = next_images(visit, frontier, tables, wish, allowed, bound)
    kept = np.empty(size, np.int32)
    for i in range(size):
        kept[i] = number_of(best[i])
    return kept


@inner_kernel
def _add_estimates(waiting, waits, gallery, target, best, size, limit):
    """Estimate how far images lie; append them, packed, to `best` unless they are above a limit.

    Returns:
        how many `best` holds then.
    """
    codes, norms, coded = gallery.codes, gallery.norms, target.coded
    energies = codes.view(np.float32)
    for i in range(min(waits, AHEAD)):
        prefetch_line(codes, waiting[i])
    for i in range(waits):
        prefetch_line(codes, waiting[min(i + AHEAD, waits - 1)])
        number = np.uint64(waiting[i])
        score = energies[number, ENERGY] - target.worth * np.float32(product(codes, number, coded))
        if target.mode != AS_HASHED:
            score = _converted(score, norms[number], target)
        value = packed(score, number)
        best[np.uint64(size)] = value
        size += np.int64(value < limit)
    return size


@inner_kernel
def product(codes, number, query):
    """Return the inner product of a row of codes, int8 (n, 64), and a coded query, int32."""
    total = np.int32(0)
    for i in range(64):
        total = np.int32(total + np.int32(np.int32(codes[number, i]) * np.int32(query[i])))
    return total


@inner_kernel
def _converted(score, norm, target):
    """Turn a squared distance, less the query's energy, into what orders images as is asked."""
    if target.mode == DIRECTIONS_BY_DISTANCE:
        cosine = np.float32(1.0) - (score + target.energy) * np.float32(0.5)
        return norm * norm - np.float32(2.0) * norm * target.length * cosine
    square = score + target.energy - norm * norm - target.length * target.length
    return square / max(norm, np.float32(1e-30))
