"""Names the buckets near a query one after the other, in the order of their cost.

A bucket is reached from a table's own by a set of steps, each of which changes another part of the
key; its cost is the sum of theirs. From each set two others follow: its last step gives way to the
next one of the table's list, or that is added. So every set follows from one, and none costs
less than that.

Source: Lv, Josephson, Wang, Charikar, Li, "Multi-probe LSH: efficient indexing for
high-dimensional similarity search", 2007, section 4.5.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.indexes.kernels.compiling import inner_kernel, kernel
from indexer.indexes.kernels.hashing import (
    STEPS,
    cost_of,
    cross_polytope_steps,
    part_of,
    stable_steps,
)
from indexer.indexes.kernels.heaps import number_of, packed, push, replace_least, score_of

WIDENED = 64  # sets in each table for which there is room beyond the buckets that are asked for
OPENED, HEAP, SETS = 0, 1, 2
"""Places in the counts of a frontier: buckets named, sets that wait in the heap, sets stored."""

KEY, PARTS, COST, PLACE = 0, 1, 2, 3
"""Columns of a set: its bucket's key; of all steps but the last, the parts that they change, as
bits, and the cost, as the bits of a float32; its table, number of steps, and last step."""


class Frontier(NamedTuple):
    """The sets of steps that may come next.

    Attributes:
        steps: uint64 (g, s), the steps of each table in ascending order of their costs.
        additions: uint64 (g, s), what they add to a key.
        lengths: int64 (g,), how many steps there are.
        own: uint64 (g,), the keys of the query's own buckets.
        heap: uint64 (room,), of costs and rows of `sets`.
        sets: uint64 (room, 4).
        counts: int64 (3,).
        parts: of a key; a set has as many steps at most.
    """

    steps: NDArray[np.uint64]
    additions: NDArray[np.uint64]
    lengths: NDArray[np.int64]
    own: NDArray[np.uint64]
    heap: NDArray[np.uint64]
    sets: NDArray[np.uint64]
    counts: NDArray[np.int64]
    parts: int


@kernel
def first_frontier(scheme, coordinates, probes):
    """Hash a query, and return the frontier that starts at its own buckets.

    Args:
        scheme: see `indexer.indexes.kernels.parts.Scheme`.
        coordinates: float32 (>= d,), of the query.
        probes: buckets that will be asked for.
    """
    g, parts = scheme.factors.shape
    most, room = min(STEPS, probes // g + 2), max(probes, g) + WIDENED * g
    steps, additions = np.empty((g, most), np.uint64), np.empty((g, most), np.uint64)
    lengths, own = np.empty(g, np.int64), np.empty(g, np.uint64)
    if len(scheme.rotations):
        cross_polytope_steps(
            scheme.rotations, scheme.factors, coordinates, steps, additions, lengths, own
        )
    else:
        stable_steps(
            scheme.projections,
            scheme.offsets,
            scheme.factors,
            coordinates,
            steps,
            additions,
            lengths,
            own,
        )
    heap, sets = np.empty(room, np.uint64), np.empty((room, 4), np.uint64)
    return Frontier(steps, additions, lengths, own, heap, sets, np.zeros(3, np.int64), parts)


@inner_kernel
def next_cost(frontier):
    """Return what the next bucket costs at least, float32; 0 of the own ones."""
    counts = frontier.counts
    if counts[OPENED] < len(frontier.own) or counts[HEAP] == 0:
        return np.float32(0)
    return score_of(frontier.heap[0])


@inner_kernel
def next_bucket(frontier):
    """Name the cheapest bucket that was not named yet; the own buckets come first.

    Args:
        frontier: goes on by one bucket.

    Returns:
        table and key uint64; the table is -1 where none is left, or no room for further sets.
    """
    counts = frontier.counts
    if counts[OPENED] < len(frontier.own):
        table = counts[OPENED]
        counts[OPENED] += 1
        if frontier.lengths[table] > 0:
            key = frontier.own[table] + frontier.additions[table, 0]
            _push(frontier, table, 1, 0, np.uint64(0), key, np.float32(0))
        return table, frontier.own[table]
    while counts[HEAP] > 0 and counts[SETS] < len(frontier.sets):
        table, key, opened = _follow(frontier, number_of(frontier.heap[0]))
        if opened:
            counts[OPENED] += 1
            return table, key
    return np.int64(-1), np.uint64(0)


@inner_kernel
def _follow(frontier, row):
    """Put the sets that follow from the cheapest one in its place, which is in a row of `sets`.

    Returns:
        its table, its key, and whether this is a bucket: it is none where two of its steps change
        the same part.
    """
    sets, steps, additions = frontier.sets, frontier.steps, frontier.additions
    key, others, place = sets[row, KEY], sets[row, PARTS], np.int64(sets[row, PLACE])
    before = np.uint32(sets[row, COST]).view(np.float32)  # of all but the last step
    table, size, last = place >> 16, (place >> 8) & 255, place & 255
    bit = np.uint64(1) << np.uint64(part_of(steps[table, last]))
    opened, after = (others & bit) == 0, last + 1
    if after >= frontier.lengths[table]:
        frontier.counts[HEAP] -= 1
        rest = frontier.counts[HEAP]
        replace_least(frontier.heap, rest, frontier.heap[rest])
        return table, key, opened
    further = key + additions[table, after]
    value = _store(
        frontier, row, table, size, after, others, further - additions[table, last], before
    )
    replace_least(frontier.heap, frontier.counts[HEAP], value)
    if opened and size < frontier.parts:
        cost = before + cost_of(steps[table, last])
        _push(frontier, table, size + 1, after, others | bit, further, cost)
    return table, key, opened


@inner_kernel
def _push(frontier, table, size, last, others, key, before):
    """Store a set in a new row, and push it onto the heap."""
    counts = frontier.counts
    value = _store(frontier, counts[SETS], table, size, last, others, key, before)
    push(frontier.heap, counts[HEAP], value)
    counts[SETS] += 1
    counts[HEAP] += 1


@inner_kernel
def _store(frontier, row, table, size, last, others, key, before):
    """Write a set into a row, and return what stands for it in the heap, uint64.

    Args:
        frontier: see there.
        row: of its sets.
        table, size, last: the set's table, how many steps it has, and the last of them.
        others: uint64, the parts that all but the last change.
        key: uint64, of its bucket.
        before: float32, what all but the last cost.
    """
    sets = frontier.sets
    sets[row, KEY], sets[row, PARTS] = key, others
    sets[row, COST] = np.uint64(np.float32(before).view(np.uint32))
    sets[row, PLACE] = np.uint64((table << 16) | (size << 8) | last)
    return packed(before + cost_of(frontier.steps[table, last]), row)
