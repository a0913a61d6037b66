"""The scales of a drawing's values: even steps, or even ratios where values differ greatly."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from app.axes import place

MARKS = 5  # of values, at most, beside the first
LEADS = ((1, 2, 5), (1, 3), (1,))  # digits that marks of a logarithmic scale may begin with


@dataclass(frozen=True)
class Scale:
    """A scale.

    Attributes:
        marks: (low, high) -> round numbers, between the first and last of which all values lie.
        axis: (low, high, start, end) -> what places a value between two ends.
    """

    marks: Callable[[float, float], list[float]]
    axis: Callable[[float, float, float, float], Callable[[float], float]]


def _even_steps(low: float, high: float) -> list[float]:
    span = max(high - low, 0.02 * max(abs(low), abs(high)), 1e-6)  # marks of four digits differ
    step = 10.0 ** math.floor(math.log10(span / MARKS))
    step *= next(digit for digit in (1, 2, 5, 10) if span / (digit * step) <= MARKS)
    first = math.floor(low / step)
    count = max(1, math.ceil(high / step) - first)
    return [round((first + number) * step, 12) for number in range(count + 1)]


def _even_ratios(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)
    for digits in LEADS:
        marks = _around([lead * 10.0**power for power in powers for lead in digits], low, high)
        if len(marks) <= MARKS + 1:
            return marks
    step = math.ceil((len(marks) - 1) / MARKS)
    return sorted({*marks[::-step], marks[0]})


def _around(marks: list[float], low: float, high: float) -> list[float]:
    """Leave out marks of which another one still lies beyond all values."""
    first = max(mark for mark in marks if mark <= low)
    last = min(mark for mark in marks if mark >= high)
    return [mark for mark in marks if first <= mark <= last]


def _linear(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    return partial(place, low=low, high=high, start=start, end=end)


def _logarithmic(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    even = _linear(math.log(low), math.log(high), start, end)
    return lambda value: even(math.log(value))


LINEAR = Scale(_even_steps, _linear)
LOGARITHMIC = Scale(_even_ratios, _logarithmic)
