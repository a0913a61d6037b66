"""Writes a table as CSV, for spreadsheets and programs."""

import csv
from io import StringIO
from math import isfinite

from indexer.evaluation.reporting.model import Cell, Mean, Table
from indexer.text import readable


def csv_of(table: Table) -> str:
    """Return a table as CSV; a column of means becomes three: NAME, NAME low, NAME high."""
    means = [any(isinstance(row[i], Mean) for row in table.rows) for i in range(len(table.columns))]
    head: list[str] = []
    for column, has_means in zip(table.columns, means, strict=True):
        name = readable(column.name)
        head += [name, f"{name} low", f"{name} high"] if has_means else [name]
    content = StringIO()
    writer = csv.writer(content)  # lines end as RFC 4180 has it, so that odd file names are quoted
    writer.writerow(head)
    for row in table.rows:
        cells = zip(row, means, strict=True)
        writer.writerow([part for cell, has_means in cells for part in _parts(cell, has_means)])
    return content.getvalue()


def _parts(cell: Cell, has_means: bool) -> list[str | int | float]:
    if isinstance(cell, Mean):
        return [_plain(cell.value), _plain(cell.low), _plain(cell.high)]
    return [_plain(cell), "", ""] if has_means else [_plain(cell)]


def _plain(cell: str | int | float | None) -> str | int | float:
    if isinstance(cell, str):
        return readable(cell)
    return "" if cell is None or not isfinite(cell) else cell
