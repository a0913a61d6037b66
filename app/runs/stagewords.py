"""Says how far a training is, in a sentence."""

import math

from app.figures import lasted, number
from app.runs.tables import seconds_words
from app.words import _, lazy, ngettext
from indexer.experiments.finetuning.plan import NO_WEIGHTS
from indexer.experiments.reading.runs import Run

STAGES = {
    "teacher": lazy("Opening the teacher."),
    "scan": lazy("Reading pictures."),
    "pictures": lazy("Keeping small pictures to learn from."),
    "trunk": lazy("Computing what the frozen layers see."),
    "fit": lazy("Fitting the last layer."),
}
"""Stages before and after the learning; those not named here measure."""

COUNTED = {
    "teacher": lazy("Opening the teacher: %(done)s of %(total)s."),
    "scan": lazy("Reading pictures: %(done)s of %(total)s."),
    "pictures": lazy("Keeping small pictures to learn from: %(done)s of %(total)s."),
    "trunk": lazy("Computing what the frozen layers see: %(done)s of %(total)s."),
    "fit": lazy("Fitting the last layer: %(done)s of %(total)s."),
}
"""The same, where it is known how far they are."""

UNFROZEN = lazy("Keeping pictures to learn from.")
UNFROZEN_COUNTED = lazy("Keeping pictures to learn from: %(done)s of %(total)s.")
"""The stage "trunk" of a network of which nothing is frozen."""


def stage_words(run: Run) -> str:
    """Say how far a training is, or how long it took."""
    record, done = run.record, run.curve[-1].number if run.curve else 0
    match run.brief.state:
        case "running":
            return _running(run, done)
        case "stopped" if not done:
            return _("It stopped before the first epoch was finished, and can go on.")
        case "stopped":
            return _stopped(done, record.epochs)
        case "done" if math.isnan(record.seconds):
            return ngettext(
                "It learnt for %(count)s epoch.", "It learnt for %(count)s epochs.", done
            )
        case "done":
            return ngettext(
                "It learnt for %(count)s epoch in %(time)s.",
                "It learnt for %(count)s epochs in %(time)s.",
                done,
                time=lasted(record.seconds),
            )
    return _("What is known of it cannot all be read.")


def _stopped(done: int, epochs: int) -> str:
    if not epochs:
        return ngettext(
            "It stopped after %(count)s epoch, and can go on.",
            "It stopped after %(count)s epochs, and can go on.",
            done,
        )
    if done < epochs:
        return ngettext(
            "It stopped after %(done)s of at most %(count)s epoch, and can go on.",
            "It stopped after %(done)s of at most %(count)s epochs, and can go on.",
            epochs,
            done=number(done),
        )
    return ngettext(
        "It stopped after %(done)s of %(count)s epoch, and can go on.",
        "It stopped after %(done)s of %(count)s epochs, and can go on.",
        max(done, epochs),
        done=number(done),
    )


def _running(run: Run, done: int) -> str:
    stage = run.stage
    if stage is None:
        return _("It has begun; nothing is known of how far it is.")
    if stage.name == "learn":
        return _learning(run, done)
    if stage.name not in STAGES:
        return _("Measuring.")
    is_unfrozen = stage.name == "trunk" and run.record.weights == NO_WEIGHTS
    if not stage.total:
        return str(UNFROZEN if is_unfrozen else STAGES[stage.name])
    counted = str(UNFROZEN_COUNTED if is_unfrozen else COUNTED[stage.name])
    return counted % {"done": number(stage.done), "total": number(stage.total)}


def _learning(run: Run, done: int) -> str:
    values = {"epoch": number(done + 1), "epochs": number(run.record.epochs)}
    if not done:
        if run.record.epochs:
            return _("Learning: epoch %(epoch)s of at most %(epochs)s.", **values)
        return _("Learning: epoch %(epoch)s.", **values)
    took = seconds_words(run.curve[-1].seconds) or _("an unknown time")
    if not run.record.epochs:
        return _("Learning: epoch %(epoch)s; the last one took %(time)s.", **values, time=took)
    if done < run.record.epochs:
        return _(
            "Learning: epoch %(epoch)s of at most %(epochs)s; the last one took %(time)s.",
            **values,
            time=took,
        )
    return _(
        "Learning: epoch %(epoch)s of %(epochs)s; the last one took %(time)s.",
        **values,
        time=took,
    )
