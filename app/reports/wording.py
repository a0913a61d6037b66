"""How the cells of a report's tables are written, alike on pages and on the terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10

from app.figures import number, percent
from indexer.evaluation.reporting.model import Cell, Column, Mean, Table

DIGITS = 4  # that matter of a number
SHARE_DECIMALS = 3
PERCENT_DECIMALS = 1


@dataclass(frozen=True)
class Written:
    """A cell in words.

    Attributes:
        text: its value, or "" where there is nothing to say.
        low, high: the bounds of its 95 % interval, or "" where it has none.
        count: how many queries it is the mean of; 0 where it is no mean.
        is_best: whether it is the best of its column.
    """

    text: str
    low: str = ""
    high: str = ""
    count: int = 0
    is_best: bool = False


def written(table: Table) -> list[list[Written]]:
    """Return the cells of a table in words, row by row."""
    columns = [
        _column(column, [row[place] for row in table.rows])
        for place, column in enumerate(table.columns)
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def is_number(column: Column) -> bool:
    """Return whether a column holds numbers, which stand flush right."""
    return column.kind != "text"


def _column(column: Column, cells: Sequence[Cell]) -> list[Written]:
    values = [_value(cell) for cell in cells]
    decimals = _decimals(column, [value for value in values if value is not None])
    texts = [_cell(cell, decimals, column) for cell in cells]
    best = _best(column, [value for value in values if value is not None])
    if best is None:
        return texts
    # What looks alike is equally good.
    winner = next(text.text for text, value in zip(texts, values, strict=True) if value == best)
    if all(text.text in ("", winner) for text in texts):
        return texts
    return [
        Written(text.text, text.low, text.high, text.count, text.text == winner) for text in texts
    ]


def _value(cell: Cell) -> float | None:
    number = cell.value if isinstance(cell, Mean) else cell
    if isinstance(number, str) or number is None or not isfinite(number):
        return None
    return float(number)


def _best(column: Column, values: Sequence[float]) -> float | None:
    """Return the best of several values, or None where the column marks none."""
    if not column.best or len(values) < 2:
        return None
    return max(values) if column.best == "high" else min(values)


def _decimals(column: Column, values: Sequence[float]) -> int:
    """Return how many decimals the numbers of a column have, so that they stand under another."""
    if column.kind == "share":
        return SHARE_DECIMALS
    if column.kind == "percent":
        return PERCENT_DECIMALS
    largest = max(map(abs, values), default=0.0)
    if all(value == round(value) for value in values):
        return 0
    if column.kind == "count":
        return 1 if largest < 1000 else 0
    digits = DIGITS - 1 if column.signed else DIGITS  # differences are less sure
    return min(6, max(0, digits - 1 - floor(log10(largest)))) if largest else 0


def _cell(cell: Cell, decimals: int, column: Column) -> Written:
    if isinstance(cell, str):
        return Written(cell)
    value = _value(cell)
    if value is None:
        return Written("")
    text = _number(value, decimals, column, percent if column.kind == "percent" else number)
    if not isinstance(cell, Mean):
        return Written(text)
    if not (isfinite(cell.low) and isfinite(cell.high)) or cell.low == cell.high:
        return Written(text, count=cell.count)
    low, high = (_number(end, decimals, column) for end in (cell.low, cell.high))
    return Written(text, low, high, cell.count)


def _number(
    value: float, decimals: int, column: Column, write: Callable[[float, str], str] = number
) -> str:
    size = abs(value) * (100 if column.kind == "percent" else 1)
    text = write(size, f",.{decimals}f")
    if not any(digit in text for digit in "123456789"):
        return text  # no "-0.000"
    return f"{'-' if value < 0 else '+' if column.signed else ''}{text}"
