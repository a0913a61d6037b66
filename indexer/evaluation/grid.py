"""Measures what the tables of plain LSH find over a grid of their settings.

Only a query's own buckets are opened, and all images in them measured, as the report from which
this project started searched; where they hold too few, hits are missing. (`LshIndex` then goes on
to further buckets, and to all images.) The hits are so the nearest of the images in the buckets,
and one exact measuring of the gallery by each metric serves all settings.

Settings of the same h and w open the first g of the same tables, so that they differ by the number
of tables alone: with more, each query finds what it found before, and more. They are the tables of
an index of the greatest g; an index of a smaller one draws its own.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from indexer.errors import BadParameter
from indexer.evaluation.buckets import TABLE_BYTES, Tables, hashed
from indexer.evaluation.finding import by_hits, require_queries
from indexer.evaluation.findings import Findings, Way
from indexer.evaluation.fronts import Done, Front, front_width
from indexer.evaluation.measures import MEASURES, K
from indexer.evaluation.metrics import PerQuery
from indexer.evaluation.ranking import by_rows, queries_of_a_pass
from indexer.evaluation.settings import Setting, settings_of
from indexer.evaluation.systems.base import System
from indexer.evaluation.tasks import Task
from indexer.indexes.arranging import completed
from indexer.indexes.options import HashSpace, IndexOptions
from indexer.indexes.parameters import LshParameters
from indexer.types import Ids, Metric, Progress, Report, silent

__all__ = ["Setting", "find_grid", "settings_of"]

MOST_BYTES = 2**32
Looked = tuple[Ids, PerQuery]


def find_grid(
    task: Task,
    system: System,
    settings: Sequence[Setting],
    exact: Sequence[Findings],
    *,
    k: int = K,
    hash_space: HashSpace | None = None,
    seed: int = 0,
    progress: Report = silent,
) -> tuple[Findings, ...]:
    """Search the tables of plain LSH for each query of a task, in each setting.

    Memory is that of the tables of one h and w, of the nearest pictures of each query by each
    metric, and of what is found; see also `distances`.

    Args:
        task: what is asked.
        system: whose features are hashed.
        settings: g, h and w of each.
        exact: what the exact search found, with distractors, by each metric that hits are ranked
            by: "cosine" or "euclidean".
        k: hits.
        hash_space: as in IndexOptions, but no components; None for what suits the metric.
        seed: draws the hash functions.
        progress: told how many queries are done; each counts once for each metric, and once for
            each h and w.

    Returns:
        What was found by each metric, in the order of the settings, with "recall" against the exact
        search, "visited", and "short", 1 where a query's buckets held fewer than k images that are
        not ignored.

    Raises:
        BadParameter: a setting is out of range, the metric cannot be hashed, or the grid needs more
            than MOST_BYTES of memory.
        NothingToMeasure: the task has no query.
    """
    require_queries(task)
    metrics = [found.way.metric for found in exact]
    if "hamming" in metrics or hash_space == "pca":
        raise BadParameter(
            "Plain tables hash whole features, for cosine or Euclidean distances. "
            f"Received: {', '.join(metrics)}, {hash_space}"
        )
    _require_room(settings, len(metrics), system.store.count, len(task.queries), k)

    def parameters(metric: Metric, of: Setting) -> LshParameters:
        options = IndexOptions(metric, "plain", of.g, of.h, of.w, seed, hash_space=hash_space)
        return completed(system.store, options)[0]

    shapes = _by_shape(settings)
    done = _counting(progress, (len(metrics) + len(shapes)) * len(task.queries), system.name)
    fronts = [Front.of(task, system, metric, done) for metric in metrics]
    found: dict[tuple[Metric, Setting], Looked] = {}
    for of_shape in shapes:
        largest = max(of_shape, key=lambda each: each.g)
        spaces: dict[LshParameters, list[Front]] = {}
        for front in fronts:
            spaces.setdefault(parameters(front.measuring.metric, largest), []).append(front)
        for some in spaces.values():
            tables = hashed(some[0].measuring, parameters(some[0].measuring.metric, largest))
            found |= _looked(tables, of_shape, some, k)
        done(len(task.queries))
    return tuple(
        _findings(front, parameters(front.measuring.metric, each), *found[metric, each], whole)
        for metric, front, whole in zip(metrics, fronts, exact, strict=True)
        for each in settings
    )


def _counting(progress: Report, total: int, name: str) -> Done:
    """Return what adds queries up, and tells how many are done."""
    so_far = 0

    def done(more: int) -> None:
        nonlocal so_far
        so_far += more
        progress(Progress("grid", so_far, total, name))

    done(0)
    return done


def _by_shape(settings: Sequence[Setting]) -> list[list[Setting]]:
    """Sort settings by h and w, each once."""
    shapes: dict[tuple[int, float], list[Setting]] = {}
    for each in dict.fromkeys(settings):
        shapes.setdefault((each.h, each.w), []).append(each)
    return list(shapes.values())


def _looked(
    tables: Tables, settings: Sequence[Setting], fronts: Sequence[Front], k: int
) -> Mapping[tuple[Metric, Setting], Looked]:
    """Open the buckets of each query, in the first g of some tables.

    Returns:
        For each metric and setting, places in the gallery, int64 (m, k), and how many pictures
        each search looked at, float64 (m,).
    """
    count, by_depth = tables.queries.shape[1], {each.g: each for each in settings}
    found: dict[tuple[Metric, Setting], Looked] = {
        (front.measuring.metric, each): (np.full((count, k), -1, np.int64), np.zeros(count))
        for front in fronts
        for each in settings
    }

    def search(part: slice) -> None:
        for query in range(part.start, part.stop):
            for depth, near in enumerate(tables.opened(query), 1):
                if depth not in by_depth:
                    continue
                visited = np.count_nonzero(near)
                for front in fronts:
                    ids, looked = found[front.measuring.metric, by_depth[depth]]
                    ids[query], looked[query] = front.hits(query, near, k), visited

    by_rows(search, count)
    return found


def _findings(
    front: Front, parameters: LshParameters, ids: Ids, visited: PerQuery, exact: Findings
) -> Findings:
    task = front.task
    names = ("family", "g", "h", "w", "hash_space", "seed")
    said = {name: getattr(parameters, name) for name in names}
    way = Way(exact.way.metric, "lsh", said, distractors=task.own < len(task.gallery))
    found = by_hits(task, front.measuring, way, ids, visited, exact)
    short: PerQuery = np.where((ids < 0).any(axis=1), 1.0, 0.0)
    return Findings(
        found.system, way, found.first, None, {**found.measures, "short": short}, found.together
    )


def _require_room(
    settings: Sequence[Setting], metrics: int, count: int, queries: int, k: int
) -> None:
    """Refuse a grid that would need too much memory, by what it holds at once."""
    tables = max((each.g for each in settings), default=0)
    needed = tables * (count + queries) * TABLE_BYTES
    needed += metrics * queries * front_width(count, queries) * 4
    needed += queries_of_a_pass(count) * count * 4
    needed += len(settings) * metrics * queries * (k * 13 + len(MEASURES) * 8)
    if needed > MOST_BYTES:
        raise BadParameter(
            f"This grid needs about {needed / 2**30:,.1f} GiB of memory, and may take "
            f"{MOST_BYTES / 2**30:,.1f}: {len(settings):,} settings of up to {tables:,} tables, "
            f"for {queries:,} queries among {count:,} pictures. Take fewer tables (--g) or "
            "settings, or fewer queries."
        )
