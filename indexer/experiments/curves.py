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
        writer.writerow("" if _is_none(value) else value for value in astuple(epoch))
    return text.getvalue()


def _is_none(value: float | None) -> bool:
    return value is None or math.isnan(value)


def _drawn(curve: Sequence[Epoch]) -> bytes:
    """Return the curve as a PNG file; no window system is needed."""
    from matplotlib.figure import Figure

    right = [math.nan if epoch.right is None else epoch.right for epoch in curve]
    held_out_right = [
        math.nan if epoch.held_out_right is None else epoch.held_out_right for epoch in curve
    ]
    panels = 1 if all(map(math.isnan, right)) else 2
    figure = Figure(figsize=(8 if panels == 1 else 12, 4.5), dpi=120, layout="constrained")
    losses = figure.add_subplot(1, panels, 1)
    numbers = [epoch.number for epoch in curve]
    held_out = [epoch.held_out for epoch in curve]
    _draw_lines(losses, numbers, [epoch.loss for epoch in curve], held_out, "loss")
    _mark_sizes(losses, curve)
    if panels == 2:
        _draw_lines(figure.add_subplot(1, 2, 2), numbers, right, held_out_right, "share right")
    content = BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def _draw_lines(
    axes: "Axes",
    numbers: Sequence[int],
    learnt: Sequence[float],
    held_out: Sequence[float],
    label: str,
) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.plot(numbers, learnt, color=LEARNT, marker=".", label="learnt from")
    if not all(map(math.isnan, held_out)):
        axes.plot(numbers, held_out, color=HELD_OUT, marker=".", label="held out")
    axes.set_xlabel("epoch")
    axes.set_ylabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)


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
