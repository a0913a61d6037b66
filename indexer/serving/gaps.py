"""Finds where the strong matches of an answer end, if they end anywhere."""

from collections.abc import Sequence

import numpy as np

from indexer.serving.strength import Strength
from indexer.types import Metric

STRONG = 99.0
"""Percentile that the hits before a line have at least."""

LEAST = 0.1
"""Part of the median distance between two images of the gallery that a gap is wide at least."""

TIMES = 3.0
"""How many times as wide as the other gaps are on average it is at least."""


def line_after(distances: Sequence[float], metric: Metric, strength: Strength) -> int | None:
    """Return after how many hits a line between strong and weak matches is to be drawn.

    It is drawn in the widest gap between two neighbouring hits, the first where several are as
    wide, if that is wide for this gallery and for this answer, and the hits before it are strong.
    An evenly falling similarity has no such gap, nor has a class that passes into others: the line
    parts copies and other takes of a picture from what is only of their kind.

    That those after the line are weak is not asked for: in a large gallery all first hits are
    nearer than nearly all pairs.

    Args:
        distances: of the hits (k,), ascending.
        metric: that they are measured in.
        strength: of the gallery.

    Returns:
        From 1 to k - 1, or None for no line: always of a gallery too small to compare with.
    """
    median = strength.distance(50, metric)
    gaps = np.diff(np.asarray(distances, np.float64))
    if median is None or not gaps.size:
        return None
    at = int(gaps.argmax())
    others = np.delete(gaps, at)
    usual = float(others.mean()) if others.size else 0.0
    if gaps[at] <= 0 or gaps[at] < max(LEAST * median, TIMES * usual):
        return None
    return at + 1 if _is_strong(distances[at], metric, strength) else None


def _is_strong(distance: float, metric: Metric, strength: Strength) -> bool:
    """Return whether a match is strong; an equal feature is so among any number of copies."""
    percentile = strength.percentile(distance, metric)
    return distance == 0 or (percentile is not None and percentile >= STRONG)
