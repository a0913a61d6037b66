"""Opens one bucket after the other, and brings their images together, each once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.indexes.kernels.compiling import inner_kernel, kernel
from indexer.indexes.kernels.opening import Queue, first_queue, open_next
from indexer.indexes.kernels.parts import PROBES, VISITED

WAITING = 512  # images that are looked at together
FURTHER = 8  # buckets that are opened together at least
NO_BOUND = np.float32(np.inf)
TABLE, AT, END = 0, 1, 2
"""What is known of the open bucket: its table, the place of its next image, and its end."""


class Visit(NamedTuple):
    """How far a search has come.

    Attributes:
        seen: uint64 (n / 64,), a bit for each image.
        waiting: int32 (WAITING,), images that are looked at next.
        opened: int64 (3,), the open bucket.
        stats: int64 (3,), images visited and buckets opened so far.
    """

    seen: NDArray[np.uint64]
    waiting: NDArray[np.int32]
    opened: NDArray[np.int64]
    stats: NDArray[np.int64]
    queue: Queue


@kernel
def first_visit(count, stats):
    """Return a search of so many images that has seen none; `stats` is written."""
    stats[:] = 0
    seen = np.zeros((count + 63) >> 6, np.uint64)
    return Visit(seen, np.empty(WAITING, np.int32), np.zeros(3, np.int64), stats, first_queue())


@inner_kernel
def next_images(visit, frontier, tables, wish, allowed, bound):
    """Open buckets until WAITING images that were not seen before wait, or the search ends.

    Args:
        visit, frontier, tables, wish: see there; the first two go on.
        allowed: bool (n,), or empty where all images are allowed.
        bound: float32, the cost above which no bucket is opened that need not be.

    Returns:
        how many images wait; 0 when the search has ended.
    """
    opened, stats = visit.opened, visit.stats
    waits, table, at, end = 0, opened[TABLE], opened[AT], opened[END]
    while waits < WAITING:
        if at == end:
            if not _goes_on(wish, len(frontier.own), stats[PROBES], stats[VISITED] + waits):
                break
            wanted = max(wish.probes - stats[PROBES], FURTHER)
            limit = bound if stats[VISITED] + waits >= wish.least else NO_BOUND
            table, at, end = open_next(visit.queue, frontier, tables, wanted, limit)
            if table < 0:
                break
            stats[PROBES] += 1
        stop = min(end, at + WAITING - waits)
        waits = _gather(tables.ids, table, at, stop, allowed, visit.seen, visit.waiting, waits)
        at = stop
    opened[TABLE], opened[AT], opened[END] = table, at, end
    stats[VISITED] += waits
    return waits


@inner_kernel
def _goes_on(wish, own, probes, visited):
    """Return whether a further bucket is opened; all the query's own ones are."""
    enough = probes >= wish.probes or visited >= wish.budget
    return probes < own or visited < wish.least or not enough


@inner_kernel
def _gather(ids, table, begin, end, allowed, seen, waiting, waits):
    """Append the new and allowed images at some places of a table to those waiting.

    Whether an image was seen decides no branch, for no processor could foretell it: every image
    is written, and the next one over it where it does not count.

    Args:
        ids: int32 (g, n), the images of each table in the order of their buckets.
        table, begin, end: the places, at most as many as may still wait.
        allowed, seen, waiting: see Visit and next_images.
        waits: how many wait.

    Returns:
        how many wait then.
    """
    one = np.uint64(1)
    for place in range(np.uint64(begin), np.uint64(end)):
        number = np.uint64(ids[np.uint64(table), place])
        word, shift = number >> np.uint64(6), number & np.uint64(63)
        before = seen[word]
        seen[word] = before | (one << shift)
        waiting[np.uint64(waits)] = number
        fresh = np.int64(((before >> shift) & one) ^ one)
        if len(allowed):
            fresh &= np.int64(allowed[number])
        waits += fresh
    return waits
