"""Builds the contenders, finds the settings worth measuring, and lets all take turns."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from benchmarks.indexing.rounds import Spread, speed, take_turns
from benchmarks.search import curves
from benchmarks.search.contenders import Contender, Setting, stacked
from benchmarks.search.curves import Point
from benchmarks.search.data import Data
from benchmarks.search.truth import Truth
from indexer.distances import FeatureStore
from indexer.types import Float32

TARGETS = (0.90, 0.95, 0.99)
BATCH = 1000
VISITS = 200  # queries whose visits are counted
TRIED = 4  # times as long takes a turn as a trial of a setting
SLACK = 1.1  # how much faster a setting must be in the trial to leave others out
CHECKED = 16  # answered queries between two looks at the clock


@dataclass(frozen=True)
class Wish:
    """How it is measured: neighbours, rounds, seconds of a turn, and whether by batches."""

    k: int
    rounds: int
    seconds: float
    batch: bool


@dataclass(frozen=True)
class Cost:
    """What having an index costs.

    Attributes:
        build: seconds.
        bytes: in memory, the vectors included.
        load: seconds from its files to the first answer; None where it cannot be written.
    """

    build: float
    bytes: int
    load: float | None


@dataclass(frozen=True)
class Entry:
    """One setting of one index.

    Attributes:
        contender: the index, which has been built.
        setting: of it.
        cost: of the index.
        targets: recalls for which a trial with other queries chooses this setting.
    """

    contender: Contender
    setting: Setting
    cost: Cost
    targets: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        """Return index and setting."""
        return f"{self.contender.name} {self.setting.label}".strip()


@dataclass(frozen=True)
class Figures:
    """What was measured of an entry.

    Attributes:
        entry: the setting.
        recall: at k.
        speed: queries a second, over the rounds.
        visited: share of all vectors that a query was compared with; None where unknown.
    """

    entry: Entry = field(repr=False)
    recall: float
    speed: Spread
    visited: float | None

    @property
    def point(self) -> Point:
        """Return its place on the curve."""
        return Point(self.recall, self.speed.median)


def measure(contenders: Sequence[Contender], data: Data, wish: Wish, folder: Path) -> list[Figures]:
    """Measure all settings that are worth it.

    Args:
        contenders: not built yet.
        data: what is searched for what.
        wish: how.
        folder: for the indexes' files, which stay mapped.
    """
    store = FeatureStore.of(data.features)
    trials = Truth.of(store, data.trials, wish.k)
    entries = []
    for number, contender in enumerate(contenders):
        _tell(f"building {contender.name}")
        cost = _built(contender, data, folder / str(number))
        entries += _worthy(contender, cost, trials, wish)
    truth = Truth.of(store, data.queries, wish.k)
    ways = {entry.name: partial(_speed, entry, data.queries, wish) for entry in entries}
    recalls = [_recall(entry, truth, wish) for entry in entries]
    visits = [_visited(entry, data, wish.k) for entry in entries]
    rounds = take_turns(ways, wish.rounds)
    return [
        Figures(entry, recall, speed(rounds, entry.name), visited)
        for entry, recall, visited in zip(entries, recalls, visits, strict=True)
    ]


def _built(contender: Contender, data: Data, folder: Path) -> Cost:
    """Build an index, write it, and open it again."""
    folder.mkdir()
    features = contender.prepared(data.features)
    contender.warm(features)
    build = _seconds(lambda: contender.build(features))
    query = contender.prepared(data.queries[:1])[0]
    load = None
    if contender.savable:
        contender.save(folder)
        load = _seconds(lambda: contender.load(folder))
        load += _seconds(lambda: contender.search(query, 1, contender.settings()[0]))
    written = sum(file.stat().st_size for file in folder.iterdir())
    return Cost(build, written if contender.bytes is None else contender.bytes, load)


def _worthy(contender: Contender, cost: Cost, trials: Truth, wish: Wish) -> list[Entry]:
    """Try all settings, and return those of the front, in order of recall."""
    tried = [Entry(contender, setting, cost) for setting in contender.settings()]
    brief = replace(wish, seconds=wish.seconds / TRIED)
    points = [
        Point(_recall(entry, trials, wish), _speed(entry, trials.queries, brief)) for entry in tried
    ]
    picked = {target: curves.chosen(points, target) for target in TARGETS}
    return [
        replace(tried[place], targets=tuple(want for want, at in picked.items() if at == place))
        for place in curves.front(points, SLACK)
    ]


def _recall(entry: Entry, truth: Truth, wish: Wish) -> float:
    """Return the recall of a setting over all queries of a truth."""
    contender, setting = entry.contender, entry.setting
    prepared = contender.prepared(truth.queries)
    if wish.batch:
        return truth.recall(contender.search_many(prepared, wish.k, setting))
    answers = [contender.search(query, wish.k, setting) for query in prepared]
    return truth.recall(stacked(answers, wish.k))


def _visited(entry: Entry, data: Data, k: int) -> float | None:
    """Return the share of all vectors that a setting visits."""
    queries = entry.contender.prepared(data.queries[:VISITS])
    visited = entry.contender.visited(queries, k, entry.setting)
    return None if visited is None else visited / len(data.features)


def _speed(entry: Entry, queries: Float32, wish: Wish) -> float:
    """Return queries a second, of which all are asked again and again until the time is over."""
    contender, setting = entry.contender, entry.setting
    prepared = contender.prepared(queries)
    size = BATCH if wish.batch else CHECKED
    done, started = 0, time.perf_counter()
    while done == 0 or time.perf_counter() - started < wish.seconds:
        first = done % len(prepared)
        part = prepared[first : first + size]
        if wish.batch:
            contender.search_many(part, wish.k, setting)
        else:
            for query in part:
                contender.search(query, wish.k, setting)
        done += len(part)
    return done / (time.perf_counter() - started)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
