"""Lets a report be written beside the others, and puts it in its place when it is whole."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from indexer.evaluation.errors import EvaluationRunning
from indexer.evaluation.reporting.storing import folders_in, report_folder
from indexer.files import is_held, locked, read_regular, sync, write_atomically

MAKING = "making.json"
MAX_BYTES = 2**16
WAIT_SECONDS = 1.0  # for somebody who only looks whether the lock is held


@dataclass(frozen=True)
class Making:
    """A report that is being made at the moment: its name, what it will tell of, since when."""

    name: str
    protocol: str
    indexes: tuple[str, ...]
    started: str


def making(instance: Path) -> list[Making]:
    """Return the reports that somebody makes at the moment, the last begun first."""
    found = []
    for draft in folders_in(instance):
        name = draft.name.removeprefix(".").removesuffix(".draft")
        if draft.name == f".{name}.draft" and is_held(_lock(draft.parent, name)):
            with suppress(OSError, ValueError, TypeError, KeyError):
                content, _ = read_regular(draft / MAKING, MAX_BYTES)
                note = json.loads(content)
                indexes = tuple(map(str, note["indexes"]))
                found.append(Making(name, str(note["protocol"]), indexes, str(note["started"])))
    return sorted(found, key=lambda each: each.started, reverse=True)


@contextmanager
def drafting(
    instance: Path, name: str, protocol: str, indexes: tuple[str, ...] = ()
) -> Iterator[Path]:
    """Give a folder to write a report in; put it in place at the end, unless there was an error.

    The folder holds `figures`, `pictures` and `tables`. One process at a time makes the report of
    a name; what it replaces stays until the new one is whole.

    Args:
        instance: where reports are kept.
        name: of the report.
        protocol, indexes: of which it will tell, for those who look meanwhile.

    Raises:
        UnknownReport: no report may have this name.
        EvaluationRunning: another process makes it.
    """
    target = report_folder(instance, name)
    draft, old = (target.with_name(f".{name}.{end}") for end in ("draft", "old"))
    target.parent.mkdir(parents=True, exist_ok=True)
    busy = EvaluationRunning(
        f"Another process makes the report {name}. Wait for it, or choose another --name."
    )
    with locked(_lock(target.parent, name), busy, WAIT_SECONDS):
        _recover(target, draft, old)
        try:
            for part in ("figures", "pictures", "tables"):
                (draft / part).mkdir(parents=True)
            started = datetime.now(UTC).isoformat(timespec="seconds")
            note = asdict(Making(name, protocol, indexes, started))
            write_atomically(draft / MAKING, json.dumps(note).encode())
            yield draft
            (draft / MAKING).unlink()
            _put_in_place(draft, target, old)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _lock(reports: Path, name: str) -> Path:
    return reports / f".{name}.lock"


def _recover(target: Path, draft: Path, old: Path) -> None:
    """Tidy up behind a process that died."""
    shutil.rmtree(draft, ignore_errors=True)
    if old.is_dir() and not target.exists():
        os.rename(old, target)
    shutil.rmtree(old, ignore_errors=True)


def _put_in_place(draft: Path, target: Path, old: Path) -> None:
    """Rename a draft to its name; a folder cannot replace another, so the old one steps aside."""
    for path in sorted(draft.rglob("*"), reverse=True):
        sync(path)
    sync(draft)
    replaces = target.exists()
    if replaces:
        os.rename(target, old)
    try:
        os.rename(draft, target)
    except BaseException:
        if replaces:
            os.rename(old, target)
        raise
    sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)
