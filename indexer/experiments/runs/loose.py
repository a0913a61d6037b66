"""Reads what a file may hold or not: a value of another kind counts as none."""

import math
from typing import Any

from indexer.text import readable

LARGEST = 1e30
"""Numbers beyond it are no figures of a training, and no drawing could place them."""


def inner(known: Any, *keys: str) -> Any:
    """Return what lies under keys, one in another, or None."""
    for key in keys:
        known = known.get(key) if isinstance(known, dict) else None
    return known


def text(known: Any, *keys: str) -> str:
    """Return text, or "" where there is none."""
    value = inner(known, *keys)
    return readable(value) if isinstance(value, str) else ""


def number(known: Any, *keys: str) -> float:
    """Return a number, or NaN where there is none, or text that spells none."""
    value = inner(known, *keys)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return math.nan
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return math.nan
    return found if abs(found) <= LARGEST else math.nan


def whole(known: Any, *keys: str) -> int:
    """Return a whole number of at least 0, or 0 where there is none."""
    value = number(known, *keys)
    return int(value) if value >= 0 else 0


def share(known: Any, *keys: str) -> float:
    """Return a number of 0 to 1, or NaN where there is none."""
    value = number(known, *keys)
    return value if 0 <= value <= 1 else math.nan


def listed(known: Any, *keys: str) -> list[Any]:
    """Return a list, or an empty one."""
    value = inner(known, *keys)
    return value if isinstance(value, list) else []


def settings(known: Any, *keys: str) -> tuple[tuple[str, str], ...]:
    """Return the names and plain values of an object, as text; what is no plain value is left out.

    Lists of plain values are joined by commas.
    """
    found = inner(known, *keys)
    pairs = found.items() if isinstance(found, dict) else ()
    told = ((readable(str(name)), _plain(value)) for name, value in pairs)
    return tuple((name, value) for name, value in told if value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(filter(None, map(_plain, value)))
    if isinstance(value, str):
        return readable(value)
    found = number({"value": value}, "value")
    return "" if math.isnan(found) else f"{found:.6g}"
