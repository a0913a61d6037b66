"""The section that says how far pictures lie apart, over all and by class."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indexer.evaluation.reporting import drawing
from indexer.evaluation.reporting.model import Block, Cell, Column, Figure, Section, Table
from indexer.evaluation.reporting.tables import folded
from indexer.evaluation.reporting.words import number, plain
from indexer.evaluation.spread import Apart, Histogram, Scatter, Spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ABOUT = (
    "How far two different pictures of the gallery lie apart in the features of each system, on "
    "average. Distances of different systems have different scales: what tells is how far "
    "pictures of one class lie apart, beside pictures of different classes."
)
FIRST_DRAWN = 2
"""Histograms that are shown at once, side by side."""
_MEANS = (
    Column("mean Euclidean distance", "number", help="Of the features as they are."),
    Column("mean cosine similarity", "number", help="1 where two features have one direction."),
)


def distances_section(spreads: Mapping[str, Spread], folder: Path) -> Section:
    """Make tables and histograms of the distances between pictures.

    Args:
        spreads: by the names of the systems.
        folder: of the report, which figures are written to.
    """
    blocks: list[Block] = [
        histograms(folder, f"distances-{at}" if at > 1 else "distances", system, spread)
        for at, (system, spread) in enumerate(spreads.items(), 1)
    ]
    at_once = min(FIRST_DRAWN, len(blocks)) + 2
    blocks[at_once - 2 : at_once - 2] = [distances_table(spreads), kinds_table(spreads)]
    if any(spread.classes for spread in spreads.values()):
        blocks.append(by_class_table(spreads))
    return Section("distances", "Distances between pictures", (ABOUT,), tuple(blocks), at_once)


def distances_table(spreads: Mapping[str, Spread]) -> Table:
    """Return the means over all pairs: a row for each system."""
    columns = (Column("system"), *_MEANS, Column("pictures", "count"), Column("pairs", "count"))
    rows = tuple(
        (plain(system), *_cells(spread.everything), spread.everything.pairs)
        for system, spread in spreads.items()
    )
    drawn = not all(spread.everything.exact for spread in spreads.values())
    note = "Pairs were drawn by lot, because there are too many to measure all." if drawn else ""
    return Table("distances", "Mean distances", columns, rows, note)


def kinds_table(spreads: Mapping[str, Spread]) -> Table:
    """Return how distances are scattered: a row for each system and kind of pairs."""
    columns = (
        Column("system"),
        Column("pairs of pictures", help="Other pairs are of two classes, or with none."),
        Column("pairs", "count"),
        *(
            Column(f"{of}: {what}", "number")
            for of in ("distance", "cosine")
            for what in ("mean", "deviation", "5 %", "50 %", "95 %")
        ),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            plain(system),
            kind.name,
            kind.pairs,
            *_scattered(kind.distances),
            *_scattered(kind.similarities),
        )
        for system, spread in spreads.items()
        for kind in spread.kinds
        if kind.pairs
    )
    note = "The standard deviation, and the quantiles of 5, 50 and 95 % of the measured pairs."
    return Table("distances-by-kind", "Distances within and between classes", columns, rows, note)


def _scattered(scatter: Scatter) -> tuple[float, ...]:
    return scatter.mean, scatter.deviation, scatter.low, scatter.middle, scatter.high


def by_class_table(spreads: Mapping[str, Spread]) -> Table:
    """Return the means over the pairs within each class: a row for each system and class."""
    several = len(spreads) > 1
    rows: list[tuple[Cell, ...]] = []
    for system, spread in spreads.items():
        named = (plain(system),) if several else ()
        rows += [(*named, plain(each.label), *_cells(each)) for each in spread.classes]
    system_column = (Column("system"),) if several else ()
    columns = (*system_column, Column("class"), *_MEANS, Column("pictures", "count"))
    at_once = folded(len(rows), len(next(iter(spreads.values())).classes))
    caption = "Mean distances within each class"
    return Table("distances-by-class", caption, columns, tuple(rows), shown=at_once)


def histograms(folder: Path, name: str, system: str, spread: Spread) -> Figure:
    """Draw how often pairs of one class, and of different ones, lie how far apart."""
    shown = (
        ("Euclidean distance", spread.distances),
        ("cosine similarity", spread.similarities),
    )
    with drawing.drawing():
        figure, panels = drawing.new_figure(7.2, 3.4, 2)
        for axes, (label, histogram) in zip(panels, shown, strict=True):
            _plot(axes, histogram)
            axes.set(xlabel=label, ylabel="share of the pairs")
            axes.grid(axis="y")
        drawing.legend_below(figure, panels[0])
        told = [_told(label, histogram) for label, histogram in shown]
        alt = f"Histograms of the distances between pictures. {' '.join(told)}"
        caption = f"Distances between pictures: {plain(system)}"
        return drawing.finish(folder, name, caption, alt, figure)


def _plot(axes: "Axes", histogram: Histogram) -> None:
    for at, (label, counts) in enumerate(_series(histogram).items()):
        style = drawing.line_style(at, at)
        shares = counts / counts.sum()
        axes.stairs(shares, histogram.edges, fill=True, alpha=0.25, color=style["color"])
        axes.stairs(
            shares,
            histogram.edges,
            color=style["color"],
            linestyle=style["linestyle"],
            linewidth=1.5,
            label=label,
        )
    # Of a wide axis that most of the pairs leave empty, only where there are some is shown.
    filled = np.flatnonzero(histogram.same + histogram.other)
    if len(filled):
        axes.set_xlim(histogram.edges[filled[0]], histogram.edges[filled[-1] + 1])
    axes.set_ylim(bottom=0)


def _series(histogram: Histogram) -> dict[str, np.ndarray]:
    """Return the counts of the kinds of pairs that there are."""
    known = {"pairs of one class": histogram.same, "pairs of two classes": histogram.other}
    if not histogram.same.any():
        known = {"all pairs": histogram.other}
    return {label: counts for label, counts in known.items() if counts.any()}


def _told(label: str, histogram: Histogram) -> str:
    """Say in words between what values pairs lie, and where most of each kind do."""
    middles = (histogram.edges[:-1] + histogram.edges[1:]) / 2
    parts = []
    for kind, counts in _series(histogram).items():
        filled, most = np.flatnonzero(counts), int(counts.argmax())
        low, high = histogram.edges[filled[0]], histogram.edges[filled[-1] + 1]
        parts.append(
            f"{kind} lie between {number(float(low))} and {number(float(high))}, most often "
            f"around {number(float(middles[most]))}"
        )
    return f"By {label}: {'; '.join(parts)}." if parts else f"By {label}: no pair."


def _cells(apart: Apart) -> tuple[Cell, ...]:
    """Return the cells of _MEANS and the number of pictures; none where there is no pair."""
    means = (apart.distance, apart.similarity) if apart.pairs else (None, None)
    return (*means, apart.pictures)
