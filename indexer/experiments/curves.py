"""Draws how a training goes: the learning curve as a table and as a picture."""

import csv
import math
from collections.abc import Sequence
from dataclasses import astuple, fields
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.files import write_atomically
from models.training.checkpoints import Epoch

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEARNT, HELD_OUT, QUIET = "#1f6f8b", "#d1793b", "#777777"


def write_curve(folder: Path, curve: Sequence[Epoch]) -> None:
    """Write curve.csv and curve.png; whoever reads meanwhile sees the ones before, or these.

    Args:
        folder: receives the files.
        curve: the epochs so far.
    """
    write_atomically(folder / "curve.csv", _table(curve).encode())
    write_atomically(folder / "curve.png", _drawn(curve))


def _table(curve: Sequence[Epoch]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(Epoch)])
    for epoch in curve:
        writer.writerow("" if math.isnan(value) else value for value in astuple(epoch))
    return text.getvalue()


def _drawn(curve: Sequence[Epoch]) -> bytes:
    """Return the curve as a PNG file; no window system is needed."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8, 4.5), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    numbers = [epoch.number for epoch in curve]
    axes.plot(numbers, [e.loss for e in curve], color=LEARNT, marker=".", label="learnt from")
    held_out = [epoch.held_out for epoch in curve]
    if not all(map(math.isnan, held_out)):
        axes.plot(numbers, held_out, color=HELD_OUT, marker=".", label="held out")
    _mark_sizes(axes, curve)
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    content = BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def _mark_sizes(axes: "Axes", curve: Sequence[Epoch]) -> None:
    """Mark where the crops become larger: the task changes there, and the loss may jump."""
    size = 0
    for epoch in curve:
        if epoch.size != size:
            size = epoch.size
            axes.axvline(epoch.number, color=QUIET, alpha=0.25, linewidth=0.8)
            place = (epoch.number, 1.0)
            axes.annotate(
                f"{size} px",
                place,
                xycoords=("data", "axes fraction"),
                xytext=(2, 2),
                textcoords="offset points",
                fontsize=8,
                color=QUIET,
            )
