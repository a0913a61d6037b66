"""The orders in which a catalog is paged through, and the milestones that say where one is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

STEP = 256
"""Between two milestones: as many entries are counted at most to know how far one is."""

SCHEMA = """
CREATE TABLE milestones (
    name TEXT NOT NULL, part BLOB, key INTEGER NOT NULL, id INTEGER NOT NULL,
    place INTEGER NOT NULL
);
CREATE INDEX milestones_key ON milestones (name, part, key, id);
"""

Position = tuple[int, int]
"""Where an entry stands: its key, and its id, by which entries of one key are ordered."""

Range = tuple[str, tuple[Any, ...]]
"""A condition of SQL, and its values."""


@dataclass(frozen=True)
class Order:
    """An order of a table's rows, in all or within each part; the table has an index for both.

    Attributes:
        table: its ids go from 0, without a gap.
        part: the column whose values part the rows.
        key: the column that orders them, ties by id.
    """

    table: str
    part: str
    key: str

    @property
    def columns(self) -> str:
        """Return the columns that order, as SQL lists them."""
        return "id" if self.key == "id" else f"{self.key}, id"

    def name(self, *, parted: bool) -> str:
        """Return what the milestones of this order are called."""
        return f"{self.table} {self.part if parted else '*'} {self.key}"


BY_PATH = Order("images", "label", "id")
BY_CHANGE = Order("images", "label", "mtime_ns")
FILES = Order("rejections", "reason", "id")
"""Pictures by their path, since ids follow paths; by when they changed; and rejected files."""


def lay_milestones(execute: Callable[..., Any]) -> None:
    """Note the place of every 256th entry of each order, in a catalog that is being written.

    Args:
        execute: runs a statement.
    """
    for order, parted in ((BY_CHANGE, False), (BY_PATH, True), (BY_CHANGE, True), (FILES, True)):
        part = order.part if parted else "NULL"
        within = f"PARTITION BY {part} " if parted else ""
        execute(
            f"INSERT INTO milestones SELECT ?, part, key, id, place FROM (SELECT {part} AS part, "
            f"{order.key} AS key, id, row_number() OVER ({within}ORDER BY {order.columns}) - 1 "
            f"AS place FROM {order.table}) WHERE place > 0 AND place % {STEP} = 0",
            (order.name(parted=parted),),
        )


def ranges(key: str, low: Position | None, high: Position | None) -> list[Range]:
    """Return the conditions of the rows between two positions, without these.

    A comparison of both columns at once would read all rows of one key, of which there may be
    very many: as many files have one time of change where an archive was unpacked. Each of these
    conditions is answered by an index alone, and no row meets two of them.
    """
    if key == "id":
        ends = [(f"id {sign} ?", end[1]) for sign, end in ((">", low), ("<", high)) if end]
        return [_joined(ends)]
    if low and high and low[0] == high[0]:
        return [(f"{key} = ? AND id > ? AND id < ?", (low[0], low[1], high[1]))]
    ends = [(f"{key} {sign} ?", end[0]) for sign, end in ((">", low), ("<", high)) if end]
    ties = [(f"{key} = ? AND id {sign} ?", end) for sign, end in ((">", low), ("<", high)) if end]
    return [_joined(ends), *ties]


def _joined(conditions: list[tuple[str, int]]) -> Range:
    return " AND ".join(sql for sql, _ in conditions) or "1", tuple(end for _, end in conditions)
