"""Draws figures that read well on light and on dark pages, as SVG and as PNG."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, filterwarnings

from indexer.evaluation.reporting.model import Figure as Drawn

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FOLDER = "figures"  # of a report
INK = "#010203"
"""What texts and axes are drawn in: an SVG has the page's own colour in its place."""
COLOURS = (
    "#2f7fc4",
    "#cf6a1f",
    "#1f9169",
    "#b3609f",
    "#8a7f1c",
    "#cc4b4b",
    "#7b73d6",
    "#3b8f9c",
    "#8f7a62",
    "#7f8790",
)
"""Of series, in their order: of middle lightness, so that they stand out on white and on black."""
QUIET = COLOURS[-1]
MARKERS = "osD^vPX*<>"
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 2, 1, 2)), (0, (8, 2, 2, 2)))
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "+++", "---", "ooo")
DPI = 96  # pixels of a page to an inch
FINE_DPI = 2 * DPI  # of the PNG

_FOLLOWS_PAGE = (
    "svg{color-scheme:light dark;color:#24211d}"
    "@media (prefers-color-scheme:dark){svg{color:#e8e4dc}}"
    "text{white-space:pre;font-family:'DejaVu Sans',Verdana,Arial,sans-serif}"
)
_SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "likeness",
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": INK,
    "grid.alpha": 0.15,
    "hatch.linewidth": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.markersize": 5,
}


def line_style(colour: int, mark: int) -> dict[str, Any]:
    """Return how a line looks: told apart by its colour, and by its marker and dashes too."""
    return {
        "color": COLOURS[colour % len(COLOURS)],
        "marker": MARKERS[mark % len(MARKERS)],
        "linestyle": DASHES[mark % len(DASHES)],
    }


def bar_style(number: int) -> dict[str, Any]:
    """Return how the bars of a series look: told apart by colour, and by their hatching too."""
    return {
        "color": COLOURS[number % len(COLOURS)],
        "hatch": HATCHES[number % len(HATCHES)],
        "edgecolor": INK,
        "linewidth": 0,
    }


@contextmanager
def drawing() -> Iterator[None]:
    """Let figures be drawn in the style of reports; they are made and written within."""
    from matplotlib import rc_context

    with rc_context(_SETTINGS), catch_warnings():
        # A page's own fonts may well have what matplotlib's lacks, as Chinese names.
        filterwarnings("ignore", message=r"Glyph \d+", category=UserWarning)
        yield


def new_figure(
    width: float, height: float, columns: int = 1, *, share_y: bool = False
) -> "tuple[Figure, list[Axes]]":
    """Return an empty figure and its axes, side by side, within `drawing`.

    Args:
        width, height: in inches, of which a page shows DPI pixels each.
        columns: how many axes.
        share_y: whether these have one scale.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False, sharey=share_y)
    return figure, list(axes[0])


def legend_below(figure: "Figure", axes: "Axes", *, columns: int = 3) -> None:
    """Explain the series of some axes below them, where a phone has room."""
    handles, labels = axes.get_legend_handles_labels()
    count = min(columns, len(labels))
    figure.legend(handles, labels, loc="outside lower center", ncols=max(1, count))


def finish(folder: Path, name: str, caption: str, alt: str, figure: "Figure") -> Drawn:
    """Write a figure into the folder of a report, and say what a page needs to show it."""
    write_figure(folder, name, figure)
    width, height = (round(float(inches) * DPI) for inches in figure.get_size_inches())
    return Drawn(name, caption, alt, width, height)


def write_figure(folder: Path, name: str, figure: "Figure") -> None:
    """Write a figure as figures/NAME.svg and figures/NAME.png, the same each time.

    The SVG is transparent, and its texts and axes follow the page, light or dark. The PNG, which
    goes where no page is, as into papers, lies on white.

    Args:
        folder: of the report.
        name: of the figure.
        figure: made within `drawing`.
    """
    target = folder / FOLDER
    target.mkdir(exist_ok=True)
    with drawing():
        _lay_out(figure)
        content = BytesIO()
        unknown = {"Date": None, "Creator": None}
        figure.savefig(content, format="svg", metadata=unknown, transparent=True)
        (target / f"{name}.svg").write_bytes(following_page(content.getvalue().decode()))
        png, nothing = target / f"{name}.png", {"Software": None}
        figure.savefig(png, format="png", metadata=nothing, dpi=FINE_DPI, facecolor="white")


def _lay_out(figure: "Figure") -> None:
    """Give all parts their places for good: each file would find them anew, by drawing twice."""
    if engine := figure.get_layout_engine():
        engine.execute(figure)
        figure.set_layout_engine(None)


def following_page(svg: str) -> bytes:
    """Let an SVG drawn in INK take the page's colours: black on light ones, white on dark ones.

    It is shown as a picture of its own, so that no style of the page reaches it, and says itself
    what it looks like on both.
    """
    styled = svg.replace('<style type="text/css">', f'<style type="text/css">{_FOLLOWS_PAGE}', 1)
    inked = re.sub(INK, "currentColor", styled, flags=re.IGNORECASE)
    bare = re.sub(r"font-family: '[^;\"]*; ", "", inked)
    return re.sub(r' (?:d|x|y)="[^"]*"', _shortened, bare).encode()


def _shortened(attribute: re.Match[str]) -> str:
    """Write coordinates with two digits after the point, in one line."""
    short = re.sub(r"(\.\d\d)\d+", r"\1", attribute[0])
    return re.sub(r" ?\n", "", short)
