"""Plots lines that are told apart by more than their colour, and says in words how they go."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from indexer.evaluation.reporting import drawing
from indexer.evaluation.reporting.words import Kind, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

MOST_TOLD = 6
"""Lines that are all described in words; of more, the highest and the lowest are."""

LEAST_FACTOR = 4
"""Between the values of an axis that is drawn logarithmically."""

WIDE_FACTOR = 200
"""Beyond which such an axis shows powers of ten alone."""

Line = tuple[str, list[tuple[float, float]]]
"""A name, and its points (x, y), ordered by x."""


def logarithmic(axis: "Axis", set_scale: Callable[[str], None], values: Sequence[float]) -> None:
    """Give an axis a logarithmic scale with round numbers, if its values differ so much.

    Args:
        axis: of counts.
        set_scale: of the axes, for this axis.
        values: that it shows.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if not 0 < LEAST_FACTOR * min(values, default=0) <= max(values, default=0):
        return
    set_scale("log")
    wide = max(values) > WIDE_FACTOR * min(values)
    axis.set_major_locator(LogLocator(subs=(1,) if wide else (1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axis.set_minor_formatter(NullFormatter())


def plot(axes: "Axes", lines: Sequence[Line], label: str, *, joined_up: bool = True) -> None:
    """Plot lines, told apart by colour where the last parameter differs, by mark where the first.

    So the lines of h = 2 have one marker and those of w = 4 one colour.
    """
    from matplotlib.ticker import MaxNLocator

    firsts = list(dict.fromkeys(name.split(", ")[0] for name, _ in lines))
    lasts = list(dict.fromkeys(name.split(", ")[-1] for name, _ in lines))
    for name, points in lines:
        first, last = firsts.index(name.split(", ")[0]), lasts.index(name.split(", ")[-1])
        xs, ys = [x for x, _ in points], [y for _, y in points]
        style = drawing.line_style(last, first)
        axes.plot(xs, ys, label=name, **(style if joined_up else {**style, "linestyle": "none"}))
    axes.set_xlabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid()


def described(lines: Sequence[Line], x: str, kind: Kind) -> str:
    """Say in words how lines go: all of them, or the highest and the lowest of many."""
    chosen = list(lines)
    if len(lines) > MOST_TOLD:
        highest = max(lines, key=lambda line: max(y for _, y in line[1]))
        lowest = min(lines, key=lambda line: min(y for _, y in line[1]))
        chosen = [highest, lowest]
    told = " ".join(_told(name, x, points, kind) for name, points in chosen)
    return told if len(chosen) == len(lines) else f"Of {len(lines)}, the highest and lowest: {told}"


def _told(name: str, x: str, points: list[tuple[float, float]], kind: Kind) -> str:
    """Say in words how a line goes: its ends, and its extremes where these are beyond them."""
    (start, first), (end, last) = points[0], points[-1]
    said = f"{name}: {number(first, kind)} at {x} = {start:g}"
    if len(points) > 1:
        said += f", {number(last, kind)} at {x} = {end:g}"
        ends = {number(first, kind), number(last, kind)}
        for word, (place, value) in (
            ("highest", max(points, key=lambda each: each[1])),
            ("lowest", min(points, key=lambda each: each[1])),
        ):
            if number(value, kind) not in ends:
                said += f", {word} {number(value, kind)} at {x} = {place:g}"
    return said + "."
