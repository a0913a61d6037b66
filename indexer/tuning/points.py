"""What was measured of an index's searches, and what was chosen of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from indexer.indexes.options import Effort
from indexer.intervals import interval
from indexer.tuning.queries import Source
from indexer.tuning.targets import Target


@dataclass(frozen=True)
class Point:
    """What one effort gives and costs, with some tables.

    Attributes:
        g, h: of the tables.
        probes, keep, reach: the effort.
        recall: mean part of the true nearest images that are found.
        error: its standard error.
        visited: mean part of the gallery that is looked at.
        milliseconds: median time of a search by one thread; 0 where it was not timed.
        bytes: mean memory that a search reads, by which efforts are compared; what else it does
            counts as the memory that could be read meanwhile.
        tables: bytes of all but the features.
        opened: mean number of buckets that were opened; `probes` at most where there is a reach.
    """

    g: int
    h: int
    probes: int
    keep: int
    recall: float
    error: float
    visited: float
    milliseconds: float
    bytes: float
    tables: int
    opened: float
    reach: float | None = None

    @property
    def effort(self) -> Effort:
        """Return the effort."""
        return Effort(self.probes, self.keep, reach=self.reach)

    def suffices(self, recall: float) -> bool:
        """Return whether it surely enough has a recall: by a standard error.

        None is sure to find everything, though it did so for all that was asked.
        """
        return recall < 1 and self.recall - self.error >= recall


@dataclass(frozen=True)
class Tuning:
    """What was measured of an index, and what was chosen.

    Attributes:
        target: what was asked for.
        source: where the queries came from.
        queries: how many these were.
        together: how many in a row were made of one picture.
        chosen: the least effort that gives it, in other tables than those by default only where
            these save much; the greatest where none does.
        points: what was measured, but for what gives no more for more: with the chosen tables, and
            with all that were tried.
    """

    target: Target
    source: Source
    queries: int
    together: int
    chosen: Point
    points: tuple[Point, ...]

    @property
    def frontier(self) -> tuple[Point, ...]:
        """Return the points than which none gives more for less, and the chosen one, by cost."""
        points = {*front(self.points), self.chosen}
        return tuple(sorted(points, key=lambda each: (each.bytes, each.recall)))

    @property
    def efforts(self) -> tuple[Point, ...]:
        """Return the same of the chosen tables: what searches of the index can do."""
        tables = (self.chosen.g, self.chosen.h)
        return front(point for point in self.points if (point.g, point.h) == tables)

    @property
    def reached(self) -> bool:
        """Return whether the wanted recall is given."""
        return self.chosen.suffices(self.target.recall)

    def low(self, point: Point) -> float:
        """Return the lower bound of a point's recall, with 95 % confidence.

        A mean with some error tells as much as so many searches that find all or nothing; one
        without tells as much as there were pictures.
        """
        count: float = self.queries // self.together
        if point.error:
            count = point.recall * (1 - point.recall) / point.error**2
        return interval(point.recall, count)[0]

    def least(self, recall: float) -> Point | None:
        """Return the least that the index can do and that surely enough has a recall, or None."""
        return next((point for point in self.efforts if point.suffices(recall)), None)


def front(points: Iterable[Point]) -> tuple[Point, ...]:
    """Return the points than which none has a higher recall for less, by their recall."""
    found: list[Point] = []
    for point in sorted(points, key=lambda each: (each.bytes, -each.recall)):
        if not found or point.recall > found[-1].recall:
            found.append(point)
    return tuple(found)


def tuning_of(values: Mapping[str, Any]) -> Tuning | None:
    """Return what a manifest keeps of a tuning, or None where there was none."""
    if not values:
        return None
    return Tuning(
        target=Target(**values["target"]),
        source=Source(**values["source"]),
        queries=values["queries"],
        together=values["together"],
        chosen=Point(**values["chosen"]),
        points=tuple(Point(**point) for point in values["points"]),
    )
