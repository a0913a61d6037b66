"""Finds the codes that differ from a query's in the fewest bits: all of them read, or few."""

import numpy as np
from numpy.typing import NDArray

from indexer.indexes.kernels.compiling import inner_kernel, kernel
from indexer.indexes.kernels.heaps import replace_least
from indexer.indexes.kernels.parts import CANDIDATE, LOOKUP, Parts
from indexer.indexes.kernels.popcount import difference, following, part_of
from indexer.indexes.kernels.prefetching import prefetch_line, prefetch_span

GAVE_UP = -1  # instead of a number of codes: the scan is cheaper
PATIENCE = 1 / 16  # of the scan's cost, taken by tables before they must promise to be cheaper
TOGETHER = 32  # buckets that memory is asked for at once
WAITING = 64  # codes that are measured together


@kernel
def nearest_codes(
    codes: NDArray[np.uint64],
    parts: Parts,
    budget: int,
    query: tuple[np.uint64, ...],
    allowed: NDArray[np.bool_],
    heap: NDArray[np.uint64],
) -> tuple[int, int]:
    """Find the codes nearest to a query by the tables, or by the scan where these give up.

    Args:
        codes: uint64 (n, words).
        parts: see `indexer.indexes.kernels.parts.Parts`.
        budget: what the scan costs, in words that are read; 0 to scan at once.
        query: uint64, as a tuple.
        allowed: bool (n,), or (0,) for all.
        heap: uint64 (k,), zeros, k being no more than are allowed; becomes the scores of the k
            nearest, in any order: see `score_of`.

    Returns:
        How many buckets were looked up, and how many codes measured; 0 and GAVE_UP for the scan.
    """
    if budget > 0:
        looked, found = probe(codes, parts, budget, query, allowed, heap)
        if found != GAVE_UP:
            return looked, found
        heap[:] = 0
    scan(codes, query, allowed, heap)
    return 0, GAVE_UP


@inner_kernel
def score_of(bits, row):
    """Return a number that is the greater, the fewer bits differ; of ties, the less the row is."""
    return ~((np.uint64(bits) << np.uint64(32)) | np.uint64(row))


@inner_kernel
def bits_of(score):
    """Return how many bits differ by a score; more than any code has for 0, the score of none."""
    return np.int64(~score >> np.uint64(32))


@inner_kernel
def scan(codes, query, allowed, heap):
    """Measure every code, or every allowed one; arguments are those of `nearest_codes`."""
    masked = len(allowed) > 0
    farthest = bits_of(heap[0])
    for row in range(len(codes)):
        if masked and not allowed[row]:
            continue
        bits = difference(codes, row, query)
        if bits < farthest:  # of ties, those before have the lesser rows
            replace_least(heap, len(heap), score_of(bits, row))
            farthest = bits_of(heap[0])


@kernel
def probe(codes, parts, budget, query, allowed, heap):
    """Look codes up by their parts, radius by radius, until the k nearest are certain.

    Two codes that differ in at most r = m a + b bits, b < m, differ in at most a bits in one of
    the first b + 1 of m parts, or in at most a - 1 bits in another. So after radius r every code
    that near has been met; where these are k, no other can be among the answer, not even by a tie.

    Source: Norouzi, Punjani, Fleet, "Fast search in Hamming space with multi-index hashing",
    2012, section 3 and algorithm 1.

    Args:
        codes, parts, query, allowed, heap: as for `nearest_codes`.
        budget: as there. A search that has taken PATIENCE of it goes on only while it can be
            expected to cost less.

    Returns:
        As there; where it is GAVE_UP, the heap is of no use.
    """
    edges, offsets, starts, ids, efforts = parts
    seen = np.zeros((len(codes) + 63) >> 6, np.uint64)  # a bit for each code
    buckets = np.empty(TOGETHER, np.int64)
    rows = np.empty(WAITING, np.int64)
    looked = met = found = spent = 0
    for radius in range(len(efforts) - 1):
        if spent + efforts[radius + 1] - efforts[radius] > PATIENCE * budget:
            # The k-th of those met lies no nearer than the k-th of all: enough to foresee by.
            farthest = bits_of(heap[0])
            if heap[0] == 0 or spent + efforts[farthest + 1] - efforts[radius] > budget:
                return looked, GAVE_UP
        table, flipped = radius % len(offsets), radius // len(offsets)
        own = part_of(query, edges[table], edges[table + 1])
        limit = 1 << (edges[table + 1] - edges[table])
        flips = (1 << flipped) - 1  # the least number with so many bits
        waits = 0
        while flips < limit:
            count, flips = next_buckets(starts, offsets[table], own, flips, limit, buckets)
            looked += count
            met += ask_for(ids, starts, table, buckets, count)
            spent = LOOKUP * looked + CANDIDATE * met
            if spent > budget:
                return looked, GAVE_UP
            for i in range(count):
                for place in range(starts[buckets[i]], starts[buckets[i] + 1]):
                    row = np.int64(ids[table, place])
                    if not is_new(row, seen, allowed):
                        continue
                    found += 1
                    rows[waits] = row
                    waits += 1
                    prefetch_line(codes, row)
                    if waits == WAITING:
                        measure(codes, query, rows, waits, heap)
                        waits = 0
        measure(codes, query, rows, waits, heap)
        if bits_of(heap[0]) <= radius:
            break
    return looked, found


@inner_kernel
def next_buckets(starts, offset, own, flips, limit, buckets):
    """Find the next buckets of a radius, and ask memory for where they begin.

    Args:
        starts: of all tables; that in question begins at `offset`.
        own: the query's part.
        flips: what of it is flipped in the first of these buckets.
        limit: more than any part is.
        buckets: int64, becomes the buckets' places in `starts`.

    Returns:
        How many there are, and what is flipped next; the limit where nothing is.
    """
    count = 0
    while count < len(buckets) and flips < limit:
        buckets[count] = offset + (own ^ flips)
        prefetch_line(starts, buckets[count])
        flips = following(flips) if flips else limit
        count += 1
    return count, flips


@inner_kernel
def ask_for(ids, starts, table, buckets, count):
    """Ask memory for the ids in some buckets of a table; return how many these are."""
    met = 0
    for i in range(count):
        low, high = starts[buckets[i]], starts[buckets[i] + 1]
        prefetch_span(ids, table, low, high)
        met += high - low
    return met


@inner_kernel
def is_new(row, seen, allowed):
    """Mark a code as seen; return whether it was not before, and is allowed."""
    word, bit = row >> 6, np.uint64(1) << np.uint64(row & 63)
    if seen[word] & bit != 0 or (len(allowed) > 0 and not allowed[row]):
        return False
    seen[word] |= bit
    return True


@inner_kernel
def measure(codes, query, rows, count, heap):
    """Offer some codes to a heap."""
    for i in range(count):
        score = score_of(difference(codes, rows[i], query), rows[i])
        if score > heap[0]:
            replace_least(heap, len(heap), score)
