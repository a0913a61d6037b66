"""Draws what the parameters g, h and w of LSH do."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexer.evaluation.findings import Findings
from indexer.evaluation.measures import measure_of
from indexer.evaluation.reporting import drawing
from indexer.evaluation.reporting.lines import Line, described, logarithmic, plot
from indexer.evaluation.reporting.model import Figure
from indexer.evaluation.reporting.visiting import mean_of, setting, spaced, value_of
from indexer.evaluation.reporting.words import within

MOST_PANELS = 3


def against_h(
    findings: Sequence[Findings], folder: Path, measure: str, name: str, title: str
) -> Figure:
    """Draw a measure against h, a line for each w, a panel for each g (three of them at most)."""
    chosen = spaced(_values(findings, "g"), MOST_PANELS)
    of, alts = measure_of(measure), []
    with drawing.drawing():
        width = max(4.8, 2.4 * len(chosen))
        figure, panels = drawing.new_figure(width, 3.6, len(chosen), share_y=True)
        for axes, g in zip(panels, chosen, strict=True):
            there = [each for each in findings if each.way.parameters.get("g") == g]
            lines = _lines(there, "h", ("w",), measure)
            plot(axes, lines, "h")
            axes.set_title(f"g = {g:g}")
            named = [(f"g = {g:g}, {label}", points) for label, points in lines]
            alts.append(described(named, "h", of.kind))
        panels[0].set_ylabel(of.title)
        drawing.legend_below(figure, panels[0])
        said = f"{of.title} against h for each w" + (f": {title}" if title else "")
        alt = f"Lines of {within(of.title)} against h. {' '.join(alts)}"
        return drawing.finish(folder, name, said, alt, figure)


def against_g(
    findings: Sequence[Findings], folder: Path, measure: str, name: str, title: str
) -> Figure:
    """Draw a measure, and how many pictures are visited, against g, a line for each h and w."""
    alts = []
    with drawing.drawing():
        figure, panels = drawing.new_figure(7.2, 3.8, 2)
        for axes, shown in zip(panels, (measure, "visited"), strict=True):
            of, lines = measure_of(shown), _lines(findings, "g", ("h", "w"), shown)
            plot(axes, lines, "g")
            axes.set_ylabel(of.title)
            alts.append(f"Lines of {within(of.title)} against g. {described(lines, 'g', of.kind)}")
        visited = [y for _, points in lines for _, y in points]
        logarithmic(panels[1].yaxis, panels[1].set_yscale, visited)
        drawing.legend_below(figure, panels[0])
        title = f": {title}" if title else ""
        said = f"{measure_of(measure).title} and pictures visited against g{title}"
        return drawing.finish(folder, name, said, " ".join(alts), figure)


def _lines(findings: Sequence[Findings], x: str, keys: tuple[str, ...], measure: str) -> list[Line]:
    """Return a line for each value of the parameters `keys`, ordered by them."""
    found: dict[tuple[float, ...], Line] = {}
    ordered = sorted(findings, key=lambda each: [value_of(each, key) for key in (*keys, x)])
    for each in ordered:
        value = mean_of(each, measure)
        if np.isfinite(value):
            key = tuple(value_of(each, name) for name in keys)
            line = found.setdefault(key, (setting(each, keys), []))
            line[1].append((value_of(each, x), value))
    return list(found.values())


def _values(findings: Sequence[Findings], key: str) -> list[float]:
    return sorted({value_of(each, key) for each in findings})
