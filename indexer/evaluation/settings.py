"""Reads a grid of settings of plain LSH from the command line."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from indexer.errors import BadParameter
from indexer.indexes.options import IndexOptions

MOST_SETTINGS = 1000


@dataclass(frozen=True)
class Setting:
    """One setting of plain LSH.

    Attributes:
        g: number of tables.
        h: projections in each hash function.
        w: width of a projection's intervals.
    """

    g: int
    h: int
    w: float

    def __post_init__(self) -> None:
        """Refuse what no index takes, before anything is measured."""
        IndexOptions(family="plain", g=self.g, h=self.h, w=self.w)


def settings_of(g: str, h: str, w: str) -> tuple[Setting, ...]:
    """Read a grid: every g with every h and every w.

    Args:
        g, h: whole numbers, as "3:8" for all from 3 to 8, "3:9:2" for every second, or "4,6,8".
        w: numbers, in the same ways.

    Raises:
        BadParameter: naming what cannot be read, or is out of range.
    """
    tables, parts, widths = _whole("g", g), _whole("h", h), numbers("w", w)
    if len(tables) * len(parts) * len(widths) > MOST_SETTINGS:
        raise BadParameter(
            f"A grid may have {MOST_SETTINGS} settings at most. Received: --g {g} --h {h} --w {w}"
        )
    return tuple(Setting(*each) for each in product(tables, parts, widths))


def numbers(name: str, text: str) -> tuple[float, ...]:
    """Read numbers: "4,6,8", "3:8" for 3, 4, … 8, or "2:8:1.5" for 2, 3.5, … up to 8.

    Args:
        name: of the option, for messages.
        text: what was given.

    Returns:
        The numbers, in the order given, each once.

    Raises:
        BadParameter: it cannot be read.
    """
    found: list[float] = []
    for part in text.split(","):
        try:
            values = [float(each) for each in part.split(":")]
        except ValueError:
            raise _unreadable(name, text) from None
        if not np.isfinite(values).all() or len(values) > 3:
            raise _unreadable(name, text)
        found += values if len(values) == 1 else _steps(name, text, *values)
    return tuple(dict.fromkeys(found))


def _whole(name: str, text: str) -> tuple[int, ...]:
    values = numbers(name, text)
    if any(value != int(value) for value in values):
        raise BadParameter(f"--{name} takes whole numbers. Received: {text}")
    return tuple(int(value) for value in values)


def _steps(name: str, text: str, first: float, last: float, step: float = 1) -> list[float]:
    """Count from the first to the last, both among them where the steps meet it."""
    count = (last - first) / step + 1e-9 if step > 0 else -1
    if not 0 <= count < MOST_SETTINGS:
        raise _unreadable(name, text)
    return [first + step * number for number in range(int(count) + 1)]


def _unreadable(name: str, text: str) -> BadParameter:
    return BadParameter(
        f"--{name} takes numbers as 4,6,8 or a range as 3:8, or 3:9:2 in steps of 2, from the "
        f"least to the greatest. Received: {text!r}"
    )
