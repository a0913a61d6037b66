"""Reads the parameters of an address; what is out of its range is refused, never clamped."""

import re
from collections.abc import Iterable
from typing import TypeVar

from indexer.errors import BadQuery
from indexer.serving.asking import require_box
from models.types import Box

YES = ("1", "true", "yes")
NO = ("0", "false", "no")
SHOWN = 40
"""Characters of a wrong value that its refusal repeats."""
EDGE = re.compile(r"[01]|[01]?\.[0-9]{1,22}")
"""As many decimals as programs write of a quotient: 17 digits that count, after a few zeros."""

Name = TypeVar("Name", bound=str)


def whole(value: str) -> int | None:
    """Read a number from 0 on, of at most nine digits; None if it is none.

    The length is limited because a number of a million digits takes seconds to read.
    """
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def number_up_to(name: str, value: str, most: int, default: int) -> int:
    """Read a whole number from 1 to `most`; the default where there is none.

    Raises:
        BadQuery: it is no such number.
    """
    if not value:
        return default
    number = whole(value)
    if number is not None and 1 <= number <= most:
        return number
    raise BadQuery(f"{name} should be a whole number from 1 to {most}. {received(value)}")


def number_from_zero(name: str, value: str) -> int:
    """Read a whole number from 0 on; 0 where there is none.

    Raises:
        BadQuery: it is no such number.
    """
    number = whole(value or "0")
    if number is None:
        raise BadQuery(f"{name} should be a whole number from 0 to 999999999. {received(value)}")
    return number


def decimal(name: str, value: str, example: str) -> float | None:
    """Read a number with a point; None where there is none.

    Raises:
        BadQuery: it is no number.
    """
    if not value:
        return None
    try:
        return float(value[:SHOWN])
    except ValueError:
        raise BadQuery(f"{name} should be a number like {example}. {received(value)}") from None


def one_of(name: str, value: str, known: Iterable[Name]) -> Name:
    """Read one of some names.

    Raises:
        BadQuery: it is none of them.
    """
    names = tuple(known)
    if value in names:
        return names[names.index(value)]
    raise BadQuery(f"{name} should be one of: {', '.join(names)}. {received(value)}")


def flag(name: str, value: str) -> bool:
    """Read a switch, off where it is absent.

    Raises:
        BadQuery: it is neither on nor off.
    """
    if value and value.lower() not in YES + NO:
        raise BadQuery(f"{name} should be 1 or 0. {received(value)}")
    return value.lower() in YES


def box(name: str, value: str) -> Box | None:
    """Read a part of a picture: four shares, by commas; None where there is none, or all is meant.

    Raises:
        BadQuery: it is no part.
    """
    if not value:
        return None
    edges = value.split(",")
    if len(edges) != 4 or not all(map(EDGE.fullmatch, edges)):
        raise BadQuery(
            f"{name} should be the left, upper, right and lower edge as shares of the picture, "
            f"like 0.1,0.2,0.6,0.9. {received(value)}"
        )
    left, upper, right, lower = map(float, edges)
    require_box((left, upper, right, lower))
    return None if (left, upper, right, lower) == (0, 0, 1, 1) else (left, upper, right, lower)


def received(value: str) -> str:
    """Say what was sent instead."""
    return f"Received: {value[:SHOWN]!r}."
