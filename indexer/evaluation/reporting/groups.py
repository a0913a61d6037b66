"""Groups the queries of a task: by their class, or by what was done to them."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from indexer.evaluation.findings import Findings
from indexer.evaluation.metrics import Relevance
from indexer.evaluation.reporting.model import Cell, Column, Table
from indexer.evaluation.reporting.tables import by_way, folded, mean_cell, measure_column
from indexer.evaluation.reporting.words import plain
from indexer.evaluation.tasks import Task

Groups = Mapping[str, Relevance]
"""Name -> bool (m,), which of the queries are of the group."""


def groups(task: Task, kind: str = "class") -> Groups:
    """Return the groups of a task's queries by name; none where all are of one.

    Args:
        task: whose queries.
        kind: "class" or "distortion".
    """
    of = [each.label if kind == "class" else each.distortion for each in task.queries]
    names = sorted(set(of) - {""})
    keys = np.array(of, np.str_)
    return {} if len(set(of)) < 2 else {name: keys == name for name in names}


def by_group(
    name: str,
    caption: str,
    findings: Sequence[Findings],
    measure: str,
    grouped: Groups,
    *,
    heading: str = "class",
    note: str = "",
) -> Table:
    """Make the table of a measure by group.

    Of one system it has a column for each way of searching; of several one for each system, and a
    row for each way and group, the first way first. Where every system was searched in a way of
    its own, as by its index, the ways are not told.

    Args:
        name, caption, note: of the table.
        findings: of any systems.
        measure: by its name.
        grouped: the queries of each group.
        heading: what groups are called.
    """
    systems = list(dict.fromkeys(each.system for each in findings))
    told = by_way(findings)
    ways = list(dict.fromkeys(str(told.cell(each)) for each in findings))
    if len(systems) == 1:
        columns, of_rows = ways, {"": {str(told.cell(each)): each for each in findings}}
    elif len(systems) == len(findings):
        columns, of_rows = systems, {"": {each.system: each for each in findings}}
        caption += f", {ways[0]}" if len(ways) == 1 else ""
    else:
        columns, of_rows = systems, {way: {} for way in ways}
        for each in findings:
            of_rows[str(told.cell(each))][each.system] = each
    several = len(of_rows) > 1
    of = measure_column(measure)
    head = (
        *((told.column,) if several else ()),
        Column(heading),
        Column("queries", "count"),
        *(Column(plain(each), of.kind, "", f"{of.name}. {of.help}") for each in columns),
    )
    rows: list[tuple[Cell, ...]] = []
    for how, found in of_rows.items():
        for group, which in grouped.items():
            named = (how, plain(group)) if several else (plain(group),)
            cells = (found.get(column) for column in columns)
            means = (None if each is None else mean_cell(each, measure, which) for each in cells)
            rows.append((*named, int(which.sum()), *means))
    return Table(name, caption, head, tuple(rows), note, folded(len(rows), len(grouped)))


def counts(labels: Sequence[str]) -> Mapping[str, int]:
    """Count the pictures of each class, in the order of their names; those without one last."""
    found = Counter(labels)
    return {name: found[name] for name in sorted(found, key=lambda each: (each == "", each))}
