"""Measures pairs: how similar given pictures are, and whether that tells same from different.

Source of the measures: Huang, Ramesh, Berg, Learned-Miller, "Labeled Faces in the Wild", 2007, and
Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters, 2006.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.distances import units
from indexer.evaluation.errors import BadTable, NothingToMeasure
from indexer.evaluation.judgements.sheets import Row, read_sheet
from indexer.evaluation.metrics import PerQuery, Relevance
from indexer.types import Float32

ANSWERS = {"same": True, "different": False, "": None}


@dataclass(frozen=True)
class Pair:
    """Two pictures, and whether they show the same.

    Attributes:
        first, second: paths of the pictures.
        same: None where it is not known.
    """

    first: str
    second: str
    same: bool | None = None


@dataclass(frozen=True)
class Likeness:
    """How alike the two pictures of each of n pairs are.

    Attributes:
        cosine: float64 (n,), from -1 to 1; 0 where a feature is all zeros.
        euclidean: float64 (n,), distance of the raw features.
    """

    cosine: PerQuery
    euclidean: PerQuery


@dataclass(frozen=True)
class Verification:
    """How well a score tells pairs of the same from pairs of different things.

    Attributes:
        auc: the share of pairs of pairs, one of the same and one of different things, in which
            the former's score is higher; ties count half.
        accuracy: the share of pairs that the best threshold sorts right.
        threshold: a pair is called the same where its score is at least that; minus infinity
            where all are best called the same, infinity where none is.
        same, different: how many pairs there are of either.
    """

    auc: float
    accuracy: float
    threshold: float
    same: int
    different: int


def read_pairs(file: Path) -> tuple[Pair, ...]:
    """Read a CSV file with the columns first and second, and same where it is known.

    That column holds "same", "different" or nothing.

    Raises:
        BadTable: the file cannot be read, or holds another answer.
    """
    return tuple(_pair(where, row) for where, row in read_sheet(file, ("first", "second")))


def _pair(where: str, row: Row) -> Pair:
    answer = str(row.get("same") or "").lower()
    if answer not in ANSWERS:
        raise BadTable(f"{where}: same holds same, different or nothing. Received: {answer!r:.80}")
    return Pair(str(row["first"]), str(row["second"]), ANSWERS[answer])


def likeness(first: Float32, second: Float32) -> Likeness:
    """Compare the features of pairs.

    Args:
        first, second: float32 (n, dim), raw.

    Raises:
        ValueError: they do not belong together.
    """
    if first.shape != second.shape:
        raise ValueError(
            f"Each feature needs the other of its pair. Received: {first.shape}, {second.shape}"
        )
    a, b = first.astype(np.float64), second.astype(np.float64)
    cosine = np.clip((units(a) * units(b)).sum(axis=1), -1, 1)
    return Likeness(cosine, np.sqrt(((a - b) ** 2).sum(axis=1)))


def verify(scores: PerQuery, same: Relevance) -> Verification:
    """Say how well scores tell same from different.

    Args:
        scores: float64 (n,), higher for what is more alike: similarities, or distances negated.
        same: bool (n,).

    Raises:
        NothingToMeasure: all pairs are of the same, or all of different things.
    """
    count, alike = len(scores), int(same.sum())
    if alike in (0, count):
        raise NothingToMeasure(
            "Pairs of the same and pairs of different things are needed. Received: "
            f"{alike:,} and {count - alike:,}"
        )
    accuracy, threshold = _best_threshold(scores, same)
    return Verification(_auc(scores, same), accuracy, threshold, alike, count - alike)


def _auc(scores: PerQuery, same: Relevance) -> float:
    """Return the area under the ROC curve, by mean ranks (Mann and Whitney, 1947)."""
    _, values, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(counts) - (counts - 1) / 2)[values]
    alike = int(same.sum())
    above = ranks[same].sum() - alike * (alike + 1) / 2
    return float(above / (alike * (len(same) - alike)))


def _best_threshold(scores: PerQuery, same: Relevance) -> tuple[float, float]:
    """Return the greatest share sorted right, and the middle of the gap that sorts so."""
    values, numbers = np.unique(scores, return_inverse=True)
    alike = np.bincount(numbers, same, len(values))
    other = np.bincount(numbers, ~same, len(values))
    # Cut before each value, or after the last: all that is different below it, the same above.
    right = np.concatenate([[0], np.cumsum(other)]) + (alike.sum() - np.cumsum([0, *alike]))
    best = int(right.argmax())
    edges = np.concatenate([[-np.inf], (values[:-1] + values[1:]) / 2, [np.inf]])
    return float(right[best] / len(scores)), float(edges[best])
