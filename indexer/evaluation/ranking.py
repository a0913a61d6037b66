"""Ranks a whole gallery for many queries at once, exactly, by the cosine of their features."""

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np

from indexer.distances import block_slices, lengths
from indexer.types import Float32, Ids

BLOCK_CELLS = 2**21
"""Cosines that are held at once; what is done with them takes a few times their memory."""


def rank(gallery: Float32, queries: Float32 | None = None) -> Iterator[tuple[slice, Ids]]:
    """Rank every image of a gallery for each query, the most similar first, ties by id.

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
    for rows, similar in cosines(gallery, gallery if queries is None else queries):
        if queries is None:
            # Below every cosine, so that it comes last, and can be cut off there.
            similar[np.arange(len(similar)), np.arange(rows.start, rows.stop)] = -np.inf
        ids = np.argsort(-similar, axis=1, kind="stable")
        yield rows, ids[:, :-1] if queries is None else ids


def cosines(gallery: Float32, queries: Float32) -> Iterator[tuple[slice, Float32]]:
    """Measure every image of a gallery against each query.

    Equal features in the gallery get equal cosines, to the last bit, so that they tie: a product
    of matrices alone does not promise it. A feature of zeros has the cosine 0 to everything.

    Args:
        gallery: float32 (n, dim), raw features.
        queries: float32 (n_queries, dim), raw features.

    Yields:
        A block of queries at a time, in their order: which ones, and float32 (rows, n).

    Raises:
        ValueError: the features have different widths, or are not finite.
    """
    _require(gallery, queries)
    firsts = _first_equals(gallery)
    repeats = bool((firsts != np.arange(len(gallery))).any())
    units = _units(gallery)
    for rows in block_slices(len(queries), max(1, BLOCK_CELLS // max(1, len(gallery)))):
        found: Float32 = _units(queries[rows]) @ units.T
        yield rows, found[:, firsts] if repeats else found


def _first_equals(features: Float32) -> Ids:
    """Return for each row the place of the first row that is equal to it, int64 (n,)."""
    seen: dict[bytes, int] = {}
    digests = (blake2b(row.tobytes(), digest_size=16).digest() for row in features)
    places = [seen.setdefault(digest, place) for place, digest in enumerate(digests)]
    return np.array(places, np.int64)


def _units(features: Float32) -> Float32:
    """Scale features to length 1; those of zeros stay."""
    norms = lengths(features)[:, None]
    scaled: Float32 = np.divide(features, norms, out=np.zeros_like(features), where=norms > 0)
    return scaled


def _require(gallery: Float32, queries: Float32) -> None:
    for name, features in (("gallery", gallery), ("queries", queries)):
        if features.ndim != 2 or features.dtype != np.float32 or not np.isfinite(features).all():
            raise ValueError(
                f"The features of the {name} must be finite, float32 (n, dim). "
                f"Received: {features.dtype} {features.shape}"
            )
    if gallery.shape[1] != queries.shape[1]:
        raise ValueError(
            "Gallery and queries must have features of one width. "
            f"Received: {gallery.shape[1]} and {queries.shape[1]}"
        )
