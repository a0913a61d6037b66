"""Measures ratings: what people think of hits, from 1 (nothing alike) to 10 (the same)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import TypeVar

import numpy as np

from indexer.evaluation.errors import BadTable
from indexer.evaluation.judgements.sheets import Row, read_sheet
from indexer.evaluation.metrics import PerQuery
from indexer.types import Ids

LOWEST, HIGHEST = 1, 10
Key = TypeVar("Key", int, str)
COLUMNS = ("query", "hit", "index", "rank", "score", "rater")


@dataclass(frozen=True)
class Rating:
    """What one person thinks of one hit.

    Attributes:
        query, hit: the pictures.
        index: that found it.
        rank: of the hit, from 1.
        score: from LOWEST to HIGHEST.
        rater: the person.
    """

    query: str
    hit: str
    index: str
    rank: int
    score: float
    rater: str


@dataclass(frozen=True)
class RatingFigures:
    """What ratings say together.

    Attributes:
        mean: of all scores.
        by_rank: the mean at each rank that was rated, ordered by rank.
        by_index: the mean of each index, ordered by name.
        alpha: how far raters agree; NaN where that is not defined.
        count: of the ratings.
        raters: how many people rated.
    """

    mean: float
    by_rank: Mapping[int, float]
    by_index: Mapping[str, float]
    alpha: float
    count: int
    raters: int


def read_ratings(file: Path) -> tuple[Rating, ...]:
    """Read a CSV file, or a JSON list of objects, with the columns COLUMNS.

    A row without a score is left out where its column `relevant` says something instead.

    Raises:
        BadTable: the file cannot be read, holds no score, or a score or rank is out of its range;
            naming the row.
    """
    rows = read_sheet(file, COLUMNS, let_be=_says_only_whether_relevant)
    found = tuple(_rating(where, row) for where, row in rows)
    if not found:
        raise BadTable(f"{file} holds no scores: its rows only say what is relevant.")
    return found


def figures(ratings: Sequence[Rating]) -> RatingFigures:
    """Average ratings.

    Raises:
        ValueError: there is none.
    """
    if not ratings:
        raise ValueError("There is no rating to average.")
    scores = scores_of(ratings)
    return RatingFigures(
        float(scores.mean()),
        _means(ratings, lambda rating: rating.rank),
        _means(ratings, lambda rating: rating.index),
        alpha(ratings),
        len(ratings),
        len({rating.rater for rating in ratings}),
    )


def scores_of(ratings: Sequence[Rating]) -> PerQuery:
    """Return the scores, float64 (n,), for intervals of their mean."""
    return np.array([rating.score for rating in ratings], np.float64)


def raters_of(ratings: Sequence[Rating]) -> Ids:
    """Return the number of the person of each rating, int64 (n,): their scores belong together."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(r.rater for r in ratings))}
    return np.array([numbers[rating.rater] for rating in ratings], np.int64)


def alpha(ratings: Sequence[Rating]) -> float:
    """Return how far people agree on the same hits: Krippendorff's alpha for interval data.

        alpha = 1 - Do / De

    Do is the mean squared difference of two people's scores of one hit, De that of any two of
    those scores. 1 is full agreement, 0 what chance would give. A hit of a query is one thing
    whichever index found it; whoever rated it more than once counts with the mean.

    Args:
        ratings: any number.

    Returns:
        at most 1; NaN where no hit was rated by two people, or all of those scores are equal.

    Source: Krippendorff, "Content Analysis", 2004, chapter 11, and "Computing Krippendorff's
    Alpha-Reliability", 2011.
    """
    units = [np.array(unit) for unit in _units(ratings) if len(unit) > 1]
    if not units:
        return nan
    values = np.concatenate(units)
    within = sum(_differences(unit) / (len(unit) - 1) for unit in units)
    among = _differences(values) / (len(values) - 1)
    return float(1 - within / among) if np.ptp(values) > 0 else nan


def _units(ratings: Sequence[Rating]) -> list[list[float]]:
    """Return the score that each person gave, for each hit of a query."""
    given: dict[tuple[str, str], dict[str, list[float]]] = {}
    for each in ratings:
        given.setdefault((each.query, each.hit), {}).setdefault(each.rater, []).append(each.score)
    return [[float(np.mean(scores)) for scores in unit.values()] for unit in given.values()]


def _differences(values: PerQuery) -> float:
    """Return the sum of squared differences of all ordered pairs."""
    return float(2 * len(values) * ((values - values.mean()) ** 2).sum())


def _means(ratings: Sequence[Rating], key: Callable[[Rating], Key]) -> dict[Key, float]:
    groups: dict[Key, list[float]] = {}
    for rating in ratings:
        groups.setdefault(key(rating), []).append(rating.score)
    return {name: float(np.mean(groups[name])) for name in sorted(groups)}


def _says_only_whether_relevant(row: Row) -> bool:
    return row.get("score") in (None, "") and row.get("relevant") not in (None, "")


def _rating(where: str, row: Row) -> Rating:
    score = _number(row, "score")
    if not LOWEST <= score <= HIGHEST:
        raise BadTable(
            f"{where}: scores are from {LOWEST} to {HIGHEST}. Received: {row['score']!r:.80}"
        )
    rank = _number(row, "rank")
    if rank < 1 or rank != int(rank):
        raise BadTable(f"{where}: ranks are whole numbers from 1. Received: {row['rank']!r:.80}")
    query, hit, index, rater = (str(row[name]) for name in ("query", "hit", "index", "rater"))
    return Rating(query, hit, index, int(rank), score, rater)


def _number(row: Row, name: str) -> float:
    """Return a number; what is none becomes 0, which is out of every range here."""
    try:
        number = float(str(row[name]))
    except ValueError:
        number = 0.0
    return number if np.isfinite(number) else 0.0
