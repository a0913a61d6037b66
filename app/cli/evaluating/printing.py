"""What the terminal shows of a report: its answer, the tables that carry it, and where more is."""

from collections.abc import Sequence
from dataclasses import replace
from textwrap import fill

from app.cli.text import printable
from app.reports.wording import Written, is_number, written
from indexer.evaluation.reporting.model import Cell, Mean, Report, Section, Table

GAP = "  "
LONGEST_WORD = 24  # of a cell of text; "resnet50 conv4_block6_out" keeps both its ends
ROWS = 20
BEST_ROWS = 10  # of a table that is longer
NARROWEST = 40
LONGEST_NOTE = 200
ASIDE = ("distances", "comparing", "confusion", "map")
"""Sections that pages show better: what they hold is named, with its file."""


def printed(report: Report, width: int) -> str:
    """Return a report's answer and its chief tables, in lines of at most `width` characters.

    These are the first tables of the sections, with means alone; the other tables are named.
    """
    width = max(width, NARROWEST)
    chief = [table for section in report.sections for table in _tables(section)[: _most(section)]]
    others = [table for section in report.sections for table in _tables(section)[_most(section) :]]
    parts = [fill(printable(report.answer), width)]
    parts += [printed_table(table, width) for table in chief]
    parts += [_others(others, width)] if others else []
    parts += [fill(_legend(chief), width)] if _legend(chief) else []
    return "\n\n".join(parts)


def printed_table(table: Table, width: int) -> str:
    """Return a table; columns and rows for which there is no room are counted, with their file.

    The best of a column has a star. What all rows share stands in the caption. Of a long table
    the rows that are best in the first column that marks its best are shown.
    """
    short, caption = _told_once(_best_first(table))
    rows = written(short)[: _shown(table)]
    columns = [
        _column(printable(column.name), [row[place] for row in rows], is_number(column))
        for place, column in enumerate(short.columns)
    ]
    kept = _fitting(columns, width)
    lines = [fill(printable(caption), width)]
    lines += ["".join(line).rstrip() for line in zip(*columns[:kept], strict=True)]
    more = [f"{len(table.rows) - len(rows):,} more rows"] if len(table.rows) > len(rows) else []
    if left := [printable(column.name) for column in short.columns[kept:]]:
        more.append(", ".join(left))
    if more:
        lines.append(fill(f"… {' and '.join(more)}: tables/{table.name}.csv", width))
    if 0 < len(table.note) <= LONGEST_NOTE:
        lines.append(fill(printable(table.note), width))
    return "\n".join(lines)


def _tables(section: Section) -> list[Table]:
    return [block for block in section.blocks if isinstance(block, Table)]


def _most(section: Section) -> int:
    """Return how many tables of a section are printed."""
    return 0 if section.name.partition("-")[0] in ASIDE else 1


def _others(tables: Sequence[Table], width: int) -> str:
    """Name the tables that are not printed."""
    files = ", ".join(f"{table.name}.csv" for table in tables)
    said = f"Further in tables/: {files}"
    return fill(said, width, subsequent_indent=GAP, break_on_hyphens=False)


def _legend(tables: Sequence[Table]) -> str:
    """Say what marks mean, and where the intervals are."""
    stars = any(cell.is_best for table in tables for row in written(table) for cell in row)
    means = any(isinstance(cell, Mean) for table in tables for row in table.rows for cell in row)
    said = ["* the best of its column."] if stars else []
    said += (
        ["Means over queries; their 95 % intervals are on the page and in tables/."]
        if means
        else []
    )
    return " ".join(said)


def _judged_by(table: Table) -> int | None:
    """Return the place of the first column that marks its best, if there is one."""
    return next((place for place, column in enumerate(table.columns) if column.best), None)


def _shown(table: Table) -> int:
    """Return how many rows of a table are printed at most."""
    return ROWS if len(table.rows) <= ROWS or _judged_by(table) is None else BEST_ROWS


def _best_first(table: Table) -> Table:
    """Sort a table that is too long by the first column that marks its best."""
    place = _judged_by(table)
    if len(table.rows) <= ROWS or place is None:
        return table
    column = table.columns[place]
    sign = -1.0 if column.best == "high" else 1.0

    def key(row: tuple[Cell, ...]) -> float:
        cell = row[place]
        value = cell.value if isinstance(cell, Mean) else cell
        return sign * value if isinstance(value, (int, float)) else float("inf")

    rows = tuple(sorted(table.rows, key=key))
    return replace(table, rows=rows, caption=f"{table.caption}, those with the best {column.name}")


def _told_once(table: Table) -> tuple[Table, str]:
    """Take words that are alike in all rows out of a table, and return them with its caption."""
    rows, columns = table.rows, table.columns
    alike = [
        place
        for place, column in enumerate(columns)
        if place and len(rows) > 1 and not is_number(column) and len({r[place] for r in rows}) == 1
    ]
    told = "".join(f"; {columns[place].name}: {rows[0][place] or 'none'}" for place in alike)
    kept = [place for place in range(len(columns)) if place not in alike]
    short = replace(
        table,
        columns=tuple(columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in rows),
    )
    return short, table.caption + told


def _column(name: str, cells: Sequence[Written], flush_right: bool) -> list[str]:
    """Return the lines of a column, all of one width: its name, then its cells."""
    values = [f"{printable(cell.text)}{'*' if cell.is_best else ''}" for cell in cells]
    if not flush_right:
        texts = _shortened([name, *values])
        longest = max(map(len, texts))
        return [GAP + text.ljust(longest) for text in texts]
    # The star stands beside its number, so that digits stay under digits.
    star = any(cell.is_best for cell in cells)
    values = [value if value.endswith("*") or not star else f"{value} " for value in values]
    head = f"{name} " if star else name
    longest = max(map(len, (head, *values)))
    return [GAP + text.rjust(longest) for text in (head, *values)]


def _fitting(columns: Sequence[Sequence[str]], width: int) -> int:
    """Return how many columns there is room for, from the left; one at least."""
    room = width
    for place, column in enumerate(columns):
        room -= len(column[0])
        if room < 0:
            return max(1, place)
    return len(columns)


def _shortened(texts: Sequence[str]) -> list[str]:
    """Shorten what is too long, as far as different texts stay different."""
    longest = LONGEST_WORD
    while len({_short(text, longest) for text in texts}) < len(set(texts)):
        longest += 1
    return [_short(text, longest) for text in texts]


def _short(text: str, longest: int) -> str:
    """Return a text without its middle where it is too long: its ends tell more."""
    if len(text) <= longest:
        return text
    tail = longest // 3
    return f"{text[: longest - tail - 1]}…{text[-tail:]}"
