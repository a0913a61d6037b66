"""Reads the curve of a training back, as far as it can be read."""

import csv
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any

from indexer.experiments.runs import loose
from indexer.experiments.runs.files import CURVE
from indexer.files import read_regular
from models.training.checkpoints import Epoch, best_of

MAX_BYTES = 4 * 2**20
MOST_EPOCHS = 200  # that a page shows
REMEMBERED = 128  # curves that a process keeps
_UNREADABLE = f"{CURVE} cannot be read, so that the curve is not known."


def stored_curve(folder: Path) -> tuple[tuple[Epoch, ...], str]:
    """Read the curve in a run's folder.

    A file that has not changed is not read again. Of very many epochs some are returned, evenly
    apart: the first, the last and the one of the smallest loss among them.

    Args:
        folder: of the run; without a curve that is empty.

    Returns:
        epochs in the order of their numbers, NaN for what is not known of them, and what is wrong
        with the file, or "".
    """
    file = folder / CURVE
    try:
        status = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return (), ""
    except OSError:
        return (), _UNREADABLE
    return _remembered(file, status.st_ino, status.st_mtime_ns, status.st_size)


@lru_cache(REMEMBERED)
def _remembered(file: Path, inode: int, mtime_ns: int, size: int) -> tuple[tuple[Epoch, ...], str]:
    try:
        content, _ = read_regular(file, MAX_BYTES)
    except OSError:
        return (), _UNREADABLE
    epochs: dict[int, Epoch] = {}
    lost = 0
    for line in _lines(content.decode("utf-8", "replace")):
        epoch = _epoch(line)
        if epoch is None or epoch.number in epochs:
            lost += 1
        else:
            epochs[epoch.number] = epoch
    curve = _thinned([epochs[number] for number in sorted(epochs)])
    if not lost:
        return curve, "" if curve else f"{CURVE} holds no epoch."
    lines = "line is" if lost == 1 else "lines are"
    return curve, f"{CURVE} is damaged: {lost:,} {lines} left out."


def _thinned(curve: Sequence[Epoch]) -> tuple[Epoch, ...]:
    step = math.ceil(len(curve) / MOST_EPOCHS)
    if step <= 1:
        return tuple(curve)
    some = {epoch.number: epoch for epoch in (*curve[::step], curve[-1])}
    if best := best_of(curve):
        some[best.number] = best
    return tuple(some[number] for number in sorted(some))


def _lines(text: str) -> Iterator[dict[Any, Any] | None]:
    """Return the lines by the names of their columns; None for what is no line."""
    try:
        yield from csv.DictReader(StringIO(text, newline=""))
    except csv.Error:
        yield None


def _epoch(line: dict[Any, Any] | None) -> Epoch | None:
    if line is None or None in line or None in line.values():  # too long, or cut off
        return None
    number = loose.whole(line, "number")
    loss, held_out = loose.number(line, "loss"), loose.number(line, "held_out")
    right, held_out_right = loose.share(line, "right"), loose.share(line, "held_out_right")
    if not number or all(map(math.isnan, (loss, held_out, right, held_out_right))):
        return None
    return Epoch(
        number=number,
        size=loose.whole(line, "size"),
        loss=loss,
        held_out=held_out,
        seconds=loose.number(line, "seconds"),
        right=None if math.isnan(right) else right,
        held_out_right=None if math.isnan(held_out_right) else held_out_right,
    )
