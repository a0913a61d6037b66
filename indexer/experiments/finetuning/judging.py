"""Measures what a fine-tuning has taught: classes told apart, and triplets ranked right."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.experiments.finetuning.teaching import MOST_TRIPLETS, triplets_of
from indexer.experiments.pictures.labelled import Labelled
from indexer.experiments.runs.changes import Triplets
from indexer.types import Ids
from models.training.fit import Asked, Course
from models.training.report import (
    ClassificationReport,
    classification_report,
    triplet_accuracy,
)


@dataclass(frozen=True)
class Judged:
    """What a trained network tells of the pictures that ask.

    Attributes:
        classes: how well it tells them; None of methods that tell none.
        triplets: that are ranked right.
    """

    classes: ClassificationReport | None
    triplets: Triplets


def judge(course: Course, folder: Path, pictures: Labelled) -> Judged:
    """Ask the best network about the pictures that tell what was learnt.

    Args:
        course: what was learnt.
        folder: of the run, with the best weights.
        pictures: of the training.
    """
    asked = Asked(course, folder)
    return Judged(
        classes=classified(asked, course, pictures.asked, pictures.classes),
        triplets=ranked(asked, course, pictures.asked),
    )


def classified(
    asked: Asked, course: Course, positions: Ids, classes: tuple[str, ...]
) -> ClassificationReport | None:
    """Tell how well the classes of some pictures are told; None where none are."""
    predicted = course.method.predicted(asked.outputs(positions))
    if predicted is None:
        return None
    return classification_report(course.labels[positions], predicted, classes)


def ranked(asked: Asked, course: Course, positions: Ids) -> Triplets:
    """Count the triplets that are ranked right, of pictures learnt from and of others.

    Args:
        asked: the best network.
        course: what it was given.
        positions: of the pictures that tell what was learnt.
    """
    shown, others = (_ranked(asked, course, each) for each in (course.shown, positions))
    return Triplets(shown, others)


def _ranked(asked: Asked, course: Course, positions: Ids) -> float | None:
    triplets = triplets_of(course.labels[positions], MOST_TRIPLETS, course.seed)
    if not len(triplets):
        return None
    # Only the pictures of these triplets are asked about: there may be many more.
    needed, places = np.unique(triplets, return_inverse=True)
    found = course.method.compared(asked.outputs(positions[needed]))
    features = asked.features(positions[needed]) if found is None else found
    return triplet_accuracy(features, places.reshape(triplets.shape))
