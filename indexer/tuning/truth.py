"""What is truly nearest to queries, by measuring every image."""

from math import sqrt

import numpy as np

from indexer.distances import BLOCK_ROWS, FeatureStore, lengths, measure, nearest, squared_lengths
from indexer.indexes.rotation import scaled
from indexer.tuning.queries import Queries
from indexer.types import Float32, Ids, Metric

BLOCK = 2**22  # squared distances that are held at once
SPARE = 16  # images beyond k that are kept until their distances are known in float64
EPSILON = float(np.finfo(np.float32).eps)


def kth_distances(store: FeatureStore, queries: Queries, k: int, metric: Metric) -> Float32:
    """Measure how far the k-th nearest image that counts lies from each query.

    A pass in float32 keeps k + SPARE images of each query, which are measured again as those of
    answers are. Where it cannot tell them from the others, as among very many near copies, all that
    may be near are.

    Args:
        store: the gallery.
        queries: m of them.
        k: less than the images that count.
        metric: "cosine" or "euclidean".

    Returns:
        float32 (m,).
    """
    unit = metric == "cosine"
    points = scaled(queries.features, lengths(queries.features), unit=unit)
    centre = points.mean(axis=0, dtype=np.float64).astype(np.float32)
    points = points - centre
    counting = store.count - (queries.own is not None)
    ids, squares = _nearest(store, queries, points, centre, min(k + SPARE, counting), unit=unit)
    found = np.empty(len(queries), np.float32)
    for number, query in enumerate(queries.features):
        distances = measure(store, query, metric, np.sort(ids[number]))
        kth = float(np.partition(distances, k - 1)[k - 1])
        square = 2 * kth if unit else kth * kth
        length = float(np.linalg.norm(points[number]))
        beyond = float(squares[number].max()) - _error(square, length, store.dim, unit=unit)
        if square and beyond <= square and ids.shape[1] < counting:
            others = None if queries.own is None else _but(int(queries.own[number]), store.count)
            kth = float(nearest(store, query, k, metric, others)[1][-1])
        found[number] = kth
    return found


def _nearest(
    store: FeatureStore,
    queries: Queries,
    points: Float32,
    centre: Float32,
    kept: int,
    *,
    unit: bool,
) -> tuple[Ids, Float32]:
    """Find about the nearest images, block by block; centred, for products of long rows cancel.

    Args:
        store: the gallery.
        queries: m of them.
        points: float32 (m, dim), the queries less the centre.
        centre: float32 (dim,).
        kept: how many, of those that count.
        unit: whether features are scaled to length 1.

    Returns:
        ids int64 (m, kept) and squared distances float32 (m, kept), in no order.
    """
    lengths_squared = squared_lengths(points)
    best = np.full((len(points), kept), np.inf, np.float32)
    ids = np.zeros((len(points), kept), np.int64)
    rows = min(BLOCK_ROWS, max(1, BLOCK // len(points)))
    for start in range(0, store.count, rows):
        span = slice(start, start + rows)
        block = scaled(store.rows(span), store.norms[span], unit=unit) - centre
        squares = squared_lengths(block) + lengths_squared[:, None]
        squares -= 2 * points @ block.T
        if queries.own is not None:
            inside = np.flatnonzero((queries.own >= start) & (queries.own < start + len(block)))
            squares[inside, queries.own[inside] - start] = np.inf
        both = np.concatenate([best, squares], axis=1)
        places = np.argpartition(both, kept - 1, axis=1)[:, :kept]
        best = np.take_along_axis(both, places, axis=1)
        before = np.take_along_axis(ids, np.minimum(places, kept - 1), axis=1)
        ids = np.where(places < kept, before, places - kept + start)
    return ids, best


def _error(square: float, length: float, dim: int, *, unit: bool) -> float:
    """Bound how far the squared distance of an image no further than `square` may be off.

    Errors of a dot product grow with the root of its length. No such image is longer than the
    centred query, `length`, and its distance together. Rows that are scaled are rounded first.
    """
    distance = sqrt(square)
    products = 4 * EPSILON * sqrt(dim) * (2 * length + distance) ** 2
    return products + (8 * EPSILON * distance if unit else 0.0)


def _but(own: int, count: int) -> Ids:
    """Return all ids but one, int64 (count - 1,)."""
    return np.delete(np.arange(count, dtype=np.int64), own)
