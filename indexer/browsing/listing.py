"""Pages through a catalog's pictures or rejected files, as quick at the last as at the first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from indexer.browsing.orders import Order, Position, ranges
from indexer.errors import BadQuery

Rows = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
Part = bytes | str | None


@dataclass(frozen=True)
class Page:
    """One page of a listing.

    Attributes:
        ids: of its entries, in their order.
        first: how many entries stand before it.
        total: entries of the listing.
    """

    ids: tuple[int, ...]
    first: int
    total: int

    @property
    def starts(self) -> bool:
        """Say whether nothing stands before it."""
        return self.first == 0

    @property
    def ends(self) -> bool:
        """Say whether nothing stands after it."""
        return self.first + len(self.ids) >= self.total


class Listing:
    """The entries of a table, or of some of its parts, in an order.

    Pages are named by the entry that they follow or go before, never by a number: rows are found
    by an index, none is skipped. How far a page is comes from the nearest milestone before it;
    catalogs without milestones count from the start.
    """

    def __init__(
        self,
        rows: Rows,
        order: Order,
        parts: Sequence[Part] | None,
        *,
        entries: int,
        total: int,
        backwards: bool = False,
        milestones: bool = True,
    ) -> None:
        """List a table.

        Args:
            rows: answers an SQL query.
            order: of the entries.
            parts: those that are listed, of which each is once; None for the whole table.
            entries: of the whole table.
            total: entries of these parts.
            backwards: from the last to the first.
            milestones: whether the catalog has any.
        """
        self.total = total
        self._rows = rows
        self._order = order
        self._parts = parts
        self._entries = entries
        self._backwards = backwards
        self._milestones = milestones

    def page(self, size: int, *, after: int | None = None, before: int | None = None) -> Page:
        """Return the first page, or the one that follows an entry, or goes before one.

        Args:
            size: how many entries, at least 1.
            after, before: an id, which need not be of the listing itself; at most one of them.

        Raises:
            BadQuery: no entry of the table has this id.
        """
        if before is None:
            at = None if after is None else self._position("after", after)
            ids = self._run(size, at, self._backwards)
        else:
            at = self._position("before", before)
            ids = self._run(size, at, not self._backwards)[::-1]
            if len(ids) < size:  # the start was reached: a full page is better than a rest
                return self.page(size)
        if at is None:
            return Page(tuple(ids), 0, self.total)
        return Page(tuple(ids), self.place(ids[0]) if ids else self.total, self.total)

    def last(self, size: int) -> Page:
        """Return the last of the pages that following each other from the start gives."""
        rest = self.total % size or min(size, self.total)
        ids = self._run(rest, None, not self._backwards)[::-1]
        return Page(tuple(ids), self.total - len(ids), self.total)

    def beside(self, number: int) -> tuple[int | None, int | None]:
        """Return the ids before and after an entry, None where there is none.

        Raises:
            BadQuery: no entry of the table has this id.
        """
        at = self._position("id", number)
        before, after = (self._run(1, at, way != self._backwards) for way in (True, False))
        return next(iter(before), None), next(iter(after), None)

    def start_of(self, number: int, size: int) -> tuple[int, int | None]:
        """Return an entry's place, and which entry its page follows; None: it is on the first.

        Pages are counted from the start of the listing, `size` entries each.
        """
        place = self.place(number)
        steps = place % size + 1
        ids = self._run(steps, self._position("id", number), not self._backwards)
        return place, ids[-1] if len(ids) == steps else None

    def place(self, number: int) -> int:
        """Return how many entries stand before one of the listing."""
        at = self._position("id", number)
        if self._parts is None:
            passed = at[1] if self._order.key == "id" else self._passed((), at)
        else:
            passed = sum(self._passed((part,), at) for part in self._parts)
        return self.total - 1 - passed if self._backwards else passed

    def _passed(self, part: tuple[Part, ...], at: Position) -> int:
        """Count the entries before a position in ascending order, of one part or of all."""
        low, counted = self._milestone(part, at)
        terms = [self._where(part, *each) for each in ranges(self._order.key, low, at)]
        table = self._order.table
        counts = " + ".join(f"(SELECT count(*) FROM {table} WHERE {where})" for where, _ in terms)
        values = [value for _, given in terms for value in given]
        return counted + int(self._rows(f"SELECT {counts}", values)[0][0])

    def _milestone(self, part: tuple[Part, ...], at: Position) -> tuple[Position | None, int]:
        """Return the nearest milestone before a position, and how many entries it ends."""
        if not self._milestones:
            return None, 0
        name = self._order.name(parted=bool(part))
        terms = ranges("key", None, at)
        query = " UNION ALL ".join(
            f"SELECT key, id, place FROM milestones WHERE name = ? AND part IS ? AND {condition}"
            for condition, _ in terms
        )
        values = [value for _, given in terms for value in (name, *(part or (None,)), *given)]
        found = self._rows(f"{query} ORDER BY 1 DESC, 2 DESC LIMIT 1", values)
        if not found:
            return None, 0
        key, number, place = found[0]
        return (key, number), place + 1

    def _run(self, size: int, at: Position | None, backwards: bool) -> list[int]:
        """Return ids from a position on, or from the start; `backwards`: descending."""
        low, high = (None, at) if backwards else (at, None)
        terms = [
            self._where(part, condition, values)
            for part in ([()] if self._parts is None else [(part,) for part in self._parts])
            for condition, values in ranges(self._order.key, low, high)
        ]
        if not terms:
            return []
        columns, table = self._order.columns, self._order.table
        # SQLite merges the terms as it goes: each reads an index, and none more than is taken.
        query = " UNION ALL ".join(f"SELECT {columns} FROM {table} WHERE {w}" for w, _ in terms)
        way = " DESC" if backwards else ""
        by = ", ".join(f"{n}{way}" for n in range(1, columns.count(",") + 2))
        values = [value for _, given in terms for value in given]
        return [
            int(row[-1]) for row in self._rows(f"{query} ORDER BY {by} LIMIT ?", [*values, size])
        ]

    def _where(
        self, part: tuple[Part, ...], condition: str, values: tuple[Any, ...]
    ) -> tuple[str, tuple[Any, ...]]:
        within = f"{self._order.part} IS ? AND " if part else ""
        return f"{within}{condition}", (*part, *values)

    def _position(self, name: str, number: int) -> Position:
        if not 0 <= number < self._entries:
            raise BadQuery(
                f"{name} should be the id of an entry, from 0 to {self._entries - 1}. "
                f"Received: {number}."
            )
        if self._order.key == "id":
            return number, number
        query = f"SELECT {self._order.columns} FROM {self._order.table} WHERE id = ?"
        key, identity = self._rows(query, (number,))[0]
        return key, identity
