"""Draws what more recall costs."""

from pathlib import Path

from indexer.errors import BadParameter
from indexer.tuning.points import Tuning

ENDINGS = (".png", ".svg", ".pdf")


def require_drawable(file: Path) -> None:
    """Refuse a file that `draw_frontier` could not write.

    Raises:
        BadParameter: its ending is none of ENDINGS, or its folder is missing.
    """
    if file.suffix.lower() not in ENDINGS:
        raise BadParameter(
            f"A drawing is a .png, .svg or .pdf file. Received: {file}. Give it one of these "
            "endings."
        )
    if not file.parent.is_dir():
        raise BadParameter(
            f"There is no folder {file.parent} to draw {file.name} in. Make it first, or name "
            "another."
        )


def draw_frontier(tuning: Tuning, file: Path) -> None:
    """Plot recall against what a search reads, by which efforts are compared, and against time.

    Args:
        tuning: what was measured.
        file: is written; its ending, one of ENDINGS, says as what.
    """
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
    points, chosen = tuning.frontier, tuning.chosen
    ways = (
        ("work of a search, as kB read", [each.bytes / 1e3 for each in points]),
        ("milliseconds of a search", [each.milliseconds for each in points]),
    )
    for axis, (label, costs) in zip(axes, ways, strict=True):
        axis.plot(costs, [each.recall for each in points], "o-", markersize=3)
        axis.plot(costs[points.index(chosen)], chosen.recall, "o", markersize=9, fillstyle="none")
        axis.axhline(tuning.target.recall, linestyle=":", color="grey")
        axis.set_xscale("log")
        axis.set_xlabel(label)
    axes[0].set_ylabel(f"recall@{tuning.target.at}")
    figure.savefig(file)
    pyplot.close(figure)
