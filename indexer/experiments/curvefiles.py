"""Reads the curve of a training back, as far as it can be read."""

import csv
import math
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from indexer.experiments import loose
from indexer.files import read_regular
from models.training.checkpoints import Epoch

MAX_BYTES = 4 * 2**20


def read_curve(file: Path) -> tuple[tuple[Epoch, ...], str]:
    """Read curve.csv.

    Args:
        file: it; none is an empty curve.

    Returns:
        its epochs in the order of their numbers, NaN for what is not known of them, and what is
        wrong with the file, or "".
    """
    try:
        content, _ = read_regular(file, MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return (), ""
    except OSError:
        return (), f"{file.name} cannot be read, so that the curve is not known."
    epochs: dict[int, Epoch] = {}
    lost = 0
    for line in _lines(content.decode("utf-8", "replace")):
        epoch = _epoch(line)
        if epoch is None or epoch.number in epochs:
            lost += 1
        else:
            epochs[epoch.number] = epoch
    curve = tuple(epochs[number] for number in sorted(epochs))
    if not lost:
        return curve, "" if curve else f"{file.name} holds no epoch."
    lines = "line is" if lost == 1 else "lines are"
    return curve, f"{file.name} is damaged: {lost:,} {lines} left out."


def best_of(curve: Sequence[Epoch]) -> Epoch | None:
    """Return the first epoch of the smallest loss, held out where that is known of any."""
    for name in ("held_out", "loss"):
        known = [epoch for epoch in curve if not math.isnan(getattr(epoch, name))]
        if known:
            return min(known, key=lambda epoch: float(getattr(epoch, name)))
    return None


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
