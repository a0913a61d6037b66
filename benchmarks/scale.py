"""How our index grows with the gallery: building, memory, recall and latency, up to a million.

    python -m benchmarks.scale [--sizes 32791 200000 1000000] [--queries 1000] [--k 10] [--hard]
                               [--family cross-polytope] [--json FILE] [--seed 0] [--folder DIR]

For each size, features are generated into a file (8 KB for each vector), which is mapped into
memory, never read as a whole. Building has all cores; its stages are the features' lengths, the
tables, writing them, and opening them again. The peak is of the memory that the process takes for
itself while it builds, beside the mapped file. Searches are by cosine, one query at a time: with
the index's own effort, and with the quickest that reached a recall of 0.95 in a trial with other
queries. Recall is against brute force. The first size also pays for compiling the kernels, before
the clock starts.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.search import curves
from benchmarks.search.contenders import Setting, stacked
from benchmarks.search.curves import Point
from benchmarks.search.data import Data, generated
from benchmarks.search.memory import peak
from benchmarks.search.ours import Tables
from benchmarks.search.truth import Truth
from indexer.distances import FeatureStore
from indexer.indexes.options import IndexOptions
from indexer.types import Float32, Ids

TARGET = 0.95
MB = 1e6
OWN = "its own effort"


@dataclass(frozen=True)
class Building:
    """What an index of one size cost.

    Attributes:
        n: vectors.
        stages: seconds, by stage.
        peak: bytes that the process took for itself at most.
        tables: bytes of the index, the features not counted.
        features: bytes of the features.
    """

    n: int
    stages: dict[str, float]
    peak: int
    tables: int
    features: int


@dataclass(frozen=True)
class Searching:
    """How an index answers with one setting.

    Attributes:
        setting: its label.
        recall: at k.
        visited: share of the vectors.
        median, slow: milliseconds, the latter those that one query in 100 exceeds.
    """

    setting: str
    recall: float
    visited: float
    median: float
    slow: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Print how each size was built, and how it answers."""
    asked = _arguments(arguments)
    found = []
    for size in asked.sizes:
        with tempfile.TemporaryDirectory(prefix="likeness-benchmark-", dir=asked.folder) as name:
            data = generated(size, asked.queries, asked.seed, Path(name), hard=asked.hard)
            index = Tables("ours", "ours", 0, IndexOptions(family=asked.family, seed=asked.seed))
            building = _build(index, data, Path(name))
            print(_built(building), flush=True)
            searching = _search(index, data, asked.k)
            print("\n".join(map(_searched, searching)), flush=True)
        found.append(asdict(building) | {"searching": [asdict(each) for each in searching]})
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n")


def _build(index: Tables, data: Data, folder: Path) -> Building:
    """Build, write and open an index, stage by stage."""
    index.warm(data.features)
    stages = {}

    def stage(name: str, work: Callable[[], object]) -> None:
        started = time.perf_counter()
        work()
        stages[name] = time.perf_counter() - started

    def measure() -> None:
        index.store = FeatureStore.of(data.features)

    def hash_all() -> None:
        index.index = index.kind.build(index.store, index.options)

    with peak() as seen:
        stage("lengths", measure)
        stage("tables", hash_all)
        stage("writing", lambda: index.save(folder))
        stage("opening", lambda: index.load(folder))
    return Building(len(data.features), stages, seen.bytes, index.own_bytes, data.features.nbytes)


def _search(index: Tables, data: Data, k: int) -> list[Searching]:
    """Search with the index's own effort, and with that which a trial chooses."""
    trials = Truth.of(index.store, data.trials, k)
    settings = index.settings()
    tried = [_try(index, trials, setting, k) for setting in settings]
    chosen = curves.chosen(tried, TARGET)
    picked = [Setting(OWN)] + ([] if chosen is None else [settings[chosen]])
    truth = Truth.of(index.store, data.queries, k)
    return [_measure(index, truth, setting, k) for setting in picked]


def _try(index: Tables, trials: Truth, setting: Setting, k: int) -> Point:
    answers, seconds = _answers(index, trials.queries, setting, k)
    return Point(trials.recall(answers), len(answers) / float(seconds.sum()))


def _measure(index: Tables, truth: Truth, setting: Setting, k: int) -> Searching:
    answers, seconds = _answers(index, truth.queries, setting, k)
    median, slow = np.percentile(1000 * seconds, [50, 99])
    return Searching(
        setting=setting.label,
        recall=truth.recall(answers),
        visited=(index.visited(truth.queries, k, setting) or 0.0) / index.store.count,
        median=float(median),
        slow=float(slow),
    )


def _answers(
    index: Tables, queries: Float32, setting: Setting, k: int
) -> tuple[Ids, "np.typing.NDArray[np.float64]"]:
    """Return ids (m, k), and the seconds that each query took."""
    answers, seconds = [], np.empty(len(queries))
    for number, query in enumerate(queries):
        started = time.perf_counter()
        answers.append(index.search(query, k, setting))
        seconds[number] = time.perf_counter() - started
    return stacked(answers, k), seconds


def _built(building: Building) -> str:
    stages = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in building.stages.items())
    share = building.tables / building.features
    return (
        f"{building.n:,} vectors, {building.features / MB:,.0f} MB: built in "
        f"{sum(building.stages.values()):.2f} s ({stages}), peak {building.peak / MB:,.0f} MB, "
        f"tables {building.tables / MB:,.1f} MB ({share:.1%} of the features)"
    )


def _searched(each: Searching) -> str:
    return (
        f"    {each.setting:24} recall {each.recall:.4f}, visited {each.visited:.2%}, "
        f"median {each.median:.3f} ms, p99 {each.slow:.3f} ms"
    )


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument("--sizes", nargs="+", type=int, default=[32_791, 200_000, 1_000_000])
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--k", type=int, default=10, help="neighbours that are asked for")
    parser.add_argument("--hard", action="store_true", help="generate vectors of more spread")
    parser.add_argument("--family", default="cross-polytope", help="of the hash functions")
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything that was measured")
    parser.add_argument("--seed", type=int, default=0, help="draws vectors and hash functions")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="for vectors and indexes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
