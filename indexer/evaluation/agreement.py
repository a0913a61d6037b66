"""Says how far two encoders agree on which pictures of a gallery are like each other."""

from dataclasses import dataclass

import numpy as np

from indexer.distances import units
from indexer.evaluation.folders import Labels
from indexer.evaluation.metrics import precision_at
from indexer.types import Float32, Ids, Metric

K = 10


@dataclass(frozen=True)
class Agreement:
    """What one encoder's neighbours are beside another's.

    Attributes:
        recall: mean part of a picture's first ten neighbours that are found again.
        shift: by how much precision@10 differs; None where no two pictures share a class.
    """

    recall: float
    shift: float | None


def agreement(reference: Float32, found: Float32, labels: Labels, metric: Metric) -> Agreement:
    """Compare the neighbours of two encoders, each picture asking for those like it.

    Args:
        reference: float32 (n, dim), raw features of at least two pictures.
        found: float32 (n, any dim), those of the same pictures by the encoder that is judged.
        labels: str (n,), the class of each picture; "" where it has none.
        metric: what neighbours are nearest by.

    Raises:
        ValueError: the arrays do not belong together, or hold fewer than two pictures.
    """
    if not len(reference) == len(found) == len(labels) >= 2:
        raise ValueError(
            "The same two pictures or more are needed. Received: "
            f"{len(reference)}, {len(found)} and {len(labels)} labels"
        )
    wanted, nearest = neighbours(reference, metric), neighbours(found, metric)
    shared = [len({*a} & {*b}) for a, b in zip(wanted.tolist(), nearest.tolist(), strict=True)]
    recall = float(np.mean(shared)) / wanted.shape[1]
    return Agreement(recall, _shift(labels, wanted, nearest))


def neighbours(features: Float32, metric: Metric) -> Ids:
    """Return the nearest of each picture, itself left out, int64 (n, at most K).

    Memory is that of n · n distances: it is meant for samples.
    """
    rows = features.astype(np.float64)
    rows = units(rows) if metric == "cosine" else rows
    squares = (rows * rows).sum(axis=1)
    distances = squares[:, None] + squares - 2 * rows @ rows.T
    np.fill_diagonal(distances, np.inf)
    ids: Ids = np.argsort(distances, axis=1, kind="stable")[:, : min(K, len(rows) - 1)]
    return ids


def _shift(labels: Labels, wanted: Ids, nearest: Ids) -> float | None:
    """Return how precision@10 changes, over the pictures whose class another one has too."""
    _, classes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    asked = (labels != "") & (sizes[classes] > 1)
    if not asked.any():
        return None
    before, after = (
        precision_at(labels[ids[asked]] == labels[asked, None], K) for ids in (wanted, nearest)
    )
    return float((after - before).mean())
