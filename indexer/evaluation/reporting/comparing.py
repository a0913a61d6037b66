"""Compares systems with the first query by query, the largest differences first."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from indexer.evaluation.findings import Findings
from indexer.evaluation.measures import measure_of
from indexer.evaluation.remarks import counted
from indexer.evaluation.reporting.looks import looks
from indexer.evaluation.reporting.model import Block, Cell, Column, Section, Table
from indexer.evaluation.reporting.systems import judged, paired
from indexer.evaluation.reporting.tables import has
from indexer.evaluation.reporting.words import (
    joined,
    number,
    plain,
    signed,
    with_interval,
    within,
)
from indexer.evaluation.tasks import Task
from indexer.types import DEFAULT_LIMITS, Ids
from models.types import Limits

MOST_ROWS = 20
AT_ONCE = 3
MOST_STRIPS = 3


def comparing_section(
    task: Task,
    first: Findings,
    others: Sequence[Findings],
    folder: Path,
    *,
    headline: str,
    limits: Limits = DEFAULT_LIMITS,
) -> Section:
    """Set the first system beside each of some others, query by query.

    Args:
        task: what all were asked.
        first, others: what they found, searched in one way.
        folder: of the report, which small pictures are written to.
        headline: the measure that queries are compared by.
        limits: what a picture may cost.
    """
    blocks: list[Block] = []
    text: list[str] = []
    for place, other in enumerate(others, 1):
        order = by_difference(first, other, headline)
        name = f"comparing-{place}" if place > 1 else "comparing"
        names = f"{plain(first.system)} and {plain(other.system)}"
        words = compared_words(first, other, headline)
        known = has(first, headline) and has(other, headline)
        text.append(f"{words} {_tallied(first, other, headline)}" if known else words)
        blocks.append(_table(f"{name}-queries", task, first, other, headline, order))
        if len(order):
            rows = order[:MOST_STRIPS].tolist()
            caption = f"{names}: the largest differences"
            some = looks(
                f"{name}-looks", caption, task, (first, other), rows, folder, limits=limits
            )
            # What differs are the first hits.
            strips = tuple(replace(strip, last=()) for strip in some.strips)
            blocks.append(replace(some, strips=strips, shown=2))
    return Section("comparing", "Query by query", tuple(text), tuple(blocks), 2)


def by_difference(first: Findings, other: Findings, measure: str) -> Ids:
    """Return the queries that differ, the largest difference first, ties in their order.

    None differs in a measure that one of the two does not have.
    """
    if not (has(first, measure) and has(other, measure)):
        return np.zeros(0, np.int64)
    apart = other.measures[measure] - first.measures[measure]
    differing = np.flatnonzero(np.isfinite(apart) & (apart != 0))
    return differing[np.argsort(-np.abs(apart[differing]), kind="stable")]


def compared_words(first: Findings, other: Findings, measure: str) -> str:
    """Say in a sentence which of two systems is better, and how sure that is."""
    of, a, b = measure_of(measure), plain(first.system), plain(other.system)
    apart = paired(first, other, measure)
    if apart is None:
        return f"{b} and {a} have no query in common that {within(of.title)} is defined for."
    verdict, title = judged(apart, measure), within(of.title)
    if verdict == "no difference":
        low, high = signed(apart.low, of.kind), signed(apart.high, of.kind)
        by = f"{signed(apart.value, of.kind)} (95 % interval {low} to {high})"
        return f"These queries show no difference between {b} and {a} in {title}: {by}."
    least, most = sorted((abs(apart.low), abs(apart.high)))
    size = replace(apart, value=abs(apart.value), low=least, high=most)
    return f"{b} is {verdict} than {a} in {title} by {with_interval(size, of.kind)}."


def _tallied(first: Findings, other: Findings, measure: str) -> str:
    """Count the queries that each system is better for."""
    apart = other.measures[measure] - first.measures[measure]
    apart = apart if measure_of(measure).best != "low" else -apart
    ahead, behind, even = (int(np.sum(each)) for each in (apart > 0, apart < 0, apart == 0))
    parts = [
        f"{counted(ahead, 'query', 'queries')} in which {plain(other.system)} is ahead",
        f"{number(behind, 'count')} in which {plain(first.system)} is",
        f"{number(even, 'count')} in which they are even",
    ]
    return f"There are {joined(parts)}."


def _table(
    name: str, task: Task, first: Findings, other: Findings, measure: str, order: Ids
) -> Table:
    of = measure_of(measure)
    rows: list[tuple[Cell, ...]] = []
    for at in order[:MOST_ROWS].tolist():
        query = task.queries[at]
        a, b = (float(each.measures[measure][at]) for each in (first, other))
        rows.append((plain(query.name), plain(query.label), a, b, b - a))
    columns = (
        Column("query"),
        Column("class"),
        Column(plain(first.system), of.kind, help=of.help),
        Column(plain(other.system), of.kind, help=of.help),
        Column("difference", of.kind, signed=True),
    )
    caption = f"{plain(first.system)} and {plain(other.system)}: queries that differ most in "
    caption += f"{of.title}, of {len(order):,} that differ"
    at_once = AT_ONCE if len(rows) > AT_ONCE else 0
    return Table(name, caption, columns, tuple(rows), shown=at_once)
