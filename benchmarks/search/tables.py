"""Says what was measured: as tables for people, and as plain data for programs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmarks import wanted
from benchmarks.search.comparing import Comparison, comparisons
from benchmarks.search.comparing import wanted as wishes
from benchmarks.search.data import Data
from benchmarks.search.measuring import Figures, Wish

MB = 1e6
HEADINGS = (
    f"{'index':28}{'setting':32}{'recall':>8}{'queries/s':>11}{'(low to high)':>20}{'visited':>9}"
    f"{'build s':>9}{'MB':>8}{'beyond':>8}{'load s':>9}  tuned to"
)


def title(data: Data, wish: Wish, threads: int) -> str:
    """Return what was measured how."""
    way = "batches of 1,000 queries" if wish.batch else "one query at a time"
    plural = "s" if threads > 1 else ""
    return (
        f"{data.name} of {data.features.shape[1]:,} dimensions, {len(data.queries):,} queries, "
        f"cosine, recall@{wish.k}; {way}, {threads} thread{plural}, medians of {wish.rounds} "
        "rounds\n(visited: share of the vectors; MB: with the vectors; beyond: without them; "
        "tuned to: recalls for which a trial chooses the setting)"
    )


def figures(found: Sequence[Figures], data: Data) -> str:
    """Return a line for each setting."""
    return "\n".join([HEADINGS, *(_line(each, data) for each in found)])


def compared(found: Sequence[Figures]) -> str:
    """Return ours against every curve at equal recall, and what of it is wanted."""
    lines = [
        f"{'ours, x':18}" + "".join(f"{name:>10}" for name in ("recall", "ours", "other", "x"))
    ]
    lines += [_comparison(each) for each in comparisons(found)]
    return "\n".join([*lines, wanted.sentences(wishes(found))])


def plain(found: Sequence[Figures], data: Data, wish: Wish, threads: int) -> dict[str, Any]:
    """Return everything as plain data."""
    return {
        "data": {"name": data.name, "n": len(data.features), "dim": data.features.shape[1]},
        "wish": asdict(wish) | {"queries": len(data.queries), "threads": threads},
        "figures": [_plain(each) for each in found],
        "comparisons": [asdict(each) | {"ratio": each.ratio} for each in comparisons(found)],
        "wanted": wanted.plain(wishes(found)),
    }


def _plain(each: Figures) -> dict[str, Any]:
    index, cost = each.entry.contender, each.entry.cost
    return {
        "index": index.name,
        "curve": index.curve,
        "setting": each.entry.setting.label,
        "recall": each.recall,
        "queries a second": asdict(each.speed),
        "visited": each.visited,
        "tuned to": each.entry.targets,
        "seconds of the build": cost.build,
        "bytes": cost.bytes,
        "seconds of loading": cost.load,
    }


def _line(each: Figures, data: Data) -> str:
    entry, cost = each.entry, each.entry.cost
    visited = "" if each.visited is None else f"{each.visited:.1%}"
    spread = f"({each.speed.lowest:,.0f} to {each.speed.highest:,.0f})"
    load = "" if cost.load is None else f"{cost.load:.3f}"
    beyond = (cost.bytes - data.features.nbytes) / MB
    targets = " ".join(f"{target:.2f}" for target in entry.targets)
    return (
        f"{entry.contender.name:28}{entry.setting.label:32}{each.recall:>8.4f}"
        f"{each.speed.median:>11,.0f}{spread:>20}{visited:>9}{cost.build:>9.2f}"
        f"{cost.bytes / MB:>8,.0f}{beyond:>8,.1f}{load:>9}  {targets}"
    ).rstrip()


def _comparison(each: Comparison) -> str:
    speeds = (f"{speed:,.0f}" if speed else "never" for speed in (each.ours, each.other))
    ratio = f"{each.ratio:.2f}" if each.ratio else ""
    cells = (f"{each.recall:.2f}", *speeds, ratio)
    return f"{each.curve:18}" + "".join(f"{cell:>10}" for cell in cells)
