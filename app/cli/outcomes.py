"""What the terminal shows of a training: how to go on, or what came of it and how to use it."""

import math
import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.cli.text import listing, pair_table, printable
from indexer.durations import duration
from indexer.experiments.distilling import DistillSummary
from indexer.experiments.findings import Retrieval
from indexer.types import Rejection


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
    machine, last = facts.machine, outcome.curve[-1]
    reasons = ", ".join(f"{item.count} {item.name}" for item in facts.data.reasons) or "none"
    held_out = "" if math.isnan(last.held_out) else f", {last.held_out:.4f} held out"
    pairs = {
        "run": printable(str(done.path)),
        "pictures": f"{facts.data.shown:,} learnt from, {facts.data.held_out:,} held out, "
        f"{len(facts.data.left_out):,} left out ({reasons})",
        "teacher": f"{facts.teacher.name}, {facts.teacher.width:,} wide",
        "learning": f"{last.number} epochs, {duration(outcome.seconds)}, {facts.precision}, "
        f"{machine.backend}, {machine.device}",
        "loss": f"{last.loss:.4f}{held_out}",
        "weights": f"{outcome.bytes / 1e6:.1f} MB, {outcome.parameters / 1e6:.1f} million numbers",
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
        yield listing(files, len(files), f"see {printable(str(run / 'run.json'))}")


def _use(done: DistillSummary) -> Iterator[str]:
    weights = os.path.relpath(done.weights)
    if weights.startswith(".."):
        weights = str(done.weights)
    yield "\nTo search with it:"
    command = ["--network", done.facts.student, "--weights", weights]
    yield f"  flask index build FOLDER --name NAME {printable(shlex.join(command))}"
