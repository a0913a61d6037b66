"""Holds our curve against those of others, at equal recall, and against what is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.search.curves import RECALLS, Point, speed_at
from benchmarks.search.entrants import OURS
from benchmarks.search.measuring import Figures
from benchmarks.wanted import Wanted

FACTORS = {"falconn": 10.0, "faiss-lsh": 2.0, "faiss-hnsw": 1.5, "faiss-pca-hnsw": 1.0}
"""How many times as fast as these curves ours should be."""

BUILDS = 10.0
"""How many times as fast as that of any graph our build should be."""


@dataclass(frozen=True)
class Comparison:
    """Our curve and another at one recall.

    Attributes:
        curve: the other's name.
        recall: of both.
        ours, other: queries a second; None where a curve does not reach the recall.
    """

    curve: str
    recall: float
    ours: float | None
    other: float | None

    @property
    def ratio(self) -> float | None:
        """Return how many times as fast ours is, where both reach the recall."""
        return self.ours / self.other if self.ours and self.other else None


def comparisons(found: Sequence[Figures]) -> list[Comparison]:
    """Compare with every other curve, at every recall; nothing where ours was not measured."""
    curves = _curves(found)
    ours = curves.pop(OURS, None)
    if ours is None:
        return []
    return [
        Comparison(name, recall, speed_at(ours, recall), speed_at(points, recall))
        for name, points in curves.items()
        for recall in RECALLS
    ]


def wanted(found: Sequence[Figures]) -> list[Wanted]:
    """Return the factors that are wanted, those of speed and those of building."""
    speeds = [
        Wanted(
            f"queries a second at recall {each.recall}, x {each.curve}",
            each.ratio or 0.0,
            FACTORS[each.curve],
        )
        for each in comparisons(found)
        if each.curve in FACTORS and each.other
    ]
    return speeds + _builds(found)


def _builds(found: Sequence[Figures]) -> list[Wanted]:
    indexes = {each.entry.contender: each.entry.cost.build for each in found}
    ours = [seconds for index, seconds in indexes.items() if index.curve == OURS]
    return [
        Wanted(f"seconds of the build of {index.name}, x ours", seconds / ours[0], BUILDS)
        for index, seconds in indexes.items()
        if index.graph and ours
    ]


def _curves(found: Sequence[Figures]) -> dict[str, list[Point]]:
    curves: dict[str, list[Point]] = {}
    for each in found:
        curves.setdefault(each.entry.contender.curve, []).append(each.point)
    return curves
