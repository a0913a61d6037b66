"""How far a training is: written beside its record while it works, read by those who look."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from indexer.experiments.runs import loose
from indexer.experiments.runs.files import STAGE
from indexer.files import read_regular, write_atomically
from indexer.types import Progress, Report

SECONDS_BETWEEN = 1.0
MAX_BYTES = 4096


@dataclass(frozen=True)
class Stage:
    """A stage of a training: its name, and how many of how many it has done; 0 of unknown."""

    name: str
    done: int = 0
    total: int = 0


def noting(report: Report, folder: Path) -> Report:
    """Return a report that also notes in a run's folder how far the stage is.

    Args:
        report: told as well.
        folder: of the run; it is there when the first stage begins.
    """
    note = _noter(folder / STAGE)

    def told(progress: Progress) -> None:
        report(progress)
        note(Stage(progress.stage, progress.done, progress.total))

    return told


def _noter(file: Path) -> Callable[[Stage], None]:
    """Return what writes a stage where it is a new one, or some time has passed."""
    last, written = "", 0.0

    def note(stage: Stage) -> None:
        nonlocal last, written
        if stage.name == last and monotonic() - written < SECONDS_BETWEEN:
            return
        last, written = stage.name, monotonic()
        with suppress(OSError):  # it is for those who look alone
            write_atomically(file, f"{json.dumps(vars(stage))}\n".encode())

    return note


def read_stage(folder: Path) -> Stage | None:
    """Read how far a training is; None where that is not said."""
    try:
        known = json.loads(read_regular(folder / STAGE, MAX_BYTES)[0])
    except (OSError, ValueError, RecursionError):
        return None
    name = loose.text(known, "name")
    return Stage(name, loose.whole(known, "done"), loose.whole(known, "total")) if name else None
