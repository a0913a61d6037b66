"""Reads what a run's record says, whatever training wrote it; what is missing stays open."""

import json
import math
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from indexer.experiments.reading import parts
from indexer.experiments.reading.parts import ClassCount, Classified, Found, Given
from indexer.experiments.runs import loose
from indexer.experiments.runs.changes import HELD_OUT, Change, Codes, Triplets
from indexer.experiments.runs.files import MAX_RECORD_BYTES, RECORD
from indexer.experiments.telling.curvewords import DISTILLATION
from indexer.files import read_regular
from indexer.types import Count

REMEMBERED = 128  # records that a process keeps

Setting = tuple[str, str]


@dataclass(frozen=True)
class Record:
    """What run.json says; "", 0 or NaN stands for what it does not say.

    Attributes:
        state: "running" until the run is finished, also while nobody is at work on it.
        method: how the network learns.
        network: that learns.
        pooling: of its last map.
        size: side of its input, in pixels.
        crop: what it sees of each picture; "" for all of it.
        weights: name of the file that it began with, or "none".
        begun, ended: UTC, ISO 8601.
        command: what was typed.
        precision: it computes in.
        seed: of all chance.
        epochs: at most.
        kept: number of the epoch whose weights are kept.
        seconds: that the learning took.
        machine: names and values.
        recipe: names and values of what the training depends on.
        variants: of each picture that are shown, beside itself.
        unfreeze: the first layer that is trained, or "" for all.
        fresh: layers that were drawn anew.
        given: the pictures.
        classes: how many pictures there are of each.
        shown, held_out: how many are learnt from, and only measured with.
        test: how many are kept apart from both.
        unused: usable pictures that are not learnt from, by cause.
        rejected: files that cannot be used, by reason.
        classified: how well classes are told.
        triplets: that are ranked right.
        report: name of the one that tells what came of it.
        before: what it is compared with, in words.
        verdict: whether retrieval is better: "better", "no difference" or "worse".
        changes: of what exact search finds before and after.
        lsh: of what the index of a build finds.
        asked: which pictures asked: "held out" or "test".
        codes: what hash codes keep, or None.
        found: what a student finds, beside others.
        head: the dense layers that are kept over the pooled feature.
        bytes: size of the weight file that is left.
        sha256: of that file, in hexadecimal.
        parameters: how many numbers it holds.
        problem: why the file cannot be read, or "".
    """

    state: str = ""
    method: str = ""
    network: str = ""
    pooling: str = ""
    size: int = 0
    crop: str = ""
    weights: str = ""
    begun: str = ""
    ended: str = ""
    command: str = ""
    precision: str = ""
    seed: str = ""
    epochs: int = 0
    kept: int = 0
    seconds: float = math.nan
    machine: tuple[Setting, ...] = ()
    recipe: tuple[Setting, ...] = ()
    variants: int = 0
    unfreeze: str = ""
    fresh: tuple[str, ...] = ()
    given: tuple[Given, ...] = ()
    classes: tuple[ClassCount, ...] = ()
    shown: int = 0
    held_out: int = 0
    test: int = 0
    unused: tuple[Count, ...] = ()
    rejected: tuple[Count, ...] = ()
    classified: Classified = field(default_factory=Classified)
    triplets: Triplets = field(default_factory=lambda: Triplets(None, None))
    report: str = ""
    before: str = ""
    verdict: str = ""
    changes: tuple[Change, ...] = ()
    lsh: tuple[Change, ...] = ()
    asked: str = HELD_OUT
    codes: Codes | None = None
    found: tuple[Found, ...] = ()
    head: str = ""
    bytes: int = 0
    sha256: str = ""
    parameters: int = 0
    problem: str = field(default="", repr=False)

    @property
    def asking(self) -> int:
        """Return how many pictures tell what was learnt."""
        return self.test or self.held_out


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
        content, _ = read_regular(path, MAX_RECORD_BYTES)
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
        method=loose.text(known, "method") or (DISTILLATION if "teacher" in known else ""),
        network=loose.text(known, "encoder", "network") or loose.text(known, "student"),
        pooling=loose.text(known, "encoder", "pooling"),
        size=loose.whole(known, "encoder", "size"),
        crop=loose.text(known, "encoder", "crop"),
        weights=parts.file_name(known, "encoder", "weights"),
        begun=loose.text(known, "begun"),
        ended=loose.text(known, "ended"),
        command=loose.text(known, "command"),
        precision=loose.text(known, "precision"),
        seed=dict(loose.settings({"of": {"seed": seed}}, "of")).get("seed", ""),
        epochs=loose.whole(known, recipe, "epochs"),
        kept=loose.whole(known, "best"),
        seconds=loose.number(known, "seconds"),
        machine=loose.settings(known, "machine"),
        recipe=tuple(
            pair
            for part in (recipe, "settings")
            for pair in loose.settings(known, part)
            if pair[0] != "seed"
        ),
        variants=loose.whole(known, "variants"),
        unfreeze=loose.text(known, "unfreeze"),
        fresh=tuple(parts.texts(known, "fresh")),
        given=tuple(parts.given(known)),
        classes=tuple(parts.class_counts(known)),
        shown=loose.whole(known, "data", "shown"),
        held_out=loose.whole(known, "data", "held_out"),
        test=loose.whole(known, "test"),
        unused=tuple(parts.unused(known)),
        rejected=tuple(parts.rejected(known)),
        classified=parts.classified(known),
        triplets=parts.triplets(known),
        report=loose.text(known, "retrieval", "report"),
        before=loose.text(known, "retrieval", "before"),
        verdict=loose.text(known, "retrieval", "verdict"),
        changes=tuple(parts.changes(known, "exact")),
        lsh=tuple(parts.changes(known, "lsh")),
        asked=loose.text(known, "retrieval", "asked") or HELD_OUT,
        codes=parts.codes(known),
        found=tuple(parts.found(known)),
        head=loose.text(known, "feature", "head"),
        bytes=loose.whole(known, "bytes"),
        sha256=loose.text(known, "sha256"),
        parameters=loose.whole(known, "parameters"),
    )
