"""Compares ways of searching at equal recall, by interpolating their curves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RECALLS = (0.95, 0.97, 0.99)


@dataclass(frozen=True)
class Point:
    """What one setting reaches: recall, and queries a second."""

    recall: float
    speed: float


def front(points: Sequence[Point], slack: float = 1.0) -> list[int]:
    """Return the places of the points that no other beats in both, in order of recall.

    Args:
        points: of a curve.
        slack: how much faster the other must be, so that noise leaves nothing out.
    """
    order = sorted(
        range(len(points)), key=lambda at: (points[at].recall, points[at].speed), reverse=True
    )
    kept: list[int] = []
    quickest = 0.0
    for place in order:
        if slack * points[place].speed > quickest:
            kept.append(place)
        quickest = max(quickest, points[place].speed)
    return kept[::-1]


def speed_at(points: Sequence[Point], recall: float) -> float | None:
    """Return the queries a second of a curve at a recall, None where it never reaches it.

    Between two points of the front, the logarithm of the speed is linear in recall; below the
    least recall, it is the speed of the quickest.
    """
    best = [points[place] for place in front(points)]
    if not best or best[-1].recall < recall:
        return None
    recalls = [point.recall for point in best]
    return float(np.exp(np.interp(recall, recalls, np.log([point.speed for point in best]))))


def chosen(points: Sequence[Point], recall: float) -> int | None:
    """Return the place of the quickest point that reaches a recall, None where none does."""
    enough = [place for place, point in enumerate(points) if point.recall >= recall]
    return max(enough, key=lambda place: points[place].speed, default=None)
