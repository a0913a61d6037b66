"""Looks several buckets up at a time, so that memory answers for all of them at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.indexes.kernels.compiling import inner_kernel, kernel
from indexer.indexes.kernels.prefetching import prefetch_span
from indexer.indexes.kernels.probing import next_bucket, next_cost
from indexer.indexes.kernels.tables import bucket

MOST = 64  # buckets that are looked up together
FILLED, TAKEN = 0, 1
"""Places in the counts of a queue: buckets that were looked up together, and opened of these."""


class Queue(NamedTuple):
    """The buckets that are opened next.

    Attributes:
        tables: int64 (MOST,).
        keys: uint64 (MOST,).
        costs: float32 (MOST,), how far their borders lie.
        spans: int64 (MOST, 2), where their images begin and end in the table's row of ids.
        counts: int64 (2,).
    """

    tables: NDArray[np.int64]
    keys: NDArray[np.uint64]
    costs: NDArray[np.float32]
    spans: NDArray[np.int64]
    counts: NDArray[np.int64]


@kernel
def first_queue():
    """Return a queue into which no bucket was put yet."""
    tables, keys = np.empty(MOST, np.int64), np.empty(MOST, np.uint64)
    costs, spans = np.empty(MOST, np.float32), np.empty((MOST, 2), np.int64)
    return Queue(tables, keys, costs, spans, np.zeros(2, np.int64))


@inner_kernel
def open_next(queue, frontier, tables, wanted, bound):
    """Take the next bucket.

    Args:
        queue, frontier: see there; they go on.
        tables: see `indexer.indexes.kernels.parts.Tables`.
        wanted: how many buckets will be opened, this one included, as far as is known.
        bound: float32, the cost above which no bucket is opened.

    Returns:
        its table, -1 where there is none, and where its images begin and end.
    """
    if queue.counts[TAKEN] == queue.counts[FILLED]:
        _fill(queue, frontier, tables, min(MOST, wanted), bound)
    at = queue.counts[TAKEN]
    if at == queue.counts[FILLED] or queue.costs[at] > bound:
        return np.int64(-1), np.int64(0), np.int64(0)
    queue.counts[TAKEN] += 1
    return queue.tables[at], queue.spans[at, 0], queue.spans[at, 1]


@inner_kernel
def _fill(queue, frontier, tables, wanted, bound):
    """Name so many buckets within the bound, then look all of them up; there may be fewer."""
    count = 0
    while count < wanted:
        cost = next_cost(frontier)
        if cost > bound:
            break
        table, key = next_bucket(frontier)
        if table < 0:
            break
        queue.tables[count], queue.keys[count], queue.costs[count] = table, key, cost
        count += 1
    for at in range(count):
        begin, end = bucket(tables, queue.tables[at], queue.keys[at])
        queue.spans[at, 0], queue.spans[at, 1] = begin, end
        prefetch_span(tables.ids, queue.tables[at], begin, end)
    queue.counts[FILLED], queue.counts[TAKEN] = count, 0
