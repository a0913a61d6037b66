"""Draws means side by side as bars, with their intervals."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from indexer.evaluation.reporting import drawing
from indexer.evaluation.reporting.model import Figure, Mean
from indexer.evaluation.reporting.words import Kind, number, plain

MOST_GROUPS = 30


def comparison_bars(
    folder: Path,
    name: str,
    caption: str,
    series: Mapping[str, Mapping[str, Mean | None]],
    *,
    label: str,
    kind: Kind = "share",
) -> Figure:
    """Draw a group of bars for each thing compared, and in each a bar for each series.

    Args:
        folder: of the report.
        name, caption: of the figure.
        series: name of a series -> name of a group -> the mean; None where there is none.
        label: of what is measured.
        kind: of the means.
    """
    groups = list(dict.fromkeys(group for of in series.values() for group in of))[:MOST_GROUPS]
    thick = 0.8 / max(1, len(series))
    with drawing.drawing():
        height = 1.2 + 0.11 * len(series) + max(0.42, 0.24 * len(series)) * len(groups)
        figure, (axes,) = drawing.new_figure(6.4, height)
        for at, (title, means) in enumerate(series.items()):
            shift = (at - (len(series) - 1) / 2) * thick
            known = [(row, means[group]) for row, group in enumerate(groups) if means.get(group)]
            there = [(row + shift, mean) for row, mean in known if mean is not None]
            axes.barh(
                [place for place, _ in there],
                [mean.value for _, mean in there],
                thick * 0.92,
                label=plain(title, 40),
                xerr=(
                    [max(0.0, mean.value - mean.low) for _, mean in there],
                    [max(0.0, mean.high - mean.value) for _, mean in there],
                ),
                ecolor=drawing.INK,
                capsize=2.5,
                **drawing.bar_style(at),
            )
        axes.set_yticks(range(len(groups)), [plain(group, 28) for group in groups])
        axes.invert_yaxis()
        axes.set_xlabel(label)
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        if len(series) > 1:
            drawing.legend_below(figure, axes, columns=2)
        alt = f"Bars of {label}, with 95 % intervals. {_told(series, groups, kind)}"
        return drawing.finish(folder, name, caption, alt, figure)


def _told(
    series: Mapping[str, Mapping[str, Mean | None]], groups: Sequence[str], kind: Kind
) -> str:
    """Say in words what the ends of each series are."""
    said = []
    for title, means in series.items():
        found = [(group, mean) for group in groups if (mean := means.get(group)) is not None]
        if not found:
            continue
        most = max(found, key=lambda each: each[1].value)
        least = min(found, key=lambda each: each[1].value)
        told = f"{plain(title)}: highest {number(most[1].value, kind)} for {plain(most[0])}"
        if len(found) > 1:
            told += f", lowest {number(least[1].value, kind)} for {plain(least[0])}"
        said.append(f"{told}.")
    return " ".join(said)
