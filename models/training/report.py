"""How well classes, and triplets, are told apart: plain counts over predictions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.engines.base import Float32
from models.training.classes import Labels
from models.training.triplets import Triplets

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class ClassFigures:
    """How well a class is found.

    Attributes:
        name: of the class, or of a mean over all.
        precision: share of the pictures taken for it that are of it; 0 where none are.
        recall: share of its pictures that are taken for it; 0 where it has none.
        f1: harmonic mean of both; 0 where both are.
        support: number of its pictures.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class ClassificationReport:
    """How well classes are found.

    Attributes:
        classes: the figures of each.
        macro: plain means over the classes that have pictures or are taken for some's.
        weighted: means by support.
        accuracy: share of all pictures that are taken for what they are.
        confusion: how many pictures of each class (rows) are taken for each (columns).
    """

    classes: tuple[ClassFigures, ...]
    macro: ClassFigures
    weighted: ClassFigures
    accuracy: float
    confusion: Counts


def classification_report(
    labels: Labels, predicted: Labels, names: Sequence[str]
) -> ClassificationReport:
    """Compare predictions with what is true.

    Source: Manning, Raghavan and Schuetze, "Introduction to Information Retrieval", 2008, sections
    8.3 and 13.6.

    Args:
        labels: class of each picture, int64 (n,).
        predicted: class that it is taken for, int64 (n,).
        names: of the classes.
    """
    counts = confusion(labels, predicted, len(names))
    true, taken, hits = counts.sum(axis=1), counts.sum(axis=0), np.diag(counts)
    precision, recall = _shares(hits, taken), _shares(hits, true)
    f1 = _shares(2 * hits, true + taken)
    figures = np.stack([precision, recall, f1], axis=1)
    rows = tuple(
        _figures(name, row, int(support))
        for name, row, support in zip(names, figures, true, strict=True)
    )
    return ClassificationReport(
        classes=rows,
        macro=_mean("macro", figures, (true + taken > 0).astype(np.float64), len(labels)),
        weighted=_mean("weighted", figures, true.astype(np.float64), len(labels)),
        accuracy=float(hits.sum() / max(1, len(labels))),
        confusion=counts,
    )


def confusion(labels: Labels, predicted: Labels, classes: int) -> Counts:
    """Count the pictures of each class (rows) that are taken for each (columns)."""
    cells = np.bincount(labels * classes + predicted, minlength=classes * classes)
    return cells.reshape(classes, classes).astype(np.int64)


def triplet_accuracy(features: Float32, triplets: Triplets) -> float:
    """Return the share of triplets whose positive is nearer than the negative.

    Args:
        features: (n, dim).
        triplets: positions of anchors, positives and negatives (m, 3).
    """
    right = 0
    for start in range(0, len(triplets), 1024):
        anchors, positives, negatives = features[triplets[start : start + 1024].T]
        near = np.linalg.norm(anchors - positives, axis=1)
        right += int((near < np.linalg.norm(anchors - negatives, axis=1)).sum())
    return right / len(triplets) if len(triplets) else float("nan")


def _shares(parts: NDArray[np.int64], wholes: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(wholes > 0, parts / np.maximum(wholes, 1), 0.0)


def _figures(name: str, row: NDArray[np.float64], support: int) -> ClassFigures:
    precision, recall, f1 = row.tolist()
    return ClassFigures(name, precision, recall, f1, support)


def _mean(
    name: str, figures: NDArray[np.float64], weights: NDArray[np.float64], support: int
) -> ClassFigures:
    means = weights @ figures / max(1.0, float(weights.sum()))
    return _figures(name, means, support)
