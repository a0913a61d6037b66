"""Draws shares as bars, each with its number and its interval written beside it."""

from collections.abc import Mapping
from pathlib import Path

from indexer.evaluation.reporting import drawing
from indexer.evaluation.reporting.model import Figure, Mean
from indexer.evaluation.reporting.words import percent, percents, plain

WIDTH = 4.6
"""In inches: so narrow that a phone shows it whole."""

BESIDE = 103
"""Where numbers stand, in percent of the axis."""


def share_bars(
    folder: Path,
    name: str,
    caption: str,
    series: Mapping[str, Mapping[str, Mean | None]],
) -> Figure:
    """Draw a bar of each group in each series, from 0 to 100 percent.

    Args:
        folder: of the report.
        name, caption: of the figure.
        series: name of a series -> name of a group -> the mean; None where there is none.
    """
    groups = list(dict.fromkeys(group for of in series.values() for group in of))
    thick = 0.8 / max(1, len(series))
    with drawing.drawing():
        height = 0.7 + 0.22 * len(series) + max(0.36, 0.22 * len(series)) * len(groups)
        figure, (axes,) = drawing.new_figure(WIDTH, height)
        for at, (title, means) in enumerate(series.items()):
            shift = (at - (len(series) - 1) / 2) * thick
            known = [
                (row + shift, mean) for row, group in enumerate(groups) if (mean := means[group])
            ]
            axes.barh(
                [place for place, _ in known],
                [100 * mean.value for _, mean in known],
                thick * 0.86,
                label=plain(title, 40),
                xerr=(
                    [max(0.0, 100 * (mean.value - mean.low)) for _, mean in known],
                    [max(0.0, 100 * (mean.high - mean.value)) for _, mean in known],
                ),
                ecolor=drawing.INK,
                capsize=2.5,
                **drawing.bar_style(at),
            )
            for place, mean in known:
                axes.text(BESIDE, place, _written(mean), va="center", clip_on=False)
        axes.set_yticks(range(len(groups)), [plain(group, 28) for group in groups])
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xticks(range(0, 101, 25), [f"{share} %" for share in range(0, 101, 25)])
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        if len(series) > 1:
            drawing.legend_below(figure, axes, columns=2)
        return drawing.finish(folder, name, caption, _told(series), figure)


def _written(mean: Mean) -> str:
    """Write a share with its interval: "78 % (75 to 81)"."""
    ends = percents(mean)
    return f"{percent(mean.value)} ({ends})" if ends else percent(mean.value)


def _told(series: Mapping[str, Mapping[str, Mean | None]]) -> str:
    """Say in words what the bars show."""
    said = []
    for title, means in series.items():
        shares = ", ".join(
            f"{plain(group)} {_written(mean)}" for group, mean in means.items() if mean
        )
        said.append(f"{plain(title)}: {shares}." if len(series) > 1 else f"{shares}.")
    return f"Bars, with 95 % intervals. {' '.join(said)}"
