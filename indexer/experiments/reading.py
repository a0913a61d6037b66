"""Reads the runs of trainings back for those who look, while they learn and afterwards.

Any process may look at any time, and a file may be damaged, or of another version: what cannot be
read is said, and hides nothing else. Nothing here loads what networks need.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from indexer.experiments.curvefiles import best_of, read_curve
from indexer.experiments.records import RECORD, Record, read_record
from indexer.files import is_held
from indexer.generations import NAME, require_name
from models.errors import LikenessError
from models.training.checkpoints import Epoch

CURVE, LOCK = "curve.csv", "lock"

Stage = Literal["running", "done", "stopped", "damaged"]


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
    """

    name: str
    state: Stage
    method: str = ""
    network: str = ""
    begun: str = ""
    best: Epoch | None = None


@dataclass(frozen=True)
class Run:
    """A run: in short, what its record says, its epochs so far, and what of it cannot be read."""

    brief: RunBrief
    record: Record
    curve: tuple[Epoch, ...]
    problems: tuple[str, ...]


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
    curve, problem = read_curve(folder / CURVE)
    brief = RunBrief(
        name=folder.name,
        state=_stage(record, at_work),
        method=record.method,
        network=record.network,
        begun=record.begun,
        best=best_of(curve),
    )
    return Run(brief, record, curve, tuple(filter(None, (record.problem, problem))))


def _stage(record: Record, at_work: bool) -> Stage:
    if record.problem:
        return "damaged"
    if record.state == "done":
        return "done"
    return "running" if at_work else "stopped"


def _is_at_work(folder: Path) -> bool:
    lock = folder / LOCK
    return lock.is_file() and is_held(lock)
