"""Turns a report into what its page shows, on the site and as a file of its own."""

from collections.abc import Callable
from typing import TypeVar

from app.figures import lasted, when
from app.reports.parts import (
    FigureView,
    Heading,
    LooksView,
    PictureView,
    ReportView,
    SectionView,
    StripView,
    TableView,
)
from app.reports.wording import is_number, written
from app.search.presenters import figure
from app.words import _
from indexer.evaluation.reporting.model import (
    Column,
    Figure,
    Looks,
    Report,
    Section,
    Shown,
    Strip,
    Table,
)

Item = TypeVar("Item")
Source = Callable[[str], str]
"""Gives the address of a file of the report, by its path in the folder; "" where there is none."""


def view(report: Report, source: Source) -> ReportView:
    """Return what a page shows of a report.

    Args:
        report: what was found.
        source: says where the page finds a file of the report.
    """
    return ReportView(
        name=report.name,
        title=report.title,
        answer=report.answer,
        protocol=report.protocol,
        command=report.command,
        created=when(report.created),
        took=lasted(report.seconds) if report.seconds >= 1 else "",
        facts=list(report.facts.items()),
        indexes=report.indexes,
        sections=[_section(section, source) for section in report.sections],
    )


def _section(section: Section, source: Source) -> SectionView:
    blocks, folded = _folded([_block(block, source) for block in section.blocks], section.shown)
    return SectionView(section.name, section.title, section.text, blocks, folded)


def _block(block: Table | Figure | Looks, source: Source) -> TableView | FigureView | LooksView:
    if isinstance(block, Table):
        return _table(block, source)
    if isinstance(block, Figure):
        return _figure(block, source)
    strips, folded = _folded([_strip(strip, source) for strip in block.strips], block.shown)
    return LooksView(block.name, block.caption, block.note, strips, folded)


def _folded(items: list[Item], shown: int) -> tuple[list[Item], list[Item]]:
    """Part what is shown at once from the rest; 0 shows all."""
    first = shown if shown > 0 else len(items)
    return items[:first], items[first:]


def _table(table: Table, source: Source) -> TableView:
    rows = written(table)
    cells = [cell for row in rows for cell in row]
    at_once, folded = _folded(rows, table.shown)
    return TableView(
        name=table.name,
        caption=table.caption,
        note=table.note,
        headings=[_heading(column) for column in table.columns],
        rows=at_once,
        folded=folded,
        csv=source(f"tables/{table.name}.csv"),
        has_intervals=any(cell.low for cell in cells),
        has_best=any(cell.is_best for cell in cells),
    )


def _heading(column: Column) -> Heading:
    best, said = {
        "high": (_("higher is better"), _("Higher is better.")),
        "low": (_("lower is better"), _("Lower is better.")),
    }.get(column.best, ("", ""))
    return Heading(column.name, column.help, is_number(column), best, said)


def _figure(figure: Figure, source: Source) -> FigureView:
    svg, png = (source(f"figures/{figure.name}.{kind}") for kind in ("svg", "png"))
    return FigureView(
        figure.name,
        figure.caption,
        figure.alt,
        figure.width,
        figure.height,
        svg or png,
        svg,
        png,
    )


def _strip(strip: Strip, source: Source) -> StripView:
    return StripView(
        query=_picture(strip.query, source),
        system=strip.system,
        note=strip.note,
        first=[_picture(shown, source) for shown in strip.first],
        last=[_picture(shown, source) for shown in strip.last],
    )


def _picture(shown: Shown, source: Source) -> PictureView:
    verdicts = {True: "right", False: "wrong", None: ""}
    return PictureView(
        name=shown.name,
        label=shown.label,
        source=source(shown.file) if shown.file else "",
        width=shown.width,
        height=shown.height,
        distance="" if shown.distance is None else figure(shown.distance),
        verdict=verdicts[shown.right],
        rank=shown.rank,
    )
