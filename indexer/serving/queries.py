"""Refuses what cannot be searched for, and says what can."""

from typing import get_args

import numpy as np

from indexer.errors import BadQuery
from indexer.indexes.base import Mask
from indexer.types import Float32, Metric

MAX_K = 1000


def require_query(k: int, metric: Metric | None, skip: int = 0) -> None:
    """Refuse a number of hits from outside 1 to MAX_K, an unknown metric, and what lies too deep.

    Args:
        k: number of hits.
        metric: that they are ranked by; None for the index's own.
        skip: hits before them.

    Raises:
        BadQuery: saying what may be asked for.
    """
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= MAX_K:
        raise BadQuery(f"k must be a whole number from 1 to {MAX_K}. Received: {k!r}")
    if skip < 0 or skip + k > MAX_K:
        raise BadQuery(f"A search reaches {MAX_K} hits deep. Received: {k} after the first {skip}")
    if metric not in (None, *get_args(Metric)):
        known = ", ".join(get_args(Metric))
        raise BadQuery(f"The metric must be one of: {known}. Received: {metric!r}")


def require_vector(vector: Float32, mask: Mask | None, *, name: str, count: int, dim: int) -> None:
    """Refuse a feature or a mask that does not belong to an index.

    Args:
        vector: must be finite, float32 (dim,).
        mask: must be bool (count,), or None.
        name, count, dim: of the index, of its images and of its features.

    Raises:
        BadQuery: saying what the index takes.
    """
    if vector.shape != (dim,) or not np.isfinite(vector).all():
        raise BadQuery(
            f"A feature of the index {name!r} has {dim} finite values. "
            f"Received: the shape {vector.shape}"
        )
    if mask is not None and (mask.shape != (count,) or mask.dtype != np.bool_):
        raise BadQuery(f"A mask has {count} truth values. Received: {mask.shape}")
