"""Writes the measures of retrieval before and after, each as its kind asks for."""

from collections.abc import Iterator, Mapping, Sequence
from math import isnan

from indexer.evaluation.measures import MEASURES, Measure
from indexer.experiments.runs.changes import Change

Bounds = tuple[float, float, float]
"""A mean, and the ends of its 95 % interval; NaN of unknown ones."""

_BY_TITLE: Mapping[str, Measure] = {measure.title: measure for measure in MEASURES.values()}


def directed(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Leave out measures of which neither high nor low values are better."""
    return tuple(change for change in changes if _measure(change) is None or _best(change))


def value_words(change: Change, value: float) -> str:
    """Write a value of a measure: shares with three decimals, ranks with one, counts whole."""
    measure = _measure(change)
    if measure and measure.kind == "count":
        return f"{value:,.0f}"
    return f"{value:,.1f}" if measure and measure.kind == "number" else f"{value:.3f}"


def interval_words(change: Change, bounds: Bounds) -> str:
    """Write the ends of an interval: "0.5 to 0.6"; "" where it has none."""
    _, low, high = bounds
    if isnan(low + high):
        return ""
    return f"{value_words(change, low)} to {value_words(change, high)}"


def bounds_words(change: Change, bounds: Bounds) -> str:
    """Write a mean with its interval."""
    interval = interval_words(change, bounds)
    return value_words(change, bounds[0]) + (f" ({interval})" if interval else "")


def change_rows(changes: Sequence[Change]) -> Iterator[tuple[str, str, str, str]]:
    """Return what tables show of changes: measure, before, after, verdict."""
    for each in directed(changes):
        before, after = bounds_words(each, each.before), bounds_words(each, each.after)
        yield each.measure, before, after, each.verdict


def _measure(change: Change) -> Measure | None:
    return _BY_TITLE.get(change.measure)


def _best(change: Change) -> str:
    measure = _measure(change)
    return measure.best if measure else ""
