"""Measures a fine-tuning: retrieval before and after, classes told apart, triplets ranked right."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from indexer.evaluation.plans import EvaluationPlan, Given
from indexer.evaluation.reporting.model import Mean, Report, Table
from indexer.evaluation.run import Finish, evaluate
from indexer.evaluation.systems.base import SystemSpec
from indexer.experiments.labelled import Labelled
from indexer.experiments.teaching import MOST_TRIPLETS, triplets_of
from indexer.experiments.trainplans import TrainPlan
from indexer.experiments.tuned import Change, Retrieved, Triplets
from indexer.types import Float32, Ids
from indexer.types import Report as Progressing
from indexer.unneeded import ENCODERS
from models.training.fit import Course, outputs
from models.training.machine import served_encoder
from models.training.methods.classifier import Classifier
from models.training.methods.hashing import HashMethod
from models.training.report import (
    ClassificationReport,
    classification_report,
    triplet_accuracy,
)
from models.training.splitting import Tail
from models.training.tails import pooled
from models.types import EncoderSpec

BEFORE, AFTER = "before", "after"


def retrieval(
    plan: TrainPlan,
    pictures: Labelled,
    before: tuple[EncoderSpec, str],
    after: EncoderSpec,
    instance: Path,
    progress: Progressing,
    finish: Finish | None,
) -> Retrieved:
    """Let the held out pictures search among those that were learnt from, before and after.

    Args:
        plan: what was wanted.
        pictures: of the training.
        before: the encoder that it is compared with, and what it is in words.
        after: the encoder that it has left.
        instance: the folder under which everything lies.
        progress: told how far that is.
        finish: adds further files to the report, as its page.
    """
    name = f"training-{plan.name}"
    for spec in (before[0], after):
        served_encoder(spec, instance / ENCODERS)  # whatever backend Keras trains with
    report, _ = evaluate(
        EvaluationPlan(
            protocol="folders",
            name=name[:64].rstrip("-"),
            systems=(
                SystemSpec(encoder=before[0], label=BEFORE),
                SystemSpec(encoder=after, label=AFTER),
            ),
            sources=plan.sources,
            given=Given(pictures.pictures(pictures.shown), pictures.pictures(pictures.held_out)),
            command=plan.command,
            limits=plan.limits,
        ),
        instance,
        progress,
        finish,
    )
    return Retrieved(
        report=report.name,
        before=before[1],
        answer=report.answer,
        exact=_changes(report, "systems"),
        lsh=_changes(report, "index"),
    )


def classified(
    course: Course, folder: Path, classes: tuple[str, ...]
) -> ClassificationReport | None:
    """Tell how well the classes of the held out pictures are told; None where none are."""
    method = course.method
    by_class = isinstance(method, Classifier) or (
        isinstance(method, HashMethod) and method.supervision == "classes"
    )
    if not by_class:
        return None
    assert isinstance(method, Classifier | HashMethod)
    predicted = method.predicted(outputs(course, folder, course.held_out))
    return classification_report(course.labels[course.held_out], predicted, classes)


def ranked(course: Course, tail: Tail, folder: Path) -> Triplets:
    """Count the triplets that are ranked right, of pictures learnt from and of held out ones."""
    shown, held_out = (
        _ranked(course, tail, folder, positions) for positions in (course.shown, course.held_out)
    )
    return Triplets(shown, held_out)


def _ranked(course: Course, tail: Tail, folder: Path, positions: Ids) -> float | None:
    triplets = triplets_of(course.labels[positions], MOST_TRIPLETS, course.seed)
    if not len(triplets):
        return None
    return triplet_accuracy(_features(course, tail, folder, positions), triplets)


def _features(course: Course, tail: Tail, folder: Path, positions: Ids) -> Float32:
    """Return what searches compare of pictures, (m, dim): of codes their signs."""
    if isinstance(course.method, Classifier):
        return pooled(replace(tail, model=course.tail), course.examples, positions)
    found = outputs(course, folder, positions)
    if isinstance(course.method, HashMethod):
        return np.where(found[:, : course.method.bits] > 0, 1, -1).astype(np.float32)
    return found


def _changes(report: Report, name: str) -> tuple[Change, ...]:
    """Read the measures of both systems from a table of a report, and the words from another."""
    tables = {
        block.name: block
        for section in report.sections
        for block in section.blocks
        if isinstance(block, Table)
    }
    if name not in tables:
        return ()
    verdicts = tables.get("verdicts") if name == "systems" else None
    words = (
        dict(zip((each.name for each in verdicts.columns), verdicts.rows[0], strict=True))
        if verdicts and verdicts.rows
        else {}
    )
    table = tables[name]
    rows = {str(row[0]): row for row in table.rows}
    changes = []
    for at, column in enumerate(table.columns):
        one, other = rows[BEFORE][at], rows[AFTER][at]
        if isinstance(one, Mean) and isinstance(other, Mean):
            verdict = str(words.get(column.name) or "")
            changes.append(Change(column.name, _bounds(one), _bounds(other), verdict))
    return tuple(changes)


def _bounds(mean: Mean) -> tuple[float, float, float]:
    return mean.value, mean.low, mean.high
