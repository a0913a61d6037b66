"""Turns a training into JSON, for programs that ask for it at the address of its page."""

import math
from dataclasses import asdict
from typing import Any

from app.openapi.schemas import Schema, Schemas, Way
from app.runs.public import public
from indexer.experiments.reading.records import Record
from indexer.experiments.reading.runs import Run, RunBrief
from indexer.experiments.runs.underway import Stage
from models.training.checkpoints import Epoch

UNSURE = Way(frozenset({float, str}))
"""Numbers that are NaN and texts that are empty are sent as null."""


def run_json(run: Run) -> dict[str, Any]:
    """Return a run for programs: all that its record says, None for what is not known."""
    record = public(run.record)
    return {
        **_plain(asdict(record)),
        **brief_json(run.brief),
        "machine": dict(record.machine),
        "recipe": dict(record.recipe),
        "stage": _plain(asdict(run.stage)) if run.stage else None,
        "curve": _plain([vars(epoch) for epoch in run.curve]),
        "problems": list(run.problems),
    }


def brief_json(brief: RunBrief) -> dict[str, Any]:
    """Return a run in short for programs; None for what is not known.

    "best" is the epoch of the smallest loss.
    """
    told: dict[str, Any] = _plain(asdict(brief))
    return told


def run_schema(schemas: Schemas) -> Schema:
    """Return the schema of a run for programs."""
    settings = {"type": "object", "additionalProperties": {"type": "string"}}
    own = {
        "machine": settings | {"description": "Names and values."},
        "recipe": settings | {"description": "Names and values of what the training depends on."},
        "stage": schemas.of(Stage | None, UNSURE),
        "curve": schemas.of(tuple[Epoch, ...], UNSURE),
        "problems": schemas.of(tuple[str, ...]),
    }
    told = schemas.properties(Record, UNSURE) | schemas.properties(RunBrief, UNSURE) | own
    return {"type": "object", "properties": told, "required": sorted(told)}


def runs_schema(schemas: Schemas) -> Schema:
    """Return the schema of the list of runs for programs."""
    runs = schemas.of(tuple[RunBrief, ...], UNSURE)
    return {"type": "object", "properties": {"runs": runs}, "required": ["runs"]}


def _plain(value: Any) -> Any:
    """Turn what is not known into None, at any depth: NaN and empty text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    is_unknown = value == "" or (isinstance(value, float) and math.isnan(value))
    return None if is_unknown else value
