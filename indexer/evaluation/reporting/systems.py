"""The section that sets systems side by side, and says which differences are more than chance."""

from collections.abc import Callable, Sequence
from pathlib import Path

from indexer.evaluation import bootstrap
from indexer.evaluation.findings import Findings
from indexer.evaluation.measures import measure_of
from indexer.evaluation.reporting.bars import comparison_bars
from indexer.evaluation.reporting.model import Block, Cell, Column, Mean, Section, Table
from indexer.evaluation.reporting.tables import SYSTEM, by_way, findings_table, has, mean_cell
from indexer.evaluation.reporting.words import plain, searched_by, way

ABOUT = (
    "All systems were asked the same queries, so that they are compared query by query. "
    '"No difference" means that the 95 % interval of the difference holds 0: that these queries '
    "do not tell the two apart, not that they are equal. Of twenty such comparisons one "
    "is expected to look like a difference by chance alone."
)


def systems_section(
    findings: Sequence[Findings],
    folder: Path,
    *,
    measures: Sequence[str],
    headline: str,
) -> Section:
    """Set systems side by side.

    Args:
        findings: of each system in one way, as an index and a network may differ in theirs, or of
            all in the same few ways; those of a way are compared with the first of that way.
        folder: of the report, which the figure is written to.
        measures: that are shown, by their names, the headline among them.
        headline: the measure that bars show.
    """
    told = by_way(findings)
    hows = {told.cell(found) for found in findings}
    before = (SYSTEM,) if len(hows) == 1 else (SYSTEM, told)
    note = f"By {searched_by(findings[0].way)}." if len(hows) == 1 else ""
    caption = "Systems side by side"
    table = findings_table("systems", caption, findings, measures, before=before, note=note)
    blocks: list[Block] = [table]
    compared = [name for name in measures if measure_of(name).best]
    if any(first is not found for first, found in pairs_of(findings)):
        blocks += [differences_table(findings, compared), verdicts_table(findings, compared)]
    blocks.append(_bars(findings, folder, headline))
    return Section("systems", "Systems side by side", (ABOUT,), tuple(blocks))


def pairs_of(findings: Sequence[Findings]) -> list[tuple[Findings, Findings]]:
    """Return each findings with those that it is compared with.

    These are the first of all; where systems searched in several ways, the first of the same way.
    """
    several = len(findings) > len({each.system for each in findings})
    firsts: dict[str, Findings] = {}
    return [
        (firsts.setdefault(way(each.way, distractors=True) if several else "", each), each)
        for each in findings
    ]


def differences_table(findings: Sequence[Findings], measures: Sequence[str]) -> Table:
    """Compare each system with the first, query by query; see pairs_of."""

    def column(measure: str) -> Column:
        of = measure_of(measure)
        said = "Mean of the differences, query by query."
        return Column(of.title, of.kind, "", said, signed=True)

    return _compared(
        "differences",
        "Differences, query by query",
        findings,
        measures,
        column,
        paired,
    )


def verdicts_table(
    findings: Sequence[Findings], measures: Sequence[str], name: str = "verdicts"
) -> Table:
    """Say of each difference whether it is more than chance.

    Args:
        findings: of each system; see pairs_of.
        measures: by their names.
        name: of the table.
    """

    def verdict(first: Findings, other: Findings, measure: str) -> Cell:
        apart = paired(first, other, measure)
        return None if apart is None else judged(apart, measure)

    return _compared(
        name,
        "Better or worse",
        findings,
        measures,
        lambda measure: Column(measure_of(measure).title),
        verdict,
    )


def _compared(
    name: str,
    caption: str,
    findings: Sequence[Findings],
    measures: Sequence[str],
    column: Callable[[str], Column],
    cell: Callable[[Findings, Findings, str], Cell],
) -> Table:
    """Make a table with a row for each system that is compared, and a column for each measure.

    Whom it is compared with stands in the caption where it is the same for all.
    """
    pairs = [(first, found) for first, found in pairs_of(findings) if found is not first]
    known = [each for each in measures if any(has(a, each) and has(b, each) for a, b in pairs)]
    firsts = list(dict.fromkeys(plain(first.system) for first, _ in pairs))
    told = by_way(findings)
    several = len({told.cell(found) for _, found in pairs}) > 1
    columns = [Column("system")]
    columns += [told.column] if several else []
    columns += [Column("compared with")] if len(firsts) > 1 else []
    rows: list[tuple[Cell, ...]] = []
    for first, found in pairs:
        named: list[Cell] = [plain(found.system)]
        named += [told.cell(found)] if several else []
        named += [plain(first.system)] if len(firsts) > 1 else []
        rows.append((*named, *(cell(first, found, each) for each in known)))
    caption += f", compared with {firsts[0]}" if len(firsts) == 1 else ""
    return Table(name, caption, (*columns, *map(column, known)), tuple(rows))


def paired(first: Findings, other: Findings, measure: str) -> Mean | None:
    """Return the mean of other - first over the queries that both have a value for."""
    if not (has(first, measure) and has(other, measure)):
        return None
    values = other.measures[measure], first.measures[measure]
    apart = bootstrap.difference(*values, groups=first.together)
    return apart if apart.count else None


def judged(apart: Mean, measure: str) -> str:
    """Say of a paired difference: "better", "worse" or "no difference"."""
    if not apart.sure or apart.low <= 0 <= apart.high:
        return "no difference"
    return "better" if (apart.value > 0) == (measure_of(measure).best == "high") else "worse"


def _bars(findings: Sequence[Findings], folder: Path, headline: str) -> Block:
    told = by_way(findings)
    series: dict[str, dict[str, Mean | None]] = {}
    for each in findings:
        series.setdefault(str(told.cell(each)), {})[each.system] = mean_cell(each, headline)
    of = measure_of(headline)
    caption = f"{of.title} of each system"
    return comparison_bars(folder, "systems", caption, series, label=of.title, kind=of.kind)
