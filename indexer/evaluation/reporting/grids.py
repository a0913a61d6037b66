"""The sections of searches by an index: as it is tuned, and over a grid of its parameters."""

from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path

from indexer.evaluation.findings import Findings
from indexer.evaluation.measures import DEPTH, measure_of
from indexer.evaluation.reporting.gridlines import against_g, against_h
from indexer.evaluation.reporting.gridtables import (
    exactly,
    grid_table,
    in_common,
    own_metric,
    parameters_told,
)
from indexer.evaluation.reporting.groups import by_group, groups
from indexer.evaluation.reporting.model import Block, Section
from indexer.evaluation.reporting.systems import verdicts_table
from indexer.evaluation.reporting.tables import KIND, METRIC, SYSTEM, findings_table, has
from indexer.evaluation.reporting.visiting import against_visited, mean_of
from indexer.evaluation.reporting.words import METRICS, plain
from indexer.evaluation.tasks import Task

AT_ONCE = 2  # the figure of all systems, and the table of the first
DEEPER = (f"AP@{DEPTH}", f"first rank@{DEPTH}")
MEASURES = ("P@10", *DEEPER, "distance", "similarity", "recall", "visited", "short")

ABOUT = (
    "An index looks at some of the pictures only. Its recall is the share of the first hits of "
    "exact search that it finds too; how many pictures it visits is what that costs. "
    "Beside that stands how good its answers are."
)
ABOUT_DEPTH = (
    f"An index gives no whole rankings. It is asked for {DEPTH} hits as well, and right answers "
    "that are not among them count as not found."
)


def index_section(
    task: Task,
    findings: Sequence[Findings],
    exact: Sequence[Findings],
    *,
    measures: Sequence[str] = MEASURES,
    headline: str = "P@10",
) -> Section:
    """Make the tables of searches by indexes as they answer people.

    Args:
        task: what was asked.
        findings: by each index.
        exact: those of exact search in the same features, to compare with.
        measures: that are shown, by their names.
        headline: the measure that is shown by class.
    """
    told = (SYSTEM, KIND, METRIC, *parameters_told(findings))
    beside = exactly(exact, headline)
    table = findings_table(
        "index",
        "Search by index",
        findings,
        measures,
        before=told,
        after=(beside,),
        note=in_common(findings),
    )
    blocks: list[Block] = [table]
    compared = [name for name in (headline, *DEEPER) if any(has(each, name) for each in findings)]
    if len(findings) > 1 and compared:
        blocks.append(verdicts_table(findings, compared, "index-verdicts"))
    grouped = groups(task)
    if grouped:
        caption = f"Search by index: {measure_of(headline).title} by class"
        blocks.append(by_group("index-by-class", caption, findings, headline, grouped))
    deep = any(has(each, DEEPER[0]) for each in findings)
    text = (ABOUT, ABOUT_DEPTH) if deep else (ABOUT,)
    return Section("index", "Search by index", text, tuple(blocks), 1)


def grid_section(
    task: Task,
    findings: Sequence[Findings],
    exact: Sequence[Findings],
    folder: Path,
    *,
    measures: Sequence[str] = MEASURES,
    headline: str = "P@10",
) -> Section:
    """Make the figures of LSH over a grid of g, h and w, and a table for each system.

    Args:
        task: what was asked.
        findings: one of each setting, or of several systems and metrics.
        exact: those of exact search in the same features, to compare with.
        folder: of the report, which figures are written to.
        measures: that the table shows, by their names.
        headline: the measure that figures show.
    """
    by_system: dict[str, list[Findings]] = {}
    for found in findings:
        by_system.setdefault(found.system, []).append(found)
    own = {name: own_metric(some) for name, some in by_system.items()}
    blocks: list[Block] = []
    if all(has(found, name) for found in findings for name in ("recall", "visited")):
        blocks.append(against_visited(own, folder, headline, "grid-recall"))
    blocks += [
        grid_table(task, some, exact, f"grid-{at}" if at > 1 else "grid", measures, headline)
        for at, some in enumerate(by_system.values(), 1)
    ]
    for at, name in enumerate(_drawn(own, headline)):
        blocks += _lines(own[name], folder, headline, f"-{at + 1}" if at else "")
    text = (
        ABOUT,
        "LSH has g tables, each of h projections floor((x·a + b) / w): more tables find more, and "
        "visit more; more projections and narrower segments visit less, and find less.",
    )
    return Section("grid", "LSH by g, h and w", text, tuple(blocks), AT_ONCE)


def _drawn(own: Mapping[str, Sequence[Findings]], headline: str) -> list[str]:
    """Return the systems that are drawn by themselves: the first, and the best of all."""
    known = {
        name: max((mean_of(each, headline) for each in some if has(each, headline)), default=-inf)
        for name, some in own.items()
    }
    return list(dict.fromkeys((next(iter(own)), max(known, key=lambda name: known[name]))))


def _lines(findings: Sequence[Findings], folder: Path, headline: str, suffix: str) -> list[Block]:
    """Draw what varies; a parameter of a single value makes no line."""
    values = {key: {each.way.parameters.get(key) for each in findings} for key in "gh"}
    title = f"{plain(findings[0].system)}, {METRICS[findings[0].way.metric]}"
    drawn: list[Block] = []
    if len(values["h"]) > 1 and has(findings[0], headline):
        drawn.append(against_h(findings, folder, headline, f"grid-h{suffix}", title))
    if len(values["g"]) > 1 and has(findings[0], headline):
        drawn.append(against_g(findings, folder, headline, f"grid-g{suffix}", title))
    return drawn
