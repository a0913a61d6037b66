"""The section of exact search: every picture of the gallery is measured."""

from collections.abc import Sequence

from indexer.evaluation.findings import Findings
from indexer.evaluation.measures import measure_of
from indexer.evaluation.reporting.groups import by_group, groups
from indexer.evaluation.reporting.model import Block, Section
from indexer.evaluation.reporting.tables import (
    SYSTEM,
    by_way,
    findings_table,
    folded,
    items,
    ordered_by_way,
)
from indexer.evaluation.tasks import Task

MEASURES = (
    "P@10",
    "AP@10",
    "AP",
    "nDCG@10",
    "first rank",
    "mean rank",
    "distance",
    "similarity",
)
"""What the report from which this project started shows of it, and what that lacks."""

ABOUT = (
    "Each query is compared with every picture, so that these are the best answers that the "
    "features can give. Intervals are those of a bootstrap over queries: 95 % of them hold what "
    "other queries of the same kind would give on average."
)


NAMES = (
    "P@10 is what the report from which this project started calls mAP; mAP is here, as in the "
    "field, the mean of the average precision over whole rankings, and mAP@10 that over the "
    "first ten hits."
)


def sequential_section(
    task: Task,
    findings: Sequence[Findings],
    *,
    measures: Sequence[str] = MEASURES,
    headline: str = "P@10",
    named: bool = True,
) -> Section:
    """Make the tables of exact search, over all queries and by class.

    Args:
        task: what was asked.
        findings: of each system, by each metric, with and without distractors.
        measures: that are shown over all, by their names.
        headline: the measure that is shown by class.
        named: whether to tell what the field, and the report before this one, call these measures.
    """
    ordered = ordered_by_way(findings)
    told = by_way(findings)
    one = len({told.cell(found) for found in findings}) == 1
    blocks: list[Block] = [
        findings_table(
            "sequential",
            f"Exact search: {told.cell(findings[0])}" if one else "Exact search",
            ordered,
            measures,
            before=(SYSTEM,) if one else (told, SYSTEM),
            after=(items(task),),
            shown_rows=folded(len(findings), 2 * len({each.system for each in findings})),
        )
    ]
    title = measure_of(headline).title
    if grouped := groups(task):
        caption = f"Exact search: {title} by class"
        blocks.append(by_group("sequential-by-class", caption, findings, headline, grouped))
    text = (ABOUT, NAMES) if named else (ABOUT,)
    return Section("sequential", "Exact search", text, tuple(blocks), 1)
