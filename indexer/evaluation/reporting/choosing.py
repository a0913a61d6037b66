"""Chooses the queries of a task that people look at."""

from collections.abc import Sequence

import numpy as np

from indexer.evaluation.errors import EvaluationError
from indexer.evaluation.findings import Findings
from indexer.evaluation.measures import measure_of
from indexer.evaluation.reporting.tables import has
from indexer.evaluation.reporting.words import plain
from indexer.evaluation.tasks import Task


def worst(findings: Findings, measure: str, count: int, *, seed: int = 0) -> tuple[int, ...]:
    """Choose the queries that a measure is worst for, those that are even by lot.

    Args:
        findings: of all queries.
        measure: by its name; queries that it is not defined for are not chosen, and none where
            it was not measured.
        count: how many, at most.
        seed: draws among equals.

    Returns:
        Their places, worst first.
    """
    if not has(findings, measure):
        return ()
    values = findings.measures[measure]
    badness = values if measure_of(measure).best != "low" else -values
    lots = np.random.default_rng(seed).random(len(values))
    order = np.lexsort((lots, badness))
    return tuple(int(at) for at in order if np.isfinite(values[at]))[:count]


def one_of_each(task: Task, count: int, *, seed: int = 0) -> tuple[int, ...]:
    """Draw a query of each class, of `count` classes at most, which are drawn too."""
    rng = np.random.default_rng(seed)
    labels = [each.label for each in task.queries]
    classes = sorted(set(labels) - {""})
    drawn = sorted(rng.permutation(len(classes))[:count].tolist())
    keys = np.array(labels, np.str_)
    return tuple(int(rng.choice(np.flatnonzero(keys == classes[at]))) for at in drawn)


def named(task: Task, names: Sequence[str]) -> tuple[int, ...]:
    """Find queries by their names, or by the last part of these.

    Raises:
        EvaluationError: no query is called so.
    """
    found = []
    for name in names:
        places = [
            at
            for at, each in enumerate(task.queries)
            if each.name == name or each.name.endswith(f"/{name}")
        ]
        if not places:
            example = plain(task.queries[0].name) if task.queries else "there is none"
            raise EvaluationError(
                f"No query is called {plain(name)}. Give a path below the folder of queries, as "
                f"{example}."
            )
        found += places
    return tuple(dict.fromkeys(found))
