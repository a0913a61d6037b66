"""Sentences on what a task leaves out, that name a few examples and count the rest."""

from collections import Counter
from collections.abc import Iterable, Sequence

NAMED = 8
"""Classes or pictures that one sentence names."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, as "1 query" or "2,000 queries"."""
    many = plural or (noun[:-1] + "ies" if noun.endswith("y") else noun + "s")
    return f"{count:,} {noun if count == 1 else many}"


def some(names: Sequence[str]) -> str:
    """List the first names and say how many follow."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


def by_class(labels: Iterable[str]) -> str:
    """List classes with how often each occurs, as "Genre (2), Portrait (1)"."""
    return some([f"{label} ({count:,})" for label, count in sorted(Counter(labels).items())])
