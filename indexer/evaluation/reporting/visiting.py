"""Sets what searches find against how many pictures they visit, for each system of a grid."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from indexer.evaluation.findings import Findings
from indexer.evaluation.measures import measure_of
from indexer.evaluation.remarks import counted
from indexer.evaluation.reporting import drawing
from indexer.evaluation.reporting.lines import logarithmic
from indexer.evaluation.reporting.model import Figure
from indexer.evaluation.reporting.words import joined, number, plain, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_LABELS = 4
Item = TypeVar("Item")


def against_visited(
    by_system: Mapping[str, Sequence[Findings]], folder: Path, headline: str, name: str
) -> Figure:
    """Draw recall, and the headline, of each setting of each system against what it visits.

    Each system has its colour and mark; a line joins the settings that no other of it betters.

    Args:
        by_system: the findings of each system, by one metric.
        folder: of the report.
        headline: a measure, by its name.
        name: of the figure.
    """
    alone, alts = len(by_system) == 1, []
    with drawing.drawing():
        figure, panels = drawing.new_figure(9.0, 4.4, 2)
        for axes, measure in zip(panels, ("recall", headline), strict=True):
            of = measure_of(measure)
            alts.append(f"Points of {within(of.title)} against pictures visited.")
            for at, (system, findings) in enumerate(by_system.items()):
                best = front(findings, measure)
                _plot(axes, findings, best, measure, plain(system), at)
                if alone:
                    _label(axes, best, measure)
                alts.append(_told(system, findings, best, measure))
            axes.set(xlabel="pictures visited", ylabel=of.title)
            axes.margins(x=0.12, y=0.1)
            axes.grid()
            visited = [mean_of(each, "visited") for some in by_system.values() for each in some]
            logarithmic(axes.xaxis, axes.set_xscale, visited)
        drawing.legend_below(figure, panels[0], columns=2)
        metric = next(iter(by_system.values()))[0].way.metric
        said = f"Recall and {measure_of(headline).title} against pictures visited, {metric}"
        return drawing.finish(folder, name, said, " ".join(alts), figure)


def front(findings: Sequence[Findings], measure: str) -> list[Findings]:
    """Return those that find more than all that visit no more, by what they visit."""
    best: list[Findings] = []
    for each in sorted(findings, key=lambda f: (mean_of(f, "visited"), -mean_of(f, measure))):
        if not best or mean_of(each, measure) > mean_of(best[-1], measure):
            best.append(each)
    return best


def mean_of(found: Findings, measure: str) -> float:
    """Return the mean over queries, NaN where there is none."""
    values = found.measures.get(measure)
    finite = np.zeros(0) if values is None else values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else float("nan")


def setting(found: Findings, keys: Sequence[str] = ("g", "h", "w"), between: str = ", ") -> str:
    """Say a setting: "g = 5, h = 2"."""
    equals = "=" if between == " " else " = "
    return between.join(f"{key}{equals}{value_of(found, key):g}" for key in keys)


def value_of(found: Findings, key: str) -> float:
    """Return a parameter of a setting."""
    return float(str(found.way.parameters[key]))


def spaced(items: list[Item], count: int) -> list[Item]:
    """Return `count` of some items at most, evenly spaced, the first and the last among them."""
    if len(items) <= count:
        return items
    return [items[at] for at in np.linspace(0, len(items) - 1, count).round().astype(int)]


def _plot(
    axes: "Axes",
    findings: Sequence[Findings],
    best: Sequence[Findings],
    measure: str,
    label: str,
    number: int,
) -> None:
    """Plot all settings faintly, and those that no other betters as a line."""
    style = drawing.line_style(number, number)
    xs, ys = _places(findings, measure)
    axes.plot(xs, ys, **{**style, "linestyle": "none", "markersize": 3.5, "alpha": 0.3})
    xs, ys = _places(best, measure)
    axes.plot(xs, ys, label=label, **style)


def _places(findings: Sequence[Findings], measure: str) -> tuple[list[float], list[float]]:
    return (
        [mean_of(each, "visited") for each in findings],
        [mean_of(each, measure) for each in findings],
    )


def _label(axes: "Axes", best: list[Findings], measure: str) -> None:
    """Write settings beside the points of the only system."""
    for each in spaced(best, MOST_LABELS):
        axes.annotate(
            setting(each, between=" "),
            (mean_of(each, "visited"), mean_of(each, measure)),
            xytext=(-5, 4),
            textcoords="offset points",
            fontsize=7,
            ha="right",
        )


def _told(system: str, findings: Sequence[Findings], best: list[Findings], measure: str) -> str:
    """Say in words which settings stand at the ends of those that no other betters."""
    kind = measure_of(measure).kind
    told = [
        f"{setting(each)} finds {number(mean_of(each, measure), kind)} and visits "
        f"{number(mean_of(each, 'visited'), 'count')}"
        for each in (best[0], best[-1])[: len(best)]
    ]
    said = f"{plain(system)}: {counted(len(findings), 'setting')}; of those that no other betters, "
    return f"{said}{joined(told)}."
