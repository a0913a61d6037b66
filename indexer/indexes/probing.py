"""Names the buckets next to a query's own, the likeliest to hold its neighbours first."""

import heapq
from collections.abc import Iterator

import numpy as np

from indexer.distances import Float64
from indexer.indexes.hashing import Codes, floors


def neighbouring_buckets(positions: Float64) -> Iterator[tuple[int, Codes]]:
    """Yield tables and codes of the buckets around a query, in order of their distance.

    A neighbouring bucket differs from the query's own by one step in some projections; its
    score is the sum of the squared distances to the borders that are crossed.

    Source: Lv, Josephson, Wang, Charikar, Li, "Multi-probe LSH", 2007, section 4.4.

    Args:
        positions: float64 (g, h), the query's (p . X + b) / w.

    Yields:
        A table's number and int32 (h,). Each table's own bucket is left out.
    """
    own = floors(positions)
    within = positions - np.floor(positions)
    h = positions.shape[1]
    # Step j < h crosses the lower border of projection j; step j >= h the upper one of j - h.
    squares = np.concatenate([within, 1 - within], axis=1) ** 2
    order = np.argsort(squares, axis=1, kind="stable")
    ranked = np.take_along_axis(squares, order, axis=1)
    heap: list[tuple[float, int, tuple[int, ...]]] = [
        (float(scores[0]), table, (0,)) for table, scores in enumerate(ranked)
    ]
    heapq.heapify(heap)
    while heap:
        score, table, chosen = heapq.heappop(heap)
        last = chosen[-1]
        if last + 1 < 2 * h:
            here, after = float(ranked[table, last]), float(ranked[table, last + 1])
            heapq.heappush(heap, (score + after, table, (*chosen, last + 1)))
            heapq.heappush(heap, (score + after - here, table, (*chosen[:-1], last + 1)))
        steps = order[table, list(chosen)]
        if len(set(steps % h)) == len(steps):
            code = own[table].copy()
            code[steps % h] += np.where(steps < h, -1, 1).astype(np.int32)
            yield table, code
