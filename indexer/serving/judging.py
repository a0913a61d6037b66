"""Compares what a search found with what is truly nearest."""

from collections.abc import Sequence

from indexer.tuning.queries import SLACK
from indexer.types import Answer, Hit


def count_true(hits: Sequence[Hit], truth: Answer) -> int:
    """Count the hits that are among the truly nearest, or as near as the last of these.

    Args:
        hits: of a search.
        truth: the exact answer to the same query, of as many hits.
    """
    ids = set(truth.ids.tolist())
    farthest = float(truth.distances[-1]) * (1 + SLACK) + SLACK * SLACK if ids else 0.0
    return sum(hit.id in ids or hit.distance <= farthest for hit in hits)
