"""Figures of a classification, against hand-computed ones."""

import numpy as np
import pytest

from models.training.report import (
    classification_report,
    confusion,
    triplet_accuracy,
)

LABELS = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2, 2])
PREDICTED = np.array([0, 0, 0, 1, 1, 2, 2, 2, 0, 0])
NAMES = ("drawing", "engraving", "painting", "fresco")


def test_confusion_counts_true_classes_in_rows() -> None:
    assert confusion(LABELS, PREDICTED, 4).tolist() == [
        [3, 1, 0, 0],
        [0, 1, 1, 0],
        [2, 0, 2, 0],
        [0, 0, 0, 0],
    ]


def test_report_by_hand() -> None:
    report = classification_report(LABELS, PREDICTED, NAMES)
    drawing, engraving, painting, fresco = report.classes
    assert (drawing.name, drawing.support) == ("drawing", 4)
    assert (drawing.precision, drawing.recall) == (3 / 5, 3 / 4)
    assert drawing.f1 == pytest.approx(2 / 3)
    assert (engraving.precision, engraving.recall, engraving.f1) == (1 / 2, 1 / 2, 1 / 2)
    assert painting.precision == pytest.approx(2 / 3)
    assert painting.recall == 1 / 2
    assert painting.f1 == pytest.approx(4 / 7)
    assert (fresco.precision, fresco.recall, fresco.f1, fresco.support) == (0, 0, 0, 0)
    assert report.accuracy == 0.6
    assert report.macro.f1 == pytest.approx((2 / 3 + 1 / 2 + 4 / 7) / 3)  # without the empty class
    assert report.weighted.recall == pytest.approx(0.6)
    assert report.weighted.f1 == pytest.approx((4 * 2 / 3 + 2 / 2 + 4 * 4 / 7) / 10)
    assert report.macro.support == report.weighted.support == 10


def test_triplet_accuracy_is_the_share_ranked_right() -> None:
    features = np.array([[0.0], [1.0], [3.0], [-1.0]], np.float32)
    triplets = np.array([[0, 1, 2], [0, 2, 1], [1, 0, 2], [0, 1, 3]])
    assert triplet_accuracy(features, triplets) == 0.5  # a tie is not right
    assert np.isnan(triplet_accuracy(features, triplets[:0]))
