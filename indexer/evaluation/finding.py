"""Finds what one way of searching answers to each query of a task, and measures it."""

import numpy as np

from indexer.evaluation import judging
from indexer.evaluation.blocks import Part, judged_block, kept, nearness, standings_of
from indexer.evaluation.errors import NothingToMeasure
from indexer.evaluation.findings import Findings, Hits, Way
from indexer.evaluation.hits import Measuring, joined
from indexer.evaluation.measures import DEPTH, K
from indexer.evaluation.metrics import PerQuery, Relevance, compressed
from indexer.evaluation.ranking import distances
from indexer.evaluation.systems.base import System
from indexer.evaluation.tasks import Task, Truth
from indexer.indexes.base import Index
from indexer.types import Ids, Metric, Progress, Report, silent


def find_exactly(
    task: Task,
    system: System,
    metric: Metric,
    *,
    k: int = K,
    last: int = K,
    progress: Report = silent,
) -> tuple[Findings, ...]:
    """Rank all pictures of a task for each of its queries.

    Distances are compared in float32; the first hits are then brought into the order of their
    exact distances. Ties go by the pictures' places in the gallery. Rankings are not sorted: their
    ends are picked out, and for each right answer the pictures before it are counted. Memory is
    bounded by a constant and the distances of one pass, as `distances` says.

    Args:
        task: what is asked.
        system: whose features are compared.
        metric: that pictures are ranked by.
        k: hits that measures such as "P@10" look at.
        last: pictures that are named from the end of the rankings.
        progress: told how many queries are done.

    Returns:
        What was found; where the gallery has distractors, then also what would have been found
        without them, from the same rankings.

    Raises:
        NothingToMeasure: the task has no query.
    """
    require_queries(task)
    measuring = Measuring.of(system, metric)
    bounds = [len(task.gallery)] + [task.own] * (task.own < len(task.gallery))
    parts: list[list[Part]] = [[] for _ in bounds]
    progress(Progress("search", 0, len(task.queries), system.name))
    for rows, found in distances(system.store, system.queries, metric, measuring.rows):
        standings = standings_of(task.truth, measuring, rows, found, bounds, 2 * k, last)
        for some, of_block in zip(parts, zip(*standings, strict=True), strict=True):
            some.append(judged_block(task.truth, measuring, rows, of_block, k, last))
        progress(Progress("search", rows.stop, len(task.queries), system.name))
    ways = [Way(metric, "exact", {}, distractors=bound > task.own) for bound in bounds]
    return tuple(
        _gathered(system.name, way, some, task.together)
        for way, some in zip(ways, parts, strict=True)
    )


def find_by_index(
    task: Task, system: System, index: Index, way: Way, exact: Findings, *, k: int = K
) -> Findings:
    """Search an index for each query of a task, on all cores.

    Where a query's own or ignored pictures are among the hits, or pictures that are not of the
    task's gallery, more are asked for, so that k are left; what such searches looked at is added
    up. All distances are measured again, exactly.

    Args:
        task: what is asked.
        system: whose features the index holds.
        index: its ids are rows of the system's store.
        way: how is searched; without distractors, they are taken out of the hits.
        exact: what the exact search found by the same metric, among the same pictures.
        k: hits; no more than those of `exact`.

    Returns:
        What was found, with "recall" against the exact search, and "visited".

    Raises:
        NothingToMeasure: the task has no query.
        ValueError: the exact search has fewer hits than k.
    """
    require_queries(task)
    ids, visited = _searched(task, system, index, way, k)
    return by_hits(task, Measuring.of(system, way.metric), way, ids, visited, exact)


def find_deeper(
    task: Task, system: System, index: Index, way: Way, *, depth: int = DEPTH
) -> dict[str, PerQuery]:
    """Ask an index for many hits, which tell where its right answers stand.

    Args:
        task, system, index, way: as for find_by_index.
        depth: hits; what is not among them counts as not found.

    Returns:
        "AP@100" and "first rank@100", float64 (m,), for the depth 100; NaN where the gallery
        holds no right answer.
    """
    require_queries(task)
    ids, _ = _searched(task, system, index, way, depth)
    everyone = slice(0, len(ids))
    order, _ = Measuring.of(system, way.metric).settled(everyone, ids)
    ids = np.take_along_axis(ids, order, axis=1)
    there = ids >= 0
    relevant = task.truth.relevant(everyone, np.where(there, ids, 0)) & there
    return judging.of_many(relevant, task.truth.totals, depth)


def by_hits(
    task: Task, measuring: Measuring, way: Way, ids: Ids, visited: PerQuery, exact: Findings
) -> Findings:
    """Judge hits that are not a whole ranking.

    Args:
        task: what was asked.
        measuring: the system's pictures.
        way: how was searched.
        ids: int64 (m, k), places in the gallery; -1 for none.
        visited: float64 (m,), how many pictures each search looked at.
        exact: of the exact search among the same pictures.

    Raises:
        ValueError: the exact search has fewer hits.
    """
    if exact.first.ids.shape[1] < ids.shape[1]:
        raise ValueError(
            "The exact search must have found as many hits. "
            f"Received: {exact.first.ids.shape[1]} for {ids.shape[1]}"
        )
    everyone = slice(0, len(ids))
    order, measured = measuring.settled(everyone, ids)
    ids = np.take_along_axis(ids, order, axis=1)
    there = ids >= 0
    relevant = task.truth.relevant(everyone, np.where(there, ids, 0)) & there
    first = Hits(ids, measured, relevant)
    measures = {
        **judging.of_first(relevant, task.truth.totals, ids.shape[1]),
        **nearness(measuring, everyone, first),
        "recall": judging.recall(first, exact.first),
        "visited": visited,
    }
    return Findings(measuring.system.name, way, first, None, measures, task.together)


def require_queries(task: Task) -> None:
    """Refuse a task without a query."""
    if not task.queries:
        raise NothingToMeasure(
            "There is no picture to search for. Give a folder with queries, or a gallery with "
            "pictures that share a class."
        )


def _searched(task: Task, system: System, index: Index, way: Way, k: int) -> tuple[Ids, PerQuery]:
    """Return k hits of each query, int64 (m, k), and how many pictures its searches looked at."""
    count = len(task.queries)
    bound = len(task.gallery) if way.distractors else task.own
    ids, visited = np.full((count, k), -1, np.int64), np.zeros(count)
    short = np.arange(count)
    # Where anything is ignored, it mostly is the query itself.
    nothing = np.zeros((count, 1), np.int64)
    wish = k if task.truth.ignored(slice(0, count), nothing) is None else k + 1
    while len(short):
        answers = index.search_many(system.queries[short], wish, way.metric)
        pictures = system.places[answers.ids]
        keep = _kept_by(task.truth, short, pictures) & (pictures >= 0) & (pictures < bound)
        left = compressed(pictures, keep, -1)[:, :k]
        ids[short, : left.shape[1]] = left
        visited[short] += answers.visited
        if wish >= system.store.count:
            break
        dropped = wish - keep.sum(axis=1)
        lacking = wish - dropped < k
        short, wish = short[lacking], k + int(dropped[lacking].max(initial=0))
        wish = min(wish, system.store.count)
    return ids, visited


def _kept_by(truth: Truth, queries: Ids, ids: Ids) -> Relevance:
    """Say which hits of some queries, ascending, are not ignored, bool, of the shape of `ids`."""
    if len(queries) and queries[-1] - queries[0] == len(queries) - 1:
        return kept(truth, slice(int(queries[0]), int(queries[-1]) + 1), ids)
    rows = [slice(query, query + 1) for query in queries.tolist()]
    return np.concatenate([kept(truth, row, ids[[at]]) for at, row in enumerate(rows)])


def _gathered(name: str, way: Way, parts: list[Part], together: Ids | None) -> Findings:
    """Join what was found for blocks of queries."""
    return Findings(
        name,
        way,
        joined([part.first for part in parts]),
        joined([part.last for part in parts]),
        judging.together([part.measures for part in parts]),
        together,
    )
