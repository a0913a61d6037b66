"""Judges the rankings of a block of queries by their distances to all pictures."""

from dataclasses import dataclass

import numpy as np

from indexer.evaluation import judging
from indexer.evaluation.findings import Hits
from indexer.evaluation.hits import Measuring, cut
from indexer.evaluation.metrics import PerQuery, Relevance, mean_of_hits
from indexer.evaluation.ranking import by_rows
from indexer.evaluation.standings import Ranks, ends, ranks_of
from indexer.evaluation.tasks import Truth
from indexer.types import Float32, Ids


@dataclass(frozen=True)
class Part:
    """What was found for a block of queries."""

    first: Hits
    last: Hits
    measures: dict[str, PerQuery]


@dataclass(frozen=True)
class Standing:
    """What is kept of one query's ranking: places in the gallery of both ends, and ranks.

    Attributes:
        first, last: int64, the nearest first, and the farthest first.
        ranks: int64, of the right answers.
    """

    first: Ids
    last: Ids
    ranks: Ids


def standings_of(
    truth: Truth,
    measuring: Measuring,
    rows: slice,
    found: Float32,
    bounds: list[int],
    first: int,
    last: int,
) -> list[list[Standing]]:
    """Return what is kept of each query's rankings, one for each bound.

    Args:
        truth: what is right, and what is ignored.
        measuring: the system's pictures.
        rows: the queries.
        found: float32 (rows, n), their distances to those pictures.
        bounds: only pictures whose places in the gallery are below it are ranked.
        first, last: how many pictures are named from both ends.
    """
    counts = np.searchsorted(measuring.pictures, bounds).tolist()

    def of_query(number: int) -> list[Standing]:
        row, ids = slice(rows.start + number, rows.start + number + 1), measuring.pictures[None]
        relevant, keep = truth.relevant(row, ids)[0], kept(truth, row, ids)[0]
        return [
            _standing(found[number], relevant, keep, measuring.pictures, count, first, last)
            for count in counts
        ]

    parts = by_rows(
        lambda part: [of_query(number) for number in range(part.start, part.stop)], len(found)
    )
    return [each for part in parts for each in part]


def judged_block(
    truth: Truth,
    measuring: Measuring,
    rows: slice,
    standings: tuple[Standing, ...],
    k: int,
    last: int,
) -> Part:
    """Measure a block of rankings, whose first hits are brought into their exact order."""
    # Beyond the first hits, so that those that belong among them come in.
    ids, totals = _table([each.first for each in standings], 2 * k), truth.totals[rows]
    order, measured = measuring.settled(rows, ids)
    ids = np.take_along_axis(ids, order, axis=1)
    relevant = truth.relevant(rows, np.maximum(ids, 0)) & (ids >= 0)
    first = cut(ids, measured, relevant, k)
    ranks = Ranks.joined(
        [
            np.concatenate([np.flatnonzero(near) + 1, each.ranks[each.ranks > 2 * k]])
            for near, each in zip(relevant, standings, strict=True)
        ]
    )
    measures = {
        **judging.of_first(relevant, totals, k),
        **judging.of_all(ranks, totals, k),
        **nearness(measuring, rows, first),
    }
    return Part(first, _named(truth, measuring, rows, standings, last), measures)


def nearness(measuring: Measuring, rows: slice, first: Hits) -> dict[str, PerQuery]:
    """Average distances and similarities of the first hits."""
    return {
        "distance": mean_of_hits(first.distances),
        "similarity": measuring.similarities(rows, first),
    }


def kept(truth: Truth, rows: slice, ids: Ids) -> Relevance:
    """Say which hits are not ignored, bool, of the shape of `ids`."""
    ignored = truth.ignored(rows, ids)
    return np.ones(ids.shape, np.bool_) if ignored is None else ~ignored


def _standing(
    found: Float32,
    relevant: Relevance,
    keep: Relevance,
    pictures: Ids,
    count: int,
    first: int,
    last: int,
) -> Standing:
    """Return what is kept of one query's ranking of the first pictures, those that count."""
    places = np.flatnonzero(keep[:count])
    among = found[places]
    near, far = ends(among, first, last)
    right = np.flatnonzero(relevant[places])
    return Standing(pictures[places[near]], pictures[places[far]], ranks_of(among, right))


def _named(
    truth: Truth, measuring: Measuring, rows: slice, standings: tuple[Standing, ...], last: int
) -> Hits:
    """Return the pictures at the end of each ranking, the farthest first."""
    ids = _table([each.last for each in standings], last)
    right = truth.relevant(rows, np.maximum(ids, 0)) & (ids >= 0)
    return Hits(ids, measuring.distances(rows, ids), right)


def _table(rows: list[Ids], width: int) -> Ids:
    """Lay rows one below the other, int64 (rows, width); -1 where one is shorter."""
    table = np.full((len(rows), width), -1, np.int64)
    for of_one, ids in zip(table, rows, strict=True):
        of_one[: len(ids)] = ids
    return table
