"""Compares what a search found with what is truly nearest."""

from collections.abc import Sequence

import numpy as np

from indexer.distances import as_near
from indexer.types import Answer, Hit


def count_true(hits: Sequence[Hit], truth: Answer) -> int:
    """Count the hits that are among the truly nearest, or as near as the last of these.

    Args:
        hits: of a search.
        truth: the exact answer to the same query, of as many hits.
    """
    ids = set(truth.ids.tolist())
    farthest = float(as_near(truth.distances[-1:].astype(np.float64))[0]) if ids else 0.0
    return sum(hit.id in ids or hit.distance <= farthest for hit in hits)
