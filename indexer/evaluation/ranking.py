"""Ranks a whole gallery for many queries at once, exactly, within bounded memory."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import TypeVar

import numpy as np

from indexer.distances import FeatureStore, block_slices, lengths, signs
from indexer.types import Float32, Ids, Metric
from models.parallel import worker_count

Result = TypeVar("Result")

BLOCK_CELLS = 2**22
"""Distances of small galleries that are held at once."""

PASS_QUERIES = 64
"""Queries that each pass over a gallery serves at least: reading it costs more than comparing."""


def rank(gallery: Float32, queries: Float32 | None = None) -> Iterator[tuple[slice, Ids]]:
    """Rank every image of a gallery for each query by cosine, the most similar first, ties by id.

    Args:
        gallery: float32 (n, dim), raw features; their place is their id.
        queries: float32 (n_queries, dim), or None to ask with each image of the gallery in
            turn, which leaves itself out of its own ranking.

    Yields:
        A block of queries at a time, in their order: which ones, and ids int64 (rows, n), or
        (rows, n - 1) where each leaves itself out.

    Raises:
        ValueError: the features have different widths, or are not finite.
    """
    asked = gallery if queries is None else queries
    for rows, found in distances(FeatureStore.of(gallery), asked, "cosine"):
        if queries is None:
            # Beyond every distance, so that it comes last, and can be cut off there.
            found[np.arange(len(found)), np.arange(rows.start, rows.stop)] = np.inf
        ids = nearest_first(found)
        yield rows, ids[:, :-1] if queries is None else ids


def cosines(gallery: Float32, queries: Float32) -> Iterator[tuple[slice, Float32]]:
    """Measure every image of a gallery against each query, as `distances` does.

    Yields:
        A block of queries at a time, in their order: which ones, and float32 (rows, n).

    Raises:
        ValueError: the features have different widths, or are not finite.
    """
    for rows, found in distances(FeatureStore.of(gallery), queries, "cosine"):
        yield rows, 1 - found


def distances(
    store: FeatureStore, queries: Float32, metric: Metric, columns: Ids | None = None
) -> Iterator[tuple[slice, Float32]]:
    """Measure every image of a gallery against each query, in float32.

    Equal features in the gallery get equal distances, to the last bit, so that they tie: a product
    of matrices alone does not promise it. A feature of zeros has the cosine 0 to everything.

    Memory is bounded by a constant and the distances of one pass: those of PASS_QUERIES queries, or
    BLOCK_CELLS of a small gallery.

    Args:
        store: the gallery.
        queries: float32 (n_queries, dim), raw features.
        metric: "cosine" (1 - cosine), "euclidean" or "hamming" (signs that differ).
        columns: int64 (m,), the rows of the store that are measured, none twice; None for all.

    Yields:
        A block of queries at a time, in their order: which ones, and float32 (rows, m), which may
        be written.

    Raises:
        ValueError: the features have different widths, or are not finite.
    """
    _require(store, queries)
    everyone = np.arange(store.count)
    chosen = everyone if columns is None else columns
    straight = np.array_equal(chosen, everyone)
    places = np.full(store.count, -1)
    places[chosen] = np.arange(len(chosen))
    # Where a column equals an earlier row, it has the distance of the first such row.
    again, firsts = _repeated(store, places)
    for rows in block_slices(len(queries), queries_of_a_pass(store.count)):
        found = np.empty((rows.stop - rows.start, len(chosen)), np.float32)
        for span in block_slices(store.count):
            compared = _compared(store, span, queries[rows], metric)
            if straight:
                found[:, span] = compared
                continue
            there = places[span] >= 0
            found[:, places[span][there]] = compared if there.all() else compared[:, there]
        found[:, again] = found[:, firsts]
        yield rows, found


def queries_of_a_pass(count: int) -> int:
    """Return how many queries are compared at once with so many images."""
    return max(PASS_QUERIES, BLOCK_CELLS // max(1, count))


def nearest_first(found: Float32) -> Ids:
    """Return the places of the distances in each row, ascending, ties by place.

    Args:
        found: float32 (rows, n), no NaN.

    Returns:
        int64 (rows, n).
    """
    orders = by_rows(lambda rows: _ordered(found[rows]), len(found))
    return np.concatenate([np.zeros((0, found.shape[1]), np.int64), *orders])


def by_rows(work: Callable[[slice], Result], count: int) -> list[Result]:
    """Share rows among all cores, in threads.

    Args:
        work: does some of them, in NumPy's own loops.
        count: of rows.

    Returns:
        The results, in the order of the rows.
    """
    workers = worker_count(0)
    parts = list(block_slices(count, max(1, -(-count // workers))))
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, parts))


def _ordered(found: Float32) -> Ids:
    """Do what `nearest_first` does, in this thread alone."""
    # Numbers that are in the order of the distances, with the places below: sorting them is
    # several times as quick as a stable argsort, and cannot mix ties up.
    bits = (found + np.float32(0)).view(np.int32)
    bits ^= (bits >> 31) & np.int32(0x7FFFFFFF)
    keys: Ids = bits.astype(np.int64)
    keys <<= 32
    keys |= np.arange(found.shape[1])
    keys.sort(axis=1)
    keys &= 0xFFFFFFFF
    return keys


def _compared(store: FeatureStore, span: slice, queries: Float32, metric: Metric) -> Float32:
    """Measure some images against some queries, float32 (n_queries, span)."""
    rows = store.rows(span)
    if metric == "hamming":
        # Of numbers that are all 1 or -1, products are whole numbers, and exact.
        agreeing: Float32 = _either(queries) @ _either(rows).T
        return np.divide(store.dim - agreeing, 2, out=agreeing)
    products: Float32 = queries @ rows.T
    near, far = lengths(queries)[:, None], store.norms[span]
    if metric == "euclidean":
        products *= -2
        products += near**2
        products += far**2
        return np.sqrt(np.maximum(products, 0, out=products), out=products)
    # What is divided by 1 there is 0 already.
    products /= np.where(near > 0, near, 1)
    products /= np.where(far > 0, far, 1)
    return np.subtract(1, products, out=products)


def _either(features: Float32) -> Float32:
    """Return 1 where a sign is set, else -1."""
    either: Float32 = np.where(signs(features), np.float32(1), np.float32(-1))
    return either


def _repeated(store: FeatureStore, places: Ids) -> tuple[Ids, Ids]:
    """Return the columns whose rows equal an earlier one that is measured, and the columns of that.

    Args:
        store: the gallery.
        places: int64 (n,), the column of each row, -1 where it is not measured.
    """
    equals = _first_equals(store)
    measured = np.flatnonzero(places >= 0)
    _, first, which = np.unique(equals[measured], return_index=True, return_inverse=True)
    own, earlier = places[measured], places[measured[first[which]]]
    repeated = own != earlier
    return own[repeated], earlier[repeated]


def _first_equals(store: FeatureStore) -> Ids:
    """Return for each row the place of the first row that is equal to it, int64 (n,)."""
    places = np.arange(store.count)
    seen: dict[bytes, int] = {}
    for place in _suspects(store).tolist():
        digest = blake2b(store.features[place].tobytes(), digest_size=16).digest()
        places[place] = seen.setdefault(digest, place)
    return places


def _suspects(store: FeatureStore) -> Ids:
    """Return the rows that may be equal to another: the sums of their bits are."""
    whole = np.uint32 if store.features.dtype == np.float32 else np.uint16
    sums = [
        store.features[rows].view(whole).sum(axis=1, dtype=np.uint64)
        for rows in block_slices(store.count)
    ]
    all_sums = np.concatenate([*sums, np.zeros(0, np.uint64)])
    _, which, counts = np.unique(all_sums, return_inverse=True, return_counts=True)
    return np.flatnonzero(counts[which] > 1)


def _require(store: FeatureStore, queries: Float32) -> None:
    for name, features, finite in (
        ("gallery", store.features, np.isfinite(store.norms).all()),
        ("queries", queries, np.isfinite(queries).all()),
    ):
        if features.ndim != 2 or features.dtype not in (np.float32, np.float16) or not finite:
            raise ValueError(
                f"The features of the {name} must be finite, float32 (n, dim). "
                f"Received: {features.dtype} {features.shape}"
            )
    if store.dim != queries.shape[1]:
        raise ValueError(
            "Gallery and queries must have features of one width. "
            f"Received: {store.dim} and {queries.shape[1]}"
        )
