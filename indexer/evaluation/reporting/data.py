"""The section of a report that says what was searched, and for what."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from indexer.evaluation.remarks import counted
from indexer.evaluation.reporting import drawing
from indexer.evaluation.reporting.groups import counts
from indexer.evaluation.reporting.model import Block, Cell, Column, Figure, Section, Table
from indexer.evaluation.reporting.words import joined, number, plain
from indexer.evaluation.tasks import Task
from indexer.types import Rejection

NO_CLASS = "no class"
DISTRACTORS = "distractors"
MOST_BARS = 30


def data_section(task: Task, rejections: Sequence[Rejection], folder: Path) -> Section:
    """Tell of gallery and queries, classes, distractors and files that could not be used.

    Args:
        task: what was asked.
        rejections: the files that could not be used.
        folder: of the report, which the figure is written to.
    """
    classes = class_table(task)
    blocks: list[Block] = [classes]
    if any(picture.label for picture in (*task.gallery, *task.queries)):
        blocks.append(class_figure(classes, folder))
    if rejections:
        blocks.append(rejected_table(rejections))
    own, others = task.own, len(task.gallery) - task.own
    said = f"{counted(len(task.queries), 'query', 'queries')} ask for pictures of a gallery of "
    said += f"{own:,}"
    said += f", with {counted(others, 'distractor')} more" if others else ""
    said += f". {counted(len(rejections), 'file')} could not be used." if rejections else "."
    return Section("data", "Data", (said,), tuple(blocks))


def class_table(task: Task) -> Table:
    """Count the pictures of each class in gallery and queries."""
    own = counts([each.label for each in task.gallery if not each.distractor])
    asked = counts([each.label for each in task.queries])
    names = sorted({*own, *asked}, key=lambda each: (each == "", each))
    rows: list[tuple[Cell, ...]] = [
        (plain(name) or NO_CLASS, own.get(name, 0), asked.get(name, 0)) for name in names
    ]
    if task.own < len(task.gallery):
        rows.append((DISTRACTORS, len(task.gallery) - task.own, 0))
    rows.append(("all", len(task.gallery), len(task.queries)))
    columns = (Column("class"), Column("gallery", "count"), Column("queries", "count"))
    return Table("data", "Pictures by class", columns, tuple(rows))


def rejected_table(rejections: Sequence[Rejection]) -> Table:
    """Count the files that could not be used by their reason, with an example of each."""
    found = Counter(each.reason for each in rejections)
    examples = {each.reason: each for each in reversed(rejections)}
    rows = tuple(
        (reason, count, plain(examples[reason].path), plain(examples[reason].detail))
        for reason, count in found.most_common()
    )
    columns = (Column("reason"), Column("files", "count"), Column("for example"), Column("why"))
    return Table("rejected", "Files that could not be used", columns, rows)


def class_figure(classes: Table, folder: Path) -> Figure:
    """Draw how many pictures each class has, as bars."""
    rows = [(str(a), int(str(b)), int(str(c))) for a, b, c in classes.rows[:-1]]
    shown = _largest(rows)
    series = [("gallery", [row[1] for row in shown]), ("queries", [row[2] for row in shown])]
    with drawing.drawing():
        figure, (axes,) = drawing.new_figure(6.4, 1.1 + 0.34 * len(shown))
        for place, (label, values) in enumerate(series):
            places = [row + 0.4 * (place - 0.5) for row in range(len(shown))]
            style = drawing.bar_style(place)
            axes.barh(places, [max(0, each) for each in values], 0.38, label=label, **style)
        axes.set_yticks(range(len(shown)), [plain(row[0], 28) for row in shown])
        axes.invert_yaxis()
        axes.set_xlabel("pictures")
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        drawing.legend_below(figure, axes)
        alt = _described(rows)
        return drawing.finish(folder, "classes", "Pictures by class", alt, figure)


def _largest(rows: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Keep the rows with most pictures, in their order, and sum the others up."""
    if len(rows) <= MOST_BARS:
        return rows
    kept = set(sorted(range(len(rows)), key=lambda at: (-rows[at][1], at))[: MOST_BARS - 1])
    rest = [row for at, row in enumerate(rows) if at not in kept]
    summed = (f"{len(rest)} others", sum(row[1] for row in rest), sum(row[2] for row in rest))
    return [*(row for at, row in enumerate(rows) if at in kept), summed]


def _described(rows: list[tuple[str, int, int]]) -> str:
    named = [row for row in rows if row[0] not in (NO_CLASS, DISTRACTORS)]
    if not named:
        return "Bars of the pictures of one class."
    most, least = max(named, key=lambda row: row[1]), min(named, key=lambda row: row[1])
    said = f"Bars of the pictures of {counted(len(named), 'class', 'classes')}. In the gallery "
    if most[1] == least[1]:
        said += f"each has {number(most[1], 'count')}"
    else:
        said += f"{most[0]} has most, {number(most[1], 'count')}, "
        said += f"and {least[0]} fewest, {number(least[1], 'count')}"
    others = [f"{row[1]:,} {row[0]}" for row in rows if row[0] == DISTRACTORS]
    others += [f"{row[1]:,} without a class" for row in rows if row[0] == NO_CLASS and row[1]]
    return f"{said}; there are {joined(others)} besides." if others else f"{said}."
