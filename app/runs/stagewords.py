"""Says how far a training is, in a sentence."""

import math

from app.runs.tables import seconds_words
from indexer.durations import duration
from indexer.experiments.finetuning.plan import NO_WEIGHTS
from indexer.experiments.reading.runs import Run

STAGES = {
    "teacher": "Opening the teacher",
    "scan": "Reading pictures",
    "pictures": "Keeping small pictures to learn from",
    "trunk": "Computing what the frozen layers see",
    "fit": "Fitting the last layer",
}
"""Stages before and after the learning; those not named here measure."""

UNFROZEN = "Keeping pictures to learn from"
"""The stage "trunk" of a network of which nothing is frozen."""


def stage_words(run: Run) -> str:
    """Say how far a training is, or how long it took."""
    record, done = run.record, run.curve[-1].number if run.curve else 0
    of = f" of {'at most ' * (done < record.epochs)}{record.epochs:,}" if record.epochs else ""
    epochs = f"{done:,}{of} {'epoch' if max(done, record.epochs) == 1 else 'epochs'}"
    match run.brief.state:
        case "running":
            return _running(run, done, of)
        case "stopped" if not done:
            return "It stopped before the first epoch was finished, and can go on."
        case "stopped":
            return f"It stopped after {epochs}, and can go on."
        case "done":
            took = "" if math.isnan(record.seconds) else f" in {duration(record.seconds)}"
            return f"It learnt for {done:,} {'epoch' if done == 1 else 'epochs'}{took}."
    return "What is known of it cannot all be read."


def _running(run: Run, done: int, of: str) -> str:
    stage = run.stage
    if stage is None:
        return "It has begun; nothing is known of how far it is."
    if stage.name == "learn":
        if not done:
            return f"Learning: epoch 1{of}."
        took = seconds_words(run.curve[-1].seconds) or "an unknown time"
        return f"Learning: epoch {done + 1:,}{of}; the last one took {took}."
    words = STAGES.get(stage.name, "Measuring")
    if stage.name == "trunk" and run.record.weights == NO_WEIGHTS:
        words = UNFROZEN
    count = f": {stage.done:,} of {stage.total:,}" if stage.total and stage.name in STAGES else ""
    return f"{words}{count}."
