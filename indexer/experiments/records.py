"""Reads what a run's record says, whatever training wrote it; what is missing stays open."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from indexer.experiments import loose
from indexer.experiments.tuned import Change
from indexer.files import read_regular

RECORD = "run.json"
MAX_BYTES = 64 * 2**20  # it names every file that was left out
REMEMBERED = 128  # records that a process keeps

Setting = tuple[str, str]


@dataclass(frozen=True)
class Given:
    """Pictures that a training was given: their folder, and how many of them it could use."""

    folder: str
    pictures: int


@dataclass(frozen=True)
class Found:
    """How often a search of labelled folders finds a picture of the same class first.

    Attributes:
        folder: of the pictures.
        way: what described them, such as student, teacher or thumbnail.
        precision_at_1: the share of the pictures.
    """

    folder: str
    way: str
    precision_at_1: float


@dataclass(frozen=True)
class Record:
    """What run.json says; "", 0 or NaN stands for what it does not say.

    Attributes:
        state: "running" until the run is finished, also while nobody is at work on it.
        method: how the network learns.
        network: that learns.
        begun, ended: UTC, ISO 8601.
        command: what was typed.
        precision: it computes in.
        seed: of all chance.
        epochs: at most.
        seconds: that the learning took.
        machine: names and values.
        recipe: names and values of what the training depends on.
        unfreeze: the first layer that is trained, or "" for all.
        given: the pictures.
        classes: how many there are.
        shown, held_out: how many are learnt from, and only measured with.
        accuracy: share of the held out pictures whose class is told right.
        report: name of the one that tells what came of it.
        answer: the same in a sentence.
        changes: of what is found before and after.
        found: what a student finds, beside others.
        problem: why the file cannot be read, or "".
    """

    state: str = ""
    method: str = ""
    network: str = ""
    begun: str = ""
    ended: str = ""
    command: str = ""
    precision: str = ""
    seed: str = ""
    epochs: int = 0
    seconds: float = math.nan
    machine: tuple[Setting, ...] = ()
    recipe: tuple[Setting, ...] = ()
    unfreeze: str = ""
    given: tuple[Given, ...] = ()
    classes: int = 0
    shown: int = 0
    held_out: int = 0
    accuracy: float = math.nan
    report: str = ""
    answer: str = ""
    changes: tuple[Change, ...] = ()
    found: tuple[Found, ...] = ()
    problem: str = field(default="", repr=False)


def read_record(folder: Path) -> Record | None:
    """Read what is recorded of the run in a folder.

    Returns:
        what run.json says, with its problem where it is damaged; None where there is none.
    """
    path = folder / RECORD
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return Record(problem=_damaged(error))
    return _remembered(path, status.st_ino, status.st_mtime_ns, status.st_size)


@lru_cache(REMEMBERED)
def _remembered(path: Path, inode: int, mtime_ns: int, size: int) -> Record:
    try:
        content, _ = read_regular(path, MAX_BYTES)
        known = json.loads(content)
    except (OSError, ValueError, RecursionError) as error:
        return Record(problem=_damaged(error))
    if not isinstance(known, dict) or not loose.text(known, "state"):
        return Record(problem=f"{RECORD} is damaged: it does not say what state the run is in.")
    return _understood(known)


def _damaged(error: Exception) -> str:
    why = "it is no JSON"
    if isinstance(error, OSError):
        why = error.strerror or "it is no such file"
    return f"{RECORD} is damaged: it cannot be read ({why})."


def _understood(known: dict[str, Any]) -> Record:
    recipe = "recipe" if "recipe" in known else "lesson"
    seed = known.get("seed", loose.inner(known, recipe, "seed"))
    return Record(
        state=loose.text(known, "state"),
        method=loose.text(known, "method") or ("distillation" if "teacher" in known else ""),
        network=loose.text(known, "encoder", "network") or loose.text(known, "student"),
        begun=loose.text(known, "begun"),
        ended=loose.text(known, "ended"),
        command=loose.text(known, "command"),
        precision=loose.text(known, "precision"),
        seed=dict(loose.settings({"of": {"seed": seed}}, "of")).get("seed", ""),
        epochs=loose.whole(known, recipe, "epochs"),
        seconds=loose.number(known, "seconds"),
        machine=loose.settings(known, "machine"),
        recipe=tuple(
            pair
            for part in (recipe, "settings")
            for pair in loose.settings(known, part)
            if pair[0] != "seed"
        ),
        unfreeze=loose.text(known, "unfreeze"),
        classes=loose.size(known, "classes"),
        given=tuple(
            Given(loose.text(source, "folder"), loose.whole(source, "pictures"))
            for source in loose.listed(known, "data", "sources")
            if loose.text(source, "folder")
        ),
        shown=loose.whole(known, "data", "shown"),
        held_out=loose.whole(known, "data", "held_out"),
        accuracy=loose.share(known, "classification", "accuracy"),
        report=loose.text(known, "retrieval", "report"),
        answer=loose.text(known, "retrieval", "answer"),
        changes=tuple(_changes(known)),
        found=tuple(_found(known)),
    )


def _changes(known: dict[str, Any]) -> Iterator[Change]:
    for change in loose.listed(known, "retrieval", "exact"):
        before, after = (_bounds(change, when) for when in ("before", "after"))
        if not math.isnan(before[0] + after[0]):
            measure, verdict = loose.text(change, "measure"), loose.text(change, "verdict")
            yield Change(measure, before, after, verdict)


def _bounds(change: Any, when: str) -> tuple[float, float, float]:
    """Read a mean and the bounds of its interval, NaN where there are none."""
    values = loose.listed(change, when)
    mean, low, high = (
        loose.number({"value": value}, "value") for value in (*values[:3], *[None] * 3)[:3]
    )
    return mean, low, high


def _found(known: dict[str, Any]) -> Iterator[Found]:
    for retrieval in loose.listed(known, "found", "retrievals"):
        for way in ("student", "teacher", "thumbnail"):
            share = loose.share(retrieval, way, "precision_at_1")
            if not math.isnan(share):
                yield Found(loose.text(retrieval, "folder"), way, share)
