"""Says at the top of a report what was measured, and what came out."""

from collections.abc import Sequence

from indexer.evaluation.findings import Findings
from indexer.evaluation.measures import measure_of
from indexer.evaluation.remarks import counted
from indexer.evaluation.reporting.model import Mean
from indexer.evaluation.reporting.systems import judged, paired
from indexer.evaluation.reporting.tables import mean_cell, searched
from indexer.evaluation.reporting.words import (
    number,
    plain,
    searched_by,
    signed,
    within,
)
from indexer.evaluation.tasks import Task

MOST_COMPARED = 3


def answer(task: Task, findings: Sequence[Findings], headline: str) -> str:
    """Say in some sentences how good each system is.

    Args:
        task: what was asked.
        findings: of each system in one way, its own; the others are compared with the first.
        headline: the measure that tells, by its name.

    Returns:
        The system that did best on these queries, what was asked, and, of several, how each
        differs from the first, query by query. It claims nothing about other pictures.
    """
    if not findings:
        return "Nothing was measured."
    best = _best(findings, headline)
    said = f"{_headline(best, headline, alone=len(findings) == 1)}, on {_asked(task, best)}."
    others = sorted(findings[1:], key=lambda each: each is not best)
    if not others:
        return said
    said += f" Compared with {plain(findings[0].system)}, query by query: "
    told = [_apart(findings[0], each, headline) for each in others[:MOST_COMPARED]]
    left = len(others) - len(told)
    told += [f"{counted(left, 'further system')} in the tables"] if left > 0 else []
    return f"{said}{'; '.join(told)}."


def _best(findings: Sequence[Findings], measure: str) -> Findings:
    """Return the findings of the best mean, the first of several."""
    means = [(mean_cell(each, measure), each) for each in findings]
    sign = -1 if measure_of(measure).best == "low" else 1
    known = [(sign * mean.value, each) for mean, each in means if mean is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else findings[0]


def _headline(found: Findings, measure: str, *, alone: bool) -> str:
    of, mean = measure_of(measure), mean_cell(found, measure)
    name = plain(found.system)
    if mean is None:
        return f"{name} has no query that {within(of.title)} is defined for"
    verb = "finds most" if of.best == "high" else "is best"
    said = f"{name}: " if alone else f"{name} {verb}: "
    said += f"{within(of.title)} {number(mean.value, of.kind)}"
    if mean.count > 1:
        said += f" (95 %: {number(mean.low, of.kind)} to {number(mean.high, of.kind)})"
    undefined = len(found.measures[measure]) - mean.count
    count = number(mean.count, "count")
    return f"{said}, over the {count} queries it is defined for" if undefined else said


def _asked(task: Task, found: Findings) -> str:
    """Say of how many queries and pictures that is, and how was searched."""
    gallery = searched(task, found)
    others = gallery - task.own
    said = f"{counted(len(task.queries), 'query', 'queries')} among {counted(gallery, 'picture')}"
    said += f", {others:,} of them distractors" if others else ""
    return f"{said}, by {searched_by(found.way)}"


def _apart(first: Findings, other: Findings, measure: str) -> str:
    """Say how a system differs from the first, and how sure that is."""
    of, name = measure_of(measure), plain(other.system)
    name += (
        f" (by {searched_by(other.way)})"
        if searched_by(other.way) != searched_by(first.way)
        else ""
    )
    apart = paired(first, other, measure)
    if apart is None:
        return f"{name} has no query in common"
    verdict = judged(apart, measure)
    if verdict == "no difference":
        value, low, high = (signed(each, of.kind) for each in (apart.value, apart.low, apart.high))
        return f"{name} shows no difference, {value}" + _bounds(apart, low, high)
    ends = sorted((abs(apart.low), abs(apart.high)))
    value, low, high = (number(each, of.kind) for each in (abs(apart.value), *ends))
    return f"{name} is {verdict} by {value}" + _bounds(apart, low, high)


def _bounds(mean: Mean, low: str, high: str) -> str:
    return f" ({low} to {high})" if mean.count > 1 else ""
