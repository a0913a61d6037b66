"""Makes tables of findings: a row for each way of searching, a column for each measure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.evaluation import bootstrap
from indexer.evaluation.findings import Findings
from indexer.evaluation.measures import measure_of
from indexer.evaluation.metrics import Relevance
from indexer.evaluation.reporting.model import Cell, Column, Mean, Table
from indexer.evaluation.reporting.words import (
    KINDS,
    METRICS,
    SETTING,
    plain,
    shown,
    way,
)
from indexer.evaluation.tasks import Task

MOST_AT_ONCE = 8
"""Rows of a table that are all shown at once; of more, only the first."""
FIRST_ROWS = 5


@dataclass(frozen=True)
class Told:
    """A column that is told of findings beside their measures.

    Attributes:
        column: its heading.
        cell: what stands in the row of some findings.
    """

    column: Column
    cell: Callable[[Findings], Cell]


MISLEADING = "Distractors are pictures that are in the gallery to mislead."
SYSTEM = Told(Column("system"), lambda found: plain(found.system))
METRIC = Told(Column("metric"), lambda found: METRICS[found.way.metric])
KIND = Told(Column("search"), lambda found: KINDS.get(found.way.kind, found.way.kind))


def parameter(name: str) -> Told:
    """Tell a parameter of the index, as g, h or w."""
    return Told(
        Column(name, "number" if name in SETTING else "text"),
        lambda found: shown(found.way.parameters.get(name)),
    )


def items(task: Task) -> Told:
    """Tell how many pictures a search looks at: as was measured, or else the whole gallery."""

    def cell(found: Findings) -> Cell:
        measured = mean_cell(found, "visited")
        return searched(task, found) if measured is None else measured

    said = "Pictures that a search looks at; the report calls them #Items."
    return Told(Column("items", "count", help=said), cell)


def searched(task: Task, found: Findings) -> int:
    """Return how many pictures the gallery held."""
    return len(task.gallery) if found.way.distractors else task.own


def by_way(findings: Sequence[Findings]) -> Told:
    """Tell how was searched: by its metric, and what else tells some findings apart."""
    varied = len({each.way.distractors for each in findings}) > 1
    inexact = any(each.way.kind != "exact" for each in findings)
    return Told(
        Column("search", help=MISLEADING if varied else ""),
        lambda found: way(found.way, distractors=varied, kind=inexact),
    )


def ordered_by_way(findings: Sequence[Findings]) -> list[Findings]:
    """Put the findings of one way beside each other, ways and systems in their order."""
    told = by_way(findings)
    places = {said: at for at, said in enumerate(dict.fromkeys(map(told.cell, findings)))}
    return sorted(findings, key=lambda found: places[told.cell(found)])


def findings_table(
    name: str,
    caption: str,
    findings: Sequence[Findings],
    measures: Sequence[str],
    *,
    before: Sequence[Told] = (SYSTEM,),
    after: Sequence[Told] = (),
    note: str = "",
    shown_rows: int = 0,
) -> Table:
    """Make the table of findings by measures; what none of them has measured gets no column.

    Args:
        name, caption, note: of the table.
        findings: its rows.
        measures: their means are its columns, by their names.
        before, after: further columns on both sides.
        shown_rows: that are shown at once; 0 for all.
    """
    known = [each for each in measures if any(has(found, each) for found in findings)]
    columns = (
        *(each.column for each in before),
        *(measure_column(each) for each in known),
        *(each.column for each in after),
    )
    rows = tuple(
        (
            *(each.cell(found) for each in before),
            *mean_cells(found, known),
            *(each.cell(found) for each in after),
        )
        for found in findings
    )
    return Table(name, caption, columns, rows, note, shown_rows)


def folded(rows: int, first: int = FIRST_ROWS) -> int:
    """Return how many rows a table shows at once: 0, all, or of many the first alone.

    Args:
        rows: of the table.
        first: that belong together.
    """
    return 0 if rows <= MOST_AT_ONCE else min(first, MOST_AT_ONCE)


def measure_column(name: str) -> Column:
    """Return the column of a measure."""
    measure = measure_of(name)
    return Column(measure.title, measure.kind, measure.best, measure.help)


def has(found: Findings, measure: str, which: Relevance | None = None) -> bool:
    """Say whether a measure has a value for any query, or for any of some (bool (m,))."""
    values = found.measures.get(measure)
    if values is None:
        return False
    return bool(np.isfinite(values if which is None else values[which]).any())


def mean_cells(
    found: Findings, measures: Sequence[str], which: Relevance | None = None
) -> tuple[Mean | None, ...]:
    """Return the means of some measures over the queries, or over some of them.

    Args:
        found: of the queries.
        measures: by their names.
        which: bool (m,), the queries; None for all.

    Returns:
        None where a measure has a value for none of them.
    """
    known = [each for each in measures if has(found, each, which)]
    if not known:
        return (None,) * len(measures)
    values = np.stack([found.measures[each] for each in known])
    groups = found.together
    if which is not None:
        values, groups = values[:, which], None if groups is None else groups[which]
    means = bootstrap.means(values, groups=groups)
    by_name = dict(zip(known, means, strict=True))
    return tuple(by_name.get(each) for each in measures)


def mean_cell(found: Findings, measure: str, which: Relevance | None = None) -> Mean | None:
    """Return the mean of one measure, as mean_cells."""
    return mean_cells(found, (measure,), which)[0]
