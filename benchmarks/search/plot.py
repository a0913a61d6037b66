"""Draws recall against queries a second, a line for each curve."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.search.curves import Point, front
from benchmarks.search.entrants import OURS
from benchmarks.search.measuring import Figures

LEAST = 0.5  # recall from which on the axis shows more of the end


def draw(found: Sequence[Figures], title: str, file: Path) -> None:
    """Write the curves as an SVG file; the recall's axis grows towards 1."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    colours = colormaps["tab20"]
    figure = Figure(figsize=(9, 6), layout="constrained")
    axes = figure.subplots()
    names = dict.fromkeys(each.entry.contender.curve for each in found)
    for number, name in enumerate(sorted(names, key=lambda name: name != OURS)):
        points = [each.point for each in found if each.entry.contender.curve == name]
        best = [points[place] for place in front(points)]
        axes.plot(
            [missed(point) for point in best],
            [point.speed for point in best],
            marker="osD^v<>P*X"[number % 10],
            linewidth=2.5 if name == OURS else 1,
            color="black" if name == OURS else colours(number),
            label=name,
        )
    ticks = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002)
    axes.set(xscale="log", yscale="log", xlabel="recall", ylabel="queries a second")
    axes.set_xticks(ticks, [f"{1 - tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlim(LEAST, ticks[-1] / 1.2)
    axes.grid(alpha=0.3)
    figure.suptitle(title, fontsize="medium", wrap=True)
    figure.legend(loc="outside right upper", fontsize="small")
    figure.savefig(file, format="svg", metadata={"Date": None})


def missed(point: Point) -> float:
    """Return the share of neighbours that a point misses, at least what the axis shows."""
    return max(1 - point.recall, 0.002)
