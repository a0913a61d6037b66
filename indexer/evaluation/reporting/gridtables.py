"""Makes the tables of indexes and of grids: each setting in a row, its metrics side by side."""

from collections.abc import Mapping, Sequence

from indexer.evaluation.findings import Findings
from indexer.evaluation.measures import measure_of
from indexer.evaluation.remarks import counted
from indexer.evaluation.reporting.model import Cell, Column, Table
from indexer.evaluation.reporting.tables import (
    Told,
    folded,
    has,
    mean_cell,
    measure_column,
    parameter,
    searched,
)
from indexer.evaluation.reporting.visiting import front, mean_of
from indexer.evaluation.reporting.words import (
    METRICS,
    SETTING,
    joined,
    number,
    plain,
    shown,
    with_interval,
)
from indexer.evaluation.tasks import Task

OF_ANY_METRIC = ("visited", "short")
"""Measures that are those of the index alone, whichever metric ranks what it finds."""

OF_METRICS: Mapping[str, str] = {"distance": "euclidean", "similarity": "cosine"}
"""Measures that belong to a metric."""


def own_metric(findings: Sequence[Findings]) -> list[Findings]:
    """Return the findings by the metric that stands first: the system's own."""
    return [each for each in findings if each.way.metric == findings[0].way.metric]


def grid_table(
    task: Task,
    findings: Sequence[Findings],
    exact: Sequence[Findings],
    name: str,
    measures: Sequence[str],
    headline: str,
) -> Table:
    """Make the table of one system: a row for each setting, the measures of each metric in columns.

    The settings that no other betters stand first, those that find most at the head, then the
    others likewise.

    Args:
        task: what was asked.
        findings: of the system, in each setting by each metric.
        exact: those of exact search, to compare with.
        name: of the table.
        measures: by their names.
        headline: the measure that orders rows.
    """
    own = own_metric(findings)
    told = parameters_told(findings)
    by_setting: dict[tuple[Cell, ...], dict[str, Findings]] = {}
    for found in findings:
        key = tuple(each.cell(found) for each in told)
        by_setting.setdefault(key, {})[found.way.metric] = found
    best = front(own, headline) if all(has(each, "visited") for each in own) else []
    rest = [each for each in own if not any(each is other for other in best)]
    rest.sort(key=lambda each: -mean_of(each, headline))
    ordered = [*best[::-1], *rest]
    asked = _columns(findings, measures)
    columns = (*(each.column for each in told), *(column for column, _, _ in asked))
    rows = []
    for found in ordered:
        key = tuple(each.cell(found) for each in told)
        cells = ((by_setting[key].get(metric), measure) for _, metric, measure in asked)
        means = (None if one is None else mean_cell(one, measure) for one, measure in cells)
        rows.append((*key, *means))
    title = measure_of(headline).title
    note = _beside(task, findings, exact, headline) + in_common(findings)
    if best:
        note = (
            f"First the {counted(len(best), 'setting')} that no other betters, with more {title} "
            f"for no more pictures visited; then the others, by their {title}. {note}"
        )
    caption = f"{plain(findings[0].system)}: {counted(len(ordered), 'setting')} of LSH"
    return Table(name, caption, columns, tuple(rows), note.strip(), folded(len(rows)))


def _columns(
    findings: Sequence[Findings], measures: Sequence[str]
) -> list[tuple[Column, str, str]]:
    """Return the columns of each metric, and what is the same for all, with metric and measure."""
    metrics = list(dict.fromkeys(each.way.metric for each in findings))
    asked: list[tuple[Column, str, str]] = []
    for metric in metrics:
        for measure in measures:
            some = any(has(each, measure) for each in findings if each.way.metric == metric)
            fits = len(metrics) == 1 or OF_METRICS.get(measure, metric) == metric
            if some and fits and measure not in OF_ANY_METRIC:
                of = measure_column(measure)
                told = len(metrics) > 1 and measure not in OF_METRICS
                title = f"{of.name} {METRICS[metric]}" if told else of.name
                asked.append((Column(title, of.kind, of.best, of.help), metric, measure))
    asked += [
        (measure_column(measure), metrics[0], measure)
        for measure in measures
        if measure in OF_ANY_METRIC and any(has(each, measure) for each in findings)
    ]
    return asked


def parameters_told(findings: Sequence[Findings]) -> tuple[Told, ...]:
    """Tell g, h and w, and what else tells findings apart."""
    names = dict.fromkeys(name for found in findings for name in found.way.parameters)
    return tuple(
        parameter(name)
        for name in names
        if name in SETTING or len({str(each.way.parameters.get(name)) for each in findings}) > 1
    )


def in_common(findings: Sequence[Findings]) -> str:
    """Say which parameters a table leaves out, as all have the same."""
    told = {each.column.name for each in parameters_told(findings)}
    first = findings[0].way.parameters
    left = [f"{name} = {shown(value)}" for name, value in first.items() if name not in told]
    return f"With {joined(left)}." if left else ""


def exactly(exact: Sequence[Findings], headline: str) -> Told:
    """Tell what exact search finds with the same features in the same gallery."""
    known = {(each.system, each.way.metric, each.way.distractors): each for each in exact}

    def cell(found: Findings) -> Cell:
        beside = known.get((found.system, found.way.metric, found.way.distractors))
        return None if beside is None else mean_cell(beside, headline)

    of = measure_of(headline)
    said = "What exact search finds with the same features, for comparison."
    return Told(Column(f"{of.title} exactly", of.kind, "", said), cell)


def _beside(
    task: Task, findings: Sequence[Findings], exact: Sequence[Findings], headline: str
) -> str:
    """Say what exact search finds by the same metrics, for comparison."""
    measure, said = measure_of(headline), []
    alike = {(each.system, each.way.metric, each.way.distractors) for each in findings}
    for found in exact:
        mean = mean_cell(found, headline)
        if mean is not None and (found.system, found.way.metric, found.way.distractors) in alike:
            said.append(
                f"{measure.title} {with_interval(mean, measure.kind)} by "
                f"{METRICS[found.way.metric]} distance"
            )
    visited = number(searched(task, findings[0]), "count")
    return f"Exact search finds {joined(said)}; it visits all {visited}. " if said else ""
