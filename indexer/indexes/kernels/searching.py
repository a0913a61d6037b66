"""Answers a query from the tables: project, hash, probe, sift, measure."""

import numpy as np
from numba import prange
from numpy.typing import NDArray

from indexer.indexes.kernels.compiling import kernel, parallel_kernel
from indexer.indexes.kernels.filtering import sifted, target_of
from indexer.indexes.kernels.gathering import NO_BOUND, first_visit, next_images
from indexer.indexes.kernels.parts import MEASURED, VISITED, Holding, Wish
from indexer.indexes.kernels.probing import first_frontier
from indexer.indexes.kernels.projecting import point_of
from indexer.indexes.kernels.ranking import measure, ruler_of


@kernel
def search_one(
    query: NDArray[np.float32],
    holding: Holding,
    wish: Wish,
    allowed: NDArray[np.bool_],
    ids: NDArray[np.int64],
    distances: NDArray[np.float32],
    stats: NDArray[np.int64],
) -> int:
    """Find the nearest images to one query.

    Args:
        query: float32 (dim,).
        holding, wish: see `indexer.indexes.kernels.parts`.
        allowed: bool (n,), or empty where all images are allowed.
        ids: int64 (k,), is written.
        distances: float32 (k,), is written.
        stats: int64 (3,), is written: images visited, buckets opened, images measured.

    Returns:
        how many images were found, at most k.
    """
    scheme, tables, gallery = holding.scheme, holding.tables, holding.gallery
    count: int = _found(query, scheme, tables, gallery, wish, allowed, ids, distances, stats)
    return count


@parallel_kernel
def search_all(
    queries: NDArray[np.float32],
    holding: Holding,
    wish: Wish,
    allowed: NDArray[np.bool_],
    ids: NDArray[np.int64],
    distances: NDArray[np.float32],
    stats: NDArray[np.int64],
    found: NDArray[np.int64],
) -> None:
    """Find the nearest images to each query, on several threads.

    Args:
        queries: float32 (m, dim).
        holding, wish, allowed: as for search_one.
        ids: int64 (m, k), distances: float32 (m, k), stats: int64 (m, 3), found: int64 (m,), are
            written.
    """
    for i in prange(len(queries)):
        found[i] = search_one(queries[i], holding, wish, allowed, ids[i], distances[i], stats[i])


@kernel
def _found(query, scheme, tables, gallery, wish, allowed, ids, distances, stats):
    """Search as search_one says."""
    features = gallery.features
    found: int = 0
    point = point_of(query, scheme)
    frontier = first_frontier(scheme, point.coordinates, wish.probes)
    ruler = ruler_of(query, point.length, wish.cosine)
    visit = first_visit(len(features), stats)
    if len(gallery.codes):
        target = target_of(point, scheme, wish)
        best = sifted(visit, frontier, tables, gallery, target, wish, allowed)
        found = measure(best, len(best), features, ruler, distances, ids, 0)
        stats[MEASURED] = len(best)
        return found
    waits = next_images(visit, frontier, tables, wish, allowed, NO_BOUND)
    while waits:
        found = measure(visit.waiting, waits, features, ruler, distances, ids, found)
        waits = next_images(visit, frontier, tables, wish, allowed, NO_BOUND)
    stats[MEASURED] = stats[VISITED]
    return found
