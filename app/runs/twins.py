"""Turns a training into JSON, for programs that ask for it at the address of its page."""

import math
from typing import Any

from indexer.experiments.reading import Run, RunBrief
from indexer.experiments.tuned import Change
from models.training.checkpoints import Epoch


def run_json(run: Run) -> dict[str, Any]:
    """Return a run for programs; None for what is not known."""
    return {
        **brief_json(run.brief),
        "epochs": run.record.epochs or None,
        "ended": run.record.ended or None,
        "seconds": _or_none(run.record.seconds),
        "command": run.record.command or None,
        "precision": run.record.precision or None,
        "report": run.record.report or None,
        "answer": run.record.answer or None,
        "changes": [_change_json(change) for change in run.record.changes],
        "curve": [_epoch_json(epoch) for epoch in run.curve],
        "problems": list(run.problems),
    }


def brief_json(brief: RunBrief) -> dict[str, Any]:
    """Return a run in short for programs; None for what is not known."""
    return {
        "name": brief.name,
        "state": brief.state,
        "method": brief.method or None,
        "network": brief.network or None,
        "begun": brief.begun or None,
        "best": _epoch_json(brief.best) if brief.best else None,
    }


def _change_json(change: Change) -> dict[str, Any]:
    before, after = (list(map(_or_none, values)) for values in (change.before, change.after))
    return {
        "measure": change.measure,
        "before": before,
        "after": after,
        "verdict": change.verdict or None,
    }


def _epoch_json(epoch: Epoch) -> dict[str, float | None]:
    return {name: _or_none(value) for name, value in vars(epoch).items()}


def _or_none(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value
