"""Says how far two encoders agree on which pictures of a gallery are like each other."""

from dataclasses import dataclass

import numpy as np

from indexer.distances import Float64, block_slices, signs, units
from indexer.evaluation.metrics import PerQuery, precision_at
from indexer.types import Float32, Ids, Labels, Metric

K = 10
BLOCK_CELLS = 2**21
"""Distances that are held at once."""


@dataclass(frozen=True)
class Estimate:
    """A mean over pictures.

    Attributes:
        mean: of the sample.
        error: standard error of the mean.
    """

    mean: float
    error: float

    @classmethod
    def of(cls, values: PerQuery) -> "Estimate":
        """Sum the values of two pictures or more up."""
        return cls(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))


@dataclass(frozen=True)
class Precision:
    """What two encoders' neighbours are to the pictures' classes.

    Attributes:
        pictures: how many were asked: those whose class another picture has too.
        found: mean precision@10 of the encoder that is judged.
        shift: by how much that differs from the reference's.
    """

    pictures: int
    found: float
    shift: Estimate


@dataclass(frozen=True)
class Agreement:
    """What one encoder's neighbours are beside another's.

    Attributes:
        recall: part of a picture's first ten neighbours that are found again.
        precision: of the neighbours; None where no two pictures share a class.
    """

    recall: Estimate
    precision: Precision | None


def agreement(reference: Float32, found: Float32, labels: Labels, metric: Metric) -> Agreement:
    """Compare the neighbours of two encoders, each picture asking for those like it.

    Args:
        reference: float32 (n, dim), features of at least two pictures.
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
    recall = Estimate.of(np.array(shared) / wanted.shape[1])
    return Agreement(recall, _precision(labels, wanted, nearest))


def neighbours(features: Float32, metric: Metric) -> Ids:
    """Return the nearest of each picture, itself left out, int64 (n, at most K).

    All pictures are compared with all, a block at a time: it is meant for some thousands.
    """
    rows = _rows(features, metric)
    squares = (rows * rows).sum(axis=1)
    size = max(1, BLOCK_CELLS // max(1, len(rows)))
    blocks = block_slices(len(rows), size)
    return np.concatenate([_nearest(rows, squares, block) for block in blocks])


def _rows(features: Float32, metric: Metric) -> Float64:
    """Return what lies as far apart, by Euclid, as features do by a metric, but for its scale."""
    if metric == "hamming":
        return np.where(signs(features), 1.0, -1.0)
    rows = features.astype(np.float64)
    return units(rows) if metric == "cosine" else rows


def _nearest(rows: Float64, squares: Float64, block: slice) -> Ids:
    distances = squares[block, None] + squares - 2 * rows[block] @ rows.T
    own = np.arange(block.start, block.stop)
    distances[own - block.start, own] = np.inf
    ids: Ids = np.argsort(distances, axis=1, kind="stable")[:, : min(K, len(rows) - 1)]
    return ids


def _precision(labels: Labels, wanted: Ids, nearest: Ids) -> Precision | None:
    """Compare precision@10, over the pictures whose class another one has too."""
    _, classes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    asked = (labels != "") & (sizes[classes] > 1)
    if not asked.any():
        return None
    before, after = (
        precision_at(labels[ids[asked]] == labels[asked, None], K) for ids in (wanted, nearest)
    )
    return Precision(int(asked.sum()), float(after.mean()), Estimate.of(after - before))
