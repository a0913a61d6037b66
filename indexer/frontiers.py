"""Draws what more recall costs."""

from pathlib import Path

from indexer.tuning.points import Tuning


def draw_frontier(tuning: Tuning, file: Path) -> None:
    """Plot recall against what a search reads, by which efforts are compared, and against time.

    Args:
        tuning: what was measured.
        file: is written; its ending says as what: .png, .svg or .pdf.
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
