"""Says which classes are taken for which: a matrix, a heat map, and the most confused pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.evaluation.findings import Findings
from indexer.evaluation.remarks import counted
from indexer.evaluation.reporting import drawing
from indexer.evaluation.reporting.data import DISTRACTORS, NO_CLASS
from indexer.evaluation.reporting.model import Block, Cell, Column, Figure, Section, Table
from indexer.evaluation.reporting.tables import FIRST_ROWS, folded
from indexer.evaluation.reporting.words import number, plain
from indexer.evaluation.tasks import Picture, Task

MOST_CLASSES = 20
"""Of which a matrix is shown; of more, the most confused pairs alone."""
MOST_PAIRS = 20
FIRST_MAPS = 2  # that are shown at once, side by side
LAST = (DISTRACTORS, NO_CLASS)
"""What hits may be of beside classes, in the columns behind these."""
LEAST_WRITTEN = 0.05  # share that is written into a large heat map


@dataclass(frozen=True)
class Confusion:
    """Of what classes the first hits are.

    Attributes:
        classes: of queries, in the order of their names.
        columns: of hits: classes, and after these distractors and pictures without a class.
        queries: int64 (classes,), of each.
        pairs: int64 (p, 2), class and column of each pair that occurs, ascending.
        parts: float64 (p,), which part of the first hits of the class these are.
    """

    classes: tuple[str, ...]
    columns: tuple[str, ...]
    queries: NDArray[np.int64]
    pairs: NDArray[np.int64]
    parts: NDArray[np.float64]

    @property
    def shares(self) -> NDArray[np.float64]:
        """Return the parts as a table, float64 (classes, columns), for few classes.

        Each row sums to 1, or is 0 where nothing was found.
        """
        shares = np.zeros((len(self.classes), len(self.columns)))
        shares[tuple(self.pairs.T)] = self.parts
        return shares

    def wrong(self) -> list[tuple[int, int, float]]:
        """Return class, column and part of each pair that is confused, the greatest part first."""
        rows, columns = self.pairs.T
        others = np.flatnonzero(rows != columns)
        order = others[np.argsort(-self.parts[others], kind="stable")]
        return [(int(rows[at]), int(columns[at]), float(self.parts[at])) for at in order]


def confusion_of(task: Task, findings: Findings) -> Confusion:
    """Count of what classes the first hits of each class of queries are.

    Args:
        task: what was asked; queries without a class are left out.
        findings: of all its queries.
    """
    classes = tuple(sorted({each.label for each in task.queries} - {""}))
    others = sorted({each.label for each in task.gallery} - {"", *classes})
    columns = (*classes, *others, *LAST)
    places = {name: at for at, name in enumerate(columns[:-2])}
    kinds = np.array([_column(each, places) for each in task.gallery], np.int64)
    rows = {name: at for at, name in enumerate(classes)}
    asked = np.array([rows.get(each.label, -1) for each in task.queries], np.int64)
    ids = findings.first.ids
    there = (ids >= 0) & (asked >= 0)[:, None]
    asked_of, found_of = np.broadcast_to(asked[:, None], ids.shape)[there], kinds[ids[there]]
    # Of many classes, only few pairs occur: a table of all would not fit into memory.
    keys, counts = np.unique(asked_of * len(columns) + found_of, return_counts=True)
    pairs = np.stack(np.divmod(keys, len(columns)), axis=1)
    parts = counts / np.bincount(pairs[:, 0], counts, len(classes))[pairs[:, 0]]
    # Classes of queries always have a column; others only where something was found of them.
    kept = np.union1d(np.arange(len(classes)), pairs[:, 1])
    pairs[:, 1] = np.searchsorted(kept, pairs[:, 1])
    names = tuple(columns[at] for at in kept.tolist())
    queries = np.bincount(asked[asked >= 0], minlength=len(classes))
    return Confusion(classes, names, queries, pairs, parts)


def confusion_section(
    task: Task, findings: Sequence[Findings], folder: Path, *, name: str = "confusion"
) -> Section | None:
    """Make the heat map of each system, the most confused pairs and the shares of all.

    Args:
        task: what was asked.
        findings: of each system in one way.
        folder: of the report, which figures are written to.
        name: of the section, its figures and its tables.

    Returns:
        None where the queries are not of two classes or more.
    """
    found = {plain(each.system): confusion_of(task, each) for each in findings}
    first = next(iter(found.values()))
    if len(first.classes) < 2:
        return None
    blocks: list[Block] = []
    widest = max(max(len(each.classes), len(each.columns) - 2) for each in found.values())
    if widest <= MOST_CLASSES:
        blocks += [
            heat_map(each, folder, f"{name}-{at}" if at > 1 else name, system)
            for at, (system, each) in enumerate(found.items(), 1)
        ]
    at_once = min(FIRST_MAPS, len(blocks)) + 1
    blocks.insert(at_once - 1, pairs_table(found, f"{name}-pairs"))
    if widest <= MOST_CLASSES:
        blocks.append(matrix(found, name))
    k = findings[0].first.ids.shape[1]
    text = (
        f"Of what classes the first {k} hits are, for the queries of each class: how one class is "
        "taken for another.",
    )
    return Section(name, "Classes taken for each other", text, tuple(blocks), at_once)


def matrix(found: Mapping[str, Confusion], name: str) -> Table:
    """Return the shares of each system as a table: a row for each class of queries."""
    several = len(found) > 1
    names = list(dict.fromkeys(each for one in found.values() for each in _told_apart(one)))
    names.sort(key=lambda each: 1 + LAST.index(each[0]) if each[0] in LAST else 0)
    columns = (
        *((Column("system"),) if several else ()),
        Column("queries of"),
        Column("queries", "count"),
        *(Column(plain(each), "share") for each, _ in names),
    )
    rows: list[tuple[Cell, ...]] = []
    for system, one in found.items():
        for label, count, shares in zip(one.classes, one.queries, one.shares, strict=True):
            by_name = dict(zip(_told_apart(one), shares.tolist(), strict=True))
            named = (system, plain(label)) if several else (plain(label),)
            rows.append((*named, int(count), *(by_name.get(each, 0.0) for each in names)))
    at_once = folded(len(rows), len(next(iter(found.values())).classes))
    return Table(name, "Classes of the first hits", columns, tuple(rows), shown=at_once)


def _told_apart(found: Confusion) -> list[tuple[str, int]]:
    """Number columns of one name: a class may itself be called as what is none."""
    return [(name, found.columns[:at].count(name)) for at, name in enumerate(found.columns)]


def pairs_table(found: Mapping[str, Confusion], name: str) -> Table:
    """Return the pairs of classes that are confused most, by any system first."""
    shares: dict[tuple[str, str, int], dict[str, float]] = {}
    for system, one in found.items():
        for of, taken, share, queries in pairs(one):
            shares.setdefault((of, taken, queries), {})[system] = share
    order = sorted(shares, key=lambda pair: -max(shares[pair].values()))[:MOST_PAIRS]
    columns = (
        Column("queries of"),
        Column("hits of"),
        Column("queries", "count"),
        *(Column(system, "share", help="Share of the first hits.") for system in found),
    )
    rows = tuple(
        (plain(of), plain(taken), queries, *(shares[of, taken, queries].get(s) for s in found))
        for of, taken, queries in order
    )
    at_once = FIRST_ROWS if len(rows) > FIRST_ROWS else 0
    return Table(name, "Most confused classes", columns, rows, shown=at_once)


def pairs(found: Confusion) -> list[tuple[str, str, float, int]]:
    """Return the pairs of classes that are confused: of, taken for, share, queries; most first."""
    return [
        (found.classes[row], found.columns[column], share, int(found.queries[row]))
        for row, column, share in found.wrong()
    ]


def heat_map(found: Confusion, folder: Path, name: str, system: str) -> Figure:
    """Draw the shares: the stronger the colour, the more."""
    shares, small = found.shares, len(found.columns) > 12
    with drawing.drawing():
        width = 2.4 + 0.46 * len(found.columns)
        figure, (axes,) = drawing.new_figure(max(4.2, width), 1.9 + 0.36 * len(found.classes))
        axes.imshow(_tinted(shares), interpolation="nearest", aspect="auto")
        for row, column in np.argwhere(shares >= (LEAST_WRITTEN if small else 0.005)).tolist():
            written = f"{shares[row, column]:.2f}".removeprefix("0")
            size = 7 if small else 9
            axes.text(column, row, written, ha="center", va="center", fontsize=size)
        names = [plain(each, 18) for each in found.columns]
        axes.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(found.classes)), [plain(each, 18) for each in found.classes])
        axes.set(xlabel="class of the hits", ylabel="class of the query")
        caption = f"Classes of the first hits: {system}"
        return drawing.finish(folder, name, caption, _described(found), figure)


def _tinted(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the colours of shares, (rows, columns, 4); the page shows through where one is 0."""
    from matplotlib.colors import to_rgb

    tints = np.empty((*shares.shape, 4))
    tints[..., :3] = to_rgb(drawing.COLOURS[0])
    tints[..., 3] = 0.75 * shares
    return tints


def _described(found: Confusion) -> str:
    own = found.shares[np.arange(len(found.classes)), np.arange(len(found.classes))]
    best, worst = int(own.argmax()), int(own.argmin())
    said = f"A heat map of {counted(len(found.classes), 'class', 'classes')}. Hits are most often "
    said += f"of the query's own class for {plain(found.classes[best])}, "
    said += f"{number(float(own[best]), 'share')}, and least often for "
    said += f"{plain(found.classes[worst])}, {number(float(own[worst]), 'share')}."
    for of, taken, share, _ in pairs(found)[:1]:
        said += f" The most confused are queries of {plain(of)} that find {plain(taken)}, "
        said += f"{number(share, 'share')} of their hits."
    return said


def _column(picture: Picture, places: Mapping[str, int]) -> int:
    """Return the column that a hit counts in, among the classes' and two more behind them."""
    if picture.distractor:
        return len(places)
    return places[picture.label] if picture.label else len(places) + 1
