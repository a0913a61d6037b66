"""How far the neighbours in a faster precision are those of single precision."""

from dataclasses import dataclass

import numpy as np

from benchmarks.builds import Content
from indexer.evaluation.ranking import rank
from indexer.types import Float32, Ids

K = 10


@dataclass(frozen=True)
class Agreement:
    """What a precision does to answers.

    Attributes:
        recall: mean part of the first ten neighbours that single precision finds too.
        precision: mean part of the first ten neighbours that are of the picture's class.
    """

    recall: float
    precision: float


def agreement(found: Content, reference: Content) -> Agreement:
    """Compare what two builds of the same gallery answer, each picture asking for its like.

    Args:
        found: of the precision that is judged.
        reference: of single precision.
    """
    nearest, wanted = neighbours(found.features), neighbours(reference.features)
    width = nearest.shape[1]
    shared = [len({*a} & {*b}) for a, b in zip(nearest.tolist(), wanted.tolist(), strict=True)]
    same_class = found.labels[nearest] == found.labels[:, None]
    return Agreement(float(np.mean(shared)) / width, float(same_class.mean()))


def neighbours(features: Float32) -> Ids:
    """Return the nearest of each picture by the cosine, itself left out, int64 (n, at most 10)."""
    return np.concatenate([ids[:, :K] for _, ids in rank(features)])
