"""Draws how a training goes: the learning curve as a table and as a picture."""

import csv
import math
from collections.abc import Sequence
from dataclasses import astuple, fields
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.experiments.runs.files import CURVE, DRAWING
from indexer.experiments.telling.curvewords import ACCURACY, is_steep
from indexer.files import write_atomically
from models.training.checkpoints import Epoch, best_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEARNT, HELD_OUT, QUIET = "#1f6f8b", "#d1793b", "#777777"


def write_curve(folder: Path, curve: Sequence[Epoch], right: str = ACCURACY) -> None:
    """Write curve.csv and curve.png; whoever reads meanwhile sees the ones before, or these.

    Args:
        folder: receives the files.
        curve: the epochs so far.
        right: what is counted as right in them.
    """
    write_atomically(folder / CURVE, _table(curve).encode())
    write_atomically(folder / DRAWING, _drawn(curve, right))


def _table(curve: Sequence[Epoch]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(Epoch)])
    for epoch in curve:
        writer.writerow("" if _is_none(value) else value for value in astuple(epoch))
    return text.getvalue()


def _is_none(value: float | None) -> bool:
    return value is None or math.isnan(value)


def _drawn(curve: Sequence[Epoch], right: str) -> bytes:
    """Return the curve as a PNG file; no window system is needed."""
    from matplotlib.figure import Figure

    losses = ([epoch.loss for epoch in curve], [epoch.held_out for epoch in curve])
    shares = (
        [_or_nan(epoch.right) for epoch in curve],
        [_or_nan(epoch.held_out_right) for epoch in curve],
    )
    panels = 1 if all(map(math.isnan, shares[0])) else 2
    figure = Figure(figsize=(8 if panels == 1 else 12, 4.5), dpi=120, layout="constrained")
    axes = figure.add_subplot(1, panels, 1)
    _draw_lines(axes, curve, *losses, "loss")
    if is_steep([value for values in losses for value in values]):
        _make_logarithmic(axes)
    _mark_sizes(axes, curve)
    if panels == 2:
        _draw_lines(figure.add_subplot(1, 2, 2), curve, *shares, right)
    content = BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def _draw_lines(
    axes: "Axes",
    curve: Sequence[Epoch],
    learnt: Sequence[float],
    held_out: Sequence[float],
    label: str,
) -> None:
    from matplotlib.ticker import MaxNLocator

    numbers = [epoch.number for epoch in curve]
    axes.plot(numbers, learnt, color=LEARNT, marker=".", label="learnt from")
    chosen = learnt
    if not all(map(math.isnan, held_out)):
        axes.plot(numbers, held_out, color=HELD_OUT, marker=".", label="held out")
        chosen = held_out
    if best := best_of(curve):
        _ring(axes, best.number, chosen[curve.index(best)])
    axes.set_xlabel("epoch")
    axes.set_ylabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)


def _ring(axes: "Axes", number: int, value: float) -> None:
    """Mark the epoch of the smallest loss, as the page does."""
    axes.plot(
        [number],
        [value],
        linestyle="none",
        marker="o",
        markersize=11,
        markerfacecolor="none",
        markeredgecolor="black",
        label="smallest loss",
    )


def _make_logarithmic(axes: "Axes") -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_locator(LogLocator(subs=()))


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


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
