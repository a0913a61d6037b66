"""Searches with growing effort, and with several tables, and chooses the least that suffices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from math import inf

from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import IndexOptions, choose_family
from indexer.tuning.measuring import Questions, measured, timed
from indexer.tuning.points import Point, Tuning, front
from indexer.tuning.queries import Queries, sample
from indexer.tuning.shapes import EFFORTS, MOST_VISITED, Shape, efforts, fits
from indexer.tuning.targets import DEFAULT_TARGET, Target
from indexer.types import Metric, Progress, Report, silent

OWN: tuple[Shape, ...] = ()
WORTH = 0.8
"""Part of their own cost with which other tables must do: what counts as what errs by a tenth."""


@dataclass(frozen=True)
class Tuned:
    """What came of a tuning.

    Attributes:
        tuning: what was measured, and what was chosen.
        index: with the chosen tables, whose searches do as much as was chosen.
    """

    tuning: Tuning
    index: LshIndex


def is_open(kind: str, options: IndexOptions) -> bool:
    """Return whether an index of these options leaves open how much its searches do."""
    given = (options.probes, options.keep, options.reach)
    unsaid = all(value is None for value in given)
    return kind == "lsh" and unsaid and choose_family(options) != "plain"


def tune(
    index: LshIndex,
    target: Target = DEFAULT_TARGET,
    *,
    queries: Queries | None = None,
    shapes: Sequence[Shape] = OWN,
    metric: Metric = "cosine",
    seed: int = 0,
    progress: Report = silent,
) -> Tuned:
    """Search with growing effort, and choose the least that suffices.

    Efforts are compared by the memory that they read, which is the same on every machine; `max_ms`
    alone goes by the clock.

    Args:
        index: built, of two images or more.
        target: what is wanted.
        queries: to search for; None for a sample of the gallery, each image among all others.
        shapes: g and h of the tables to try, those of the index first; none for these alone.
        metric: what images are ranked by.
        seed: draws the sample.
        progress: told after each effort.
    """
    store = index.store
    queries = queries or sample(store, seed)
    asked = Questions.of(index, queries, min(target.at, store.count - 1), metric)
    trials = _trials(index, asked, shapes, progress)
    every, own = front(point for trial in trials for point in trial), front(trials[0])
    best, mine = _least(every, target), _least(own, target)
    chosen = best if _is_worth(best, mine, target) else mine
    (winner,) = index.with_tables([(chosen.g, chosen.h)])
    its = front(point for trial in trials for point in trial if _is_of(winner, point))
    its = tuple(point if point.milliseconds else timed(winner, point, asked) for point in its)
    known = (queries.source, len(queries), queries.together)
    points = tuple(dict.fromkeys((*every, *own, *its)))
    return Tuned(Tuning(target, *known, chosen, points), winner.with_effort(chosen.effort))


def _trials(
    index: LshIndex, asked: Questions, shapes: Sequence[Shape], progress: Report
) -> list[tuple[Point, ...]]:
    """Measure each of the tables that fit, with each effort that is worth trying.

    What may be chosen is timed at once, so that tables are gone when the next but one are made:
    all of them together may take much memory.
    """
    shapes = shapes or [(index.parameters["g"], index.parameters["h"])]
    trials: list[tuple[Point, ...]] = []
    for number, other in enumerate(index.with_tables(shapes)):
        tell = partial(_tell, progress, shapes, number)
        if not number or fits(index, other):
            points = _points(other, asked, tell, whole=not number)
            rivals = front((*chain(*trials), *points)) if number else front(points)
            trials.append(
                tuple(timed(other, each, asked) if each in rivals else each for each in points)
            )
        tell(EFFORTS)
    return trials


def _tell(progress: Report, shapes: Sequence[Shape], number: int, done: int) -> None:
    """Tell how many efforts were tried, those of the tables before among them."""
    note = "g={}, h={}".format(*shapes[number]) if len(shapes) > 1 else ""
    progress(Progress("tune", number * EFFORTS + done, len(shapes) * EFFORTS, note))


def _points(
    index: LshIndex, asked: Questions, tell: Callable[[int], None], *, whole: bool
) -> tuple[Point, ...]:
    """Measure one effort after the other, but for those that find no more and cost more.

    Args:
        index: with some tables.
        asked: queries and truth.
        tell: is told how many efforts are done.
        whole: also measure what visits much.
    """
    points: list[Point] = []
    enough, settled = inf, None  # images kept that find all; buckets whose images are all found
    for done, effort in enumerate(efforts(index, asked.at), 1):
        buckets = (effort.probes, effort.reach)
        if effort.keep >= enough or buckets == settled:
            continue
        point = measured(index, effort, asked)
        if not whole and point.visited > MOST_VISITED:
            break
        if points and buckets == (points[-1].probes, points[-1].reach):
            settled = buckets if point.recall == points[-1].recall else None
        enough = effort.keep if point.recall == 1 else enough
        points.append(point)
        tell(done)
    return tuple(points)


def _is_of(index: LshIndex, point: Point) -> bool:
    """Return whether a point was measured with the tables of an index."""
    return (index.parameters["g"], index.parameters["h"]) == (point.g, point.h)


def _least(frontier: Sequence[Point], target: Target) -> Point:
    """Return the first point that surely enough has the recall; else the quick one with most."""
    quick = [each for each in frontier if _is_quick(each, target)] or [frontier[0]]
    return next((each for each in quick if each.suffices(target.recall)), quick[-1])


def _is_worth(best: Point, own: Point, target: Target) -> bool:
    """Return whether the best of all tables is chosen, and not the best of the index's own."""
    reached = [each.suffices(target.recall) and _is_quick(each, target) for each in (best, own)]
    return best.bytes <= WORTH * own.bytes if all(reached) else not reached[1]


def _is_quick(point: Point, target: Target) -> bool:
    return target.max_ms is None or point.milliseconds <= target.max_ms
