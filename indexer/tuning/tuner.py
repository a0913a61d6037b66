"""Searches with growing effort, and with several tables, and chooses the least that suffices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import IndexOptions
from indexer.indexes.parameters import choose_family
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
    every = front(point for trial in trials for point in trial.points)
    kept = dict.fromkeys((*every, *front(trials[0].points)))
    points = {point: timed(_of(trials, point).index, point, asked) for point in kept}
    best = _least([points[point] for point in every], target)
    own = _least([points[point] for point in front(trials[0].points)], target)
    chosen = best if _is_worth(best, own, target) else own
    winner = _of(trials, chosen)
    for point in front(winner.points):
        points[point] = points.get(point) or timed(winner.index, point, asked)
    known = (queries.source, len(queries), queries.together)
    tuning = Tuning(target, *known, chosen, tuple(points.values()))
    return Tuned(tuning, winner.index.with_effort(chosen.effort))


@dataclass(frozen=True)
class _Trial:
    """What was measured with some tables."""

    index: LshIndex
    points: tuple[Point, ...]


def _trials(
    index: LshIndex, asked: Questions, shapes: Sequence[Shape], progress: Report
) -> list[_Trial]:
    """Measure each of the tables that fit, with each effort that is worth trying."""
    shapes = shapes or [(index.parameters["g"], index.parameters["h"])]
    trials = []
    for number, other in enumerate(index.with_tables(shapes)):
        tell = partial(_tell, progress, shapes, number)
        if not number or fits(index, other):
            trials.append(_Trial(other, _points(other, asked, tell, whole=not number)))
        tell(EFFORTS)
    return [trial for trial in trials if trial.points]


def _tell(progress: Report, shapes: Sequence[Shape], number: int, done: int) -> None:
    """Tell how many efforts were tried, those of the tables before among them."""
    note = "g={}, h={}".format(*shapes[number]) if len(shapes) > 1 else ""
    progress(Progress("tune", number * EFFORTS + done, len(shapes) * EFFORTS, note))


def _points(
    index: LshIndex, asked: Questions, tell: Callable[[int], None], *, whole: bool
) -> tuple[Point, ...]:
    """Measure one effort after the other, all of them if `whole`."""
    points: list[Point] = []
    for effort in efforts(index, asked.at):
        point = measured(index, effort, asked)
        if not whole and point.visited > MOST_VISITED:
            break
        points.append(point)
        tell(len(points))
    return tuple(points)


def _of(trials: Sequence[_Trial], point: Point) -> _Trial:
    """Return what was measured with the tables of a point."""
    return next(
        trial for trial in trials if (trial.points[0].g, trial.points[0].h) == (point.g, point.h)
    )


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
