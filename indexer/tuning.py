"""Finds how much a search must do so that it finds the wanted part of the true neighbours."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np

from indexer.distances import BLOCK_ROWS, FeatureStore
from indexer.errors import BadParameter
from indexer.indexes.base import Index
from indexer.indexes.options import Effort, IndexOptions
from indexer.indexes.parameters import choose_family
from indexer.indexes.rotation import scaled
from indexer.types import Float32, Ids, Metric, Progress, Report, silent

RECALL, AT = 0.95, 10
"""The recall that a build reaches, and the number of hits it is counted among, unless told."""

PROBES_PER_TABLE = (1, 2, 4, 8, 16, 32, 64)
KEPT = (1.5, 2, 3, 4, 6, 9)  # candidates that are measured, as multiples of the hits
QUERIES = (100, 1000)  # at least and at most
PRODUCTS = 5e11  # numbers multiplied for the exact answers, at most, before queries become fewer
BLOCK = 2**22  # similarities that are held at once
TIMED = 50  # queries that are timed, one after the other
CERTAIN = 1.96  # standard errors on either side of a mean that hold 95 %
SLACK = 1e-5  # relative difference of distances that are computed in two ways
LINES = 192  # bytes that the way to a bucket touches
CODE = 68  # bytes that a candidate costs: its id and its code


@dataclass(frozen=True)
class Target:
    """What searches shall reach.

    Attributes:
        recall: part of the true nearest images that are found, above 0 and up to 1.
        at: how many nearest images count.
        max_ms: milliseconds that a search may take at the median; None for any.
    """

    recall: float = RECALL
    at: int = AT
    max_ms: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        if not 0 < self.recall <= 1:
            raise BadParameter(f"The recall must be above 0 and at most 1. Received: {self.recall}")
        if self.at < 1:
            raise BadParameter(f"The number of hits must be at least 1. Received: {self.at}")
        if self.max_ms is not None and not self.max_ms > 0:
            raise BadParameter(f"The milliseconds must be above 0. Received: {self.max_ms}")


DEFAULT_TARGET = Target()


@dataclass(frozen=True)
class Point:
    """What one effort gives and costs.

    Attributes:
        probes, keep: the effort.
        recall: mean part of the true nearest images that are found.
        error: its standard error.
        visited: mean part of the gallery that is looked at.
        milliseconds: median time of a search by one thread; 0 where it was not timed.
        bytes: mean memory that a search reads, by which efforts are compared.
    """

    probes: int
    keep: int
    recall: float
    error: float
    visited: float
    milliseconds: float
    bytes: float

    @property
    def effort(self) -> Effort:
        """Return the effort."""
        return Effort(self.probes, self.keep)

    @property
    def low(self) -> float:
        """Return the lower bound of the recall, with 95 % confidence."""
        return self.recall - CERTAIN * self.error


@dataclass(frozen=True)
class Tuning:
    """What was measured of an index, and what was chosen.

    Attributes:
        target: what was asked for.
        queries: images that were searched for, each without itself.
        chosen: the least effort that gives it; the greatest where none does.
        frontier: the efforts than which none gives more for less, by their recall.
    """

    target: Target
    queries: int
    chosen: Point
    frontier: tuple[Point, ...]

    @property
    def reached(self) -> bool:
        """Return whether the wanted recall is given."""
        return self.chosen.recall - self.chosen.error >= self.target.recall


def tune(
    index: Index,
    target: Target = DEFAULT_TARGET,
    *,
    metric: Metric = "cosine",
    seed: int = 0,
    progress: Report = silent,
) -> Tuning:
    """Search for a sample of the gallery with growing effort, and choose the least that suffices.

    Each image of the sample is looked for among all others. Efforts are compared by the memory
    that they read, which is the same on every machine; `max_ms` alone goes by the clock.

    Args:
        index: built, of two images or more.
        target: what is wanted.
        metric: what images are ranked by.
        seed: draws the sample.
        progress: told after each effort.
    """
    store = index.store
    at = min(target.at, store.count - 1)
    chosen = sample(store, seed)
    truth = kth_distances(store, chosen, at, metric)
    efforts = list(_efforts(index, at))
    points: list[Point] = []
    for done, effort in enumerate(efforts, 1):
        points.append(_measured(index, effort, chosen, truth, at, metric))
        progress(Progress("tune", done, len(efforts)))
    frontier = tuple(_timed(index, point, chosen, at, metric) for point in _front(points))
    return Tuning(target, len(chosen), _least(frontier, target), frontier)


def is_open(kind: str, options: IndexOptions) -> bool:
    """Return whether an index of these options leaves open how much its searches do."""
    given = options.probes is not None or options.keep is not None
    return kind == "lsh" and not given and choose_family(options) != "plain"


def sample(store: FeatureStore, seed: int) -> Ids:
    """Draw images to search for; fewer where the exact answers would take long."""
    least, most = QUERIES
    count = int(np.clip(PRODUCTS / (2 * store.count * store.dim), least, most))
    drawn = np.random.default_rng(seed).permutation(store.count)
    return np.sort(drawn[: min(count, max(least, store.count // 4))]).astype(np.int64)


def kth_distances(store: FeatureStore, chosen: Ids, k: int, metric: Metric) -> Float32:
    """Return how far the k-th nearest other image lies from each chosen one, float32 (m,)."""
    unit = metric == "cosine"
    queries = scaled(store.rows(chosen), store.norms[chosen], unit=unit)
    squares = np.einsum("ij,ij->i", queries, queries)
    best = np.full((len(chosen), k), np.inf, np.float32)
    rows = min(BLOCK_ROWS, max(1, BLOCK // len(chosen)))
    for start in range(0, store.count, rows):
        span = slice(start, start + rows)
        block = scaled(store.rows(span), store.norms[span], unit=unit)
        distances = np.einsum("ij,ij->i", block, block) + squares[:, None] - 2 * queries @ block.T
        own = (chosen >= start) & (chosen < start + len(block))
        distances[own, chosen[own] - start] = np.inf
        both = np.concatenate([best, np.maximum(distances, 0)], axis=1)
        best = np.partition(both, k - 1, axis=1)[:, :k]
    kth = best.max(axis=1)
    found: Float32 = kth / 2 if unit else np.sqrt(kth)
    return found


def _efforts(index: Index, at: int) -> Iterator[Effort]:
    g = index.parameters["g"]
    for per_table in PROBES_PER_TABLE:
        for multiple in KEPT:
            yield Effort(g * per_table, int(np.ceil(multiple * (at + 1))))


def _measured(
    index: Index, effort: Effort, chosen: Ids, truth: Float32, at: int, metric: Metric
) -> Point:
    """Search for the sample, each image without itself, and count what was found."""
    store = index.store
    answers = index.search_many(store.rows(chosen), at + 1, metric, effort=effort)
    near = answers.distances <= truth[:, None] * (1 + SLACK) + SLACK * SLACK
    found = (near & (answers.ids != chosen[:, None])).sum(axis=1).clip(max=at) / at
    visited = float(answers.visited.mean())
    row = store.features.itemsize * store.dim
    return Point(
        probes=effort.probes,
        keep=effort.keep,
        recall=float(found.mean()),
        error=float(found.std() / len(found) ** 0.5),
        visited=visited / store.count,
        milliseconds=0.0,
        bytes=LINES * effort.probes + CODE * visited + row * min(effort.keep, visited),
    )


def _front(points: Sequence[Point]) -> list[Point]:
    """Return the points than which none has a higher recall for less."""
    front: list[Point] = []
    for point in sorted(points, key=lambda each: (each.bytes, -each.recall)):
        if not front or point.recall > front[-1].recall:
            front.append(point)
    return front


def _timed(index: Index, point: Point, chosen: Ids, at: int, metric: Metric) -> Point:
    """Time searches one after the other."""
    seconds = []
    for query in index.store.rows(chosen[:TIMED]):
        began = perf_counter()
        index.search(query, at, metric, effort=point.effort)
        seconds.append(perf_counter() - began)
    return replace(point, milliseconds=float(np.median(seconds)) * 1e3)


def _least(frontier: Sequence[Point], target: Target) -> Point:
    """Return the first point that surely enough has the recall; else the quick one with most."""
    limit = np.inf if target.max_ms is None else target.max_ms
    quick = [each for each in frontier if each.milliseconds <= limit] or [frontier[0]]
    return next((each for each in quick if each.recall - each.error >= target.recall), quick[-1])


def tuning_of(values: Mapping[str, Any]) -> Tuning | None:
    """Return what a manifest keeps of a tuning, or None where there was none."""
    if not values:
        return None
    return Tuning(
        target=Target(**values["target"]),
        queries=values["queries"],
        chosen=Point(**values["chosen"]),
        frontier=tuple(Point(**point) for point in values["frontier"]),
    )
