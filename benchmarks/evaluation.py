"""How many seconds an evaluation takes once the features exist, beside a bare matrix product.

    python -m benchmarks.evaluation [--n 32791] [--dim 2048] [--queries 856] [--settings 18]

Features are generated, in classes, and are like those of a convolutional network; see
benchmarks.search.generator. Measured are exact rankings of the whole gallery by both metrics with
all measures, plain LSH over a grid of settings, the bootstrap intervals of all measures, and the
distances within the gallery. NumPy's product of queries and gallery, which any of it needs at
least once for a metric, is measured in the same run.
"""

import argparse
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np

from benchmarks.search.generator import DIM, GALLERY, QUERIES, USUAL, Generator
from indexer.distances import FeatureStore, units
from indexer.evaluation import bootstrap
from indexer.evaluation.finding import find_exactly
from indexer.evaluation.findings import Findings
from indexer.evaluation.grid import find_grid
from indexer.evaluation.settings import Setting
from indexer.evaluation.spread import spread
from indexer.evaluation.systems.base import System
from indexer.evaluation.tasks import Picture, Task
from indexer.evaluation.truths import ByClass
from indexer.types import Metric

METRICS: tuple[Metric, ...] = ("cosine", "euclidean")
SETTINGS = tuple(Setting(*each) for each in product(range(3, 9), range(2, 5), (4.0, 6.0, 8.0)))
"""Those of `flask evaluate grid`, every third of which makes the usual 18."""

CLASSES = 50
Result = TypeVar("Result")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the seconds of each part."""
    asked = _arguments(arguments)
    task, system = drawn(asked.n, asked.dim, asked.queries, asked.seed)
    settings = SETTINGS[:: max(1, len(SETTINGS) // asked.settings)][: asked.settings]
    print(f"{asked.queries:,} queries, {asked.n:,} vectors of {asked.dim:,} numbers\n")
    features = system.store.rows(slice(None))
    bare, _ = timed("matrix product, NumPy", lambda: system.queries @ features.T)
    total, exact = timed("exact, both metrics", lambda: _exactly(task, system))
    seconds, tried = timed(
        f"grid of {len(settings)} settings, cosine",
        lambda: find_grid(task, system, settings, exact[:1], hash_space="raw"),
    )
    total += seconds
    total += timed("bootstrap of all measures", lambda: _means((*exact, *tried)))[0]
    labels = np.array([each.label for each in task.gallery])
    total += timed("distances in the gallery", lambda: spread(system.store, labels))[0]
    print(f"{'all of it':32}{total:8.2f} s, {total / bare:.0f} x the matrix product")


def drawn(count: int, dim: int, queries: int, seed: int) -> tuple[Task, System]:
    """Generate vectors, each of the class of what it is most like among some of the gallery.

    Args:
        count: of the gallery.
        dim: of the vectors; columns of wider ones are left out.
        queries: how many.
        seed: of everything random.
    """
    generator = Generator(USUAL, seed)
    gallery = np.ascontiguousarray(generator.queries(count, GALLERY)[:, :dim])
    asked = np.ascontiguousarray(generator.queries(queries, QUERIES)[:, :dim])
    chosen = np.random.default_rng(seed).choice(count, min(CLASSES, count), replace=False)
    centres = units(gallery[chosen])
    sides = [
        tuple(
            Picture(Path(f"{at}"), f"{at}", f"{at}", f"{label}")
            for at, label in enumerate((each @ centres.T).argmax(axis=1).tolist())
        )
        for each in (gallery, asked)
    ]
    truth = ByClass.of(*([picture.label for picture in side] for side in sides))
    store = FeatureStore.of(gallery)
    return Task(*sides, truth), System("generated", {}, store, np.arange(count), asked)


def timed(what: str, work: Callable[[], Result]) -> tuple[float, Result]:
    """Do something, print how long it took, and return that and its result."""
    began = perf_counter()
    result = work()
    seconds = perf_counter() - began
    print(f"{what:32}{seconds:8.2f} s", flush=True)
    return seconds, result


def _exactly(task: Task, system: System) -> tuple[Findings, ...]:
    return tuple(found for metric in METRICS for found in find_exactly(task, system, metric))


def _means(findings: Sequence[Findings]) -> None:
    for found in findings:
        bootstrap.means(np.stack(list(found.measures.values())))


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation")
    parser.add_argument("--n", type=int, default=32_791, help="vectors of the gallery")
    parser.add_argument("--dim", type=int, default=DIM, help=f"at most {DIM}")
    parser.add_argument("--queries", type=int, default=856)
    parser.add_argument("--settings", type=int, default=18, help=f"at most {len(SETTINGS)}")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
