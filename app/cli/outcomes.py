"""What the terminal shows of a training: how to go on, or what came of it and how to use it."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.cli.text import listing, pair_table, printable
from indexer.durations import duration
from indexer.experiments.comparing.findings import Retrieval
from indexer.experiments.distilling.facts import Facts, Outcome
from indexer.experiments.distilling.training import DistillSummary
from indexer.experiments.finetuning.facts import TuneFacts, TuneOutcome
from indexer.experiments.runs.facts import Data
from indexer.experiments.runs.files import RECORD
from indexer.experiments.telling.advice import index_command
from indexer.experiments.telling.classwords import count_words
from indexer.experiments.telling.curvewords import DISTILLATION
from indexer.types import Rejection
from models.training.checkpoints import Epoch


def stopped(command: str, *, begun: bool, learnt: bool) -> str:
    """Say how to go on with what was stopped.

    Args:
        command: that began it.
        begun: whether there is a run to go on with.
        learnt: whether it has learnt something already.
    """
    if not begun:
        return f"Stopped before the learning began. To begin again:\n  {printable(command)}"
    when = "; what was learnt is kept" if learnt else " before the learning began"
    return f"Stopped{when}. To go on:\n  {printable(command)} --resume"


def summary(done: DistillSummary) -> str:
    """Return what a training did, a line for each fact, and what to do with it."""
    facts, outcome = done.facts, done.outcome
    last = outcome.curve[-1]
    pairs = {
        "run": printable(str(done.path)),
        "pictures": pictures(facts.data),
        "teacher": f"{facts.teacher.name}, {facts.teacher.width:,} wide",
        "learning": f"{last.number} epochs, {learning(facts, outcome)}",
        "loss": loss(last),
        "weights": weights(outcome),
        "sha256": outcome.sha256,
        "speed": str(outcome.speed),
    }
    if near := outcome.found.neighbours:
        pairs["neighbours"] = (
            f"{near.student:.1%} of the teacher's {near.k} nearest, thumbnail {near.thumbnail:.1%}"
        )
    return "\n".join(
        [pair_table(pairs), *_found(done), *left_out(facts.data.left_out, done.path), *_use(done)]
    )


def pictures(data: Data) -> str:
    """Say how many pictures were learnt from, and how many files could not be used."""
    return (
        f"{data.shown:,} learnt from, {data.held_out:,} held out; files that cannot be used: "
        f"{count_words(data.reasons)}"
    )


def learning(facts: Facts | TuneFacts, outcome: Outcome | TuneOutcome) -> str:
    """Say how long was learnt, and on what."""
    machine = facts.machine
    return f"{duration(outcome.seconds)}, {facts.precision}, {machine.backend}, {machine.device}"


def loss(epoch: Epoch) -> str:
    """Write the losses of an epoch."""
    held_out = "" if math.isnan(epoch.held_out) else f", {epoch.held_out:.4f} held out"
    return f"{epoch.loss:.4f}{held_out}"


def weights(outcome: Outcome | TuneOutcome) -> str:
    """Say how large a weight file is."""
    return f"{outcome.bytes / 1e6:.1f} MB, {outcome.parameters / 1e6:.1f} million numbers"


def _found(done: DistillSummary) -> Iterator[str]:
    for retrieval in done.outcome.found.retrievals:
        yield from _retrieval(retrieval)


def _retrieval(found: Retrieval) -> Iterator[str]:
    yield f"\n{printable(str(found.folder))}: {found.pictures:,} pictures, {found.asked}"
    for name, *figures in (("", "P@1", "P@10", "mAP"), *found.rows):
        yield f"  {name:<10}" + "".join(f"{figure:>8}" for figure in figures)


def left_out(files: Sequence[Rejection], run: Path) -> Iterator[str]:
    """Tell of the files that a training left out, and where all are listed."""
    if files:
        yield "\nfiles left out"
        yield listing(files, len(files), f"see {printable(str(run / RECORD))}")


def _use(done: DistillSummary) -> Iterator[str]:
    yield "\nTo search with it:"
    yield f"  {index_command(DISTILLATION, done.facts.name)}"
