"""Reads the runs of trainings back for those who look, while they learn and afterwards.

Any process may look at any time, and a file may be damaged, or of another version: what cannot be
read is said, and hides nothing else. Nothing here loads what networks need.
"""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from indexer.experiments.reading.curves import stored_curve
from indexer.experiments.reading.records import Record, read_record
from indexer.experiments.runs.changes import HELD_OUT
from indexer.experiments.runs.files import LOCK, RECORD
from indexer.experiments.runs.underway import Stage, read_stage
from indexer.experiments.telling.curvewords import right_name
from indexer.experiments.telling.headlines import headline
from indexer.files import is_held
from indexer.generations import NAME, require_name
from models.errors import LikenessError
from models.training.checkpoints import Epoch, best_of

RunState = Literal["running", "done", "stopped", "damaged"]


class UnknownRun(LikenessError):
    """A run that does not exist."""


@dataclass(frozen=True)
class RunBrief:
    """A run in short.

    Attributes:
        name: the run's.
        state: "running" while somebody works on it, "stopped" if it can be gone on with,
            "done", or "damaged".
        method, network, begun: as the record says, or "".
        best: the epoch of the smallest loss, of held out pictures where there are some; or None.
        headline: what came of it in a sentence, or "".
        right_is: what is counted as right in an epoch.
    """

    name: str
    state: RunState
    method: str = ""
    network: str = ""
    begun: str = ""
    best: Epoch | None = None
    headline: str = ""
    right_is: str = ""


@dataclass(frozen=True)
class Run:
    """A run.

    Attributes:
        brief: in short.
        record: what its record says.
        curve: its epochs so far; of very many some.
        problems: what of it cannot be read.
        stage: how far it is while somebody works on it, or None.
    """

    brief: RunBrief
    record: Record
    curve: tuple[Epoch, ...]
    problems: tuple[str, ...]
    stage: Stage | None = None


def runs_in(instance: Path) -> list[RunBrief]:
    """Return the runs of an instance: those at work first, then the last begun first."""
    briefs = []
    for folder in _folders(instance):
        with suppress(UnknownRun):
            briefs.append(_read(folder).brief)
    briefs.sort(key=lambda brief: brief.name)
    return sorted(briefs, key=lambda brief: (brief.state == "running", brief.begun), reverse=True)


def has_runs(instance: Path) -> bool:
    """Say whether there is any run, without reading one."""
    return any((folder / RECORD).exists() or _is_at_work(folder) for folder in _folders(instance))


def read_run(instance: Path, name: str) -> Run:
    """Read a run.

    Raises:
        UnknownRun: there is none of this name.
    """
    return _read(instance / "runs" / require_name(name, of="A run", refusal=UnknownRun))


def _folders(instance: Path) -> Iterator[Path]:
    try:
        entries = sorted(os.listdir(instance / "runs"))
    except OSError:
        return
    yield from (instance / "runs" / name for name in entries if NAME.fullmatch(name))


def _read(folder: Path) -> Run:
    at_work = _is_at_work(folder)  # first: who finishes meanwhile has written the record
    record = read_record(folder)
    if record is None:
        if not at_work:
            raise UnknownRun(f"There is no run {folder.name}.")
        record = Record(state="running")
    curve, problem = stored_curve(folder)
    best = best_of(curve)
    brief = RunBrief(
        name=folder.name,
        state=_state(record, at_work),
        method=record.method,
        network=record.network,
        begun=record.begun,
        best=best,
        headline=headline(
            record.verdict,
            record.changes,
            record.asking,
            chose=record.asked == HELD_OUT and best is not None and not math.isnan(best.held_out),
            asked=record.asked,
        ),
        right_is=right_name(record.method, dict(record.recipe).get("supervision", "")),
    )
    problems = tuple(filter(None, (record.problem, problem)))
    return Run(brief, record, curve, problems, read_stage(folder) if at_work else None)


def _state(record: Record, at_work: bool) -> RunState:
    if record.problem:
        return "damaged"
    if record.state == "done":
        return "done"
    return "running" if at_work else "stopped"


def _is_at_work(folder: Path) -> bool:
    lock = folder / LOCK
    return lock.is_file() and is_held(lock)
