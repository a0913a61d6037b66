"""Asks one system everything that a plan wants to know of it, and lets its features go."""

from dataclasses import dataclass, replace

import numpy as np

from indexer.evaluation.errors import EvaluationError
from indexer.evaluation.finding import find_by_index, find_deeper, find_exactly
from indexer.evaluation.findings import Findings
from indexer.evaluation.grid import find_grid
from indexer.evaluation.measures import measure_of
from indexer.evaluation.plans import EvaluationPlan
from indexer.evaluation.reporting.mapping import map_section
from indexer.evaluation.reporting.model import Section
from indexer.evaluation.spread import Spread, spread
from indexer.evaluation.studies.base import Desk, facts_of_systems, opened
from indexer.evaluation.systems.base import System, SystemSpec
from indexer.evaluation.systems.hashing import default_index
from indexer.evaluation.tasks import Task
from indexer.indexes.base import Index
from indexer.indexes.registry import KINDS
from indexer.types import Metric

OF_CLASSES = ("folders", "grid")
"""Protocols whose galleries have classes, of which more is shown."""


@dataclass(frozen=True)
class Examined:
    """What was found of one system.

    Attributes:
        name: of the system.
        facts: what it is, in a line, by its name.
        exact: by exact search: its own metric first, with distractors first.
        index: by an index: its own, or the one that a build would make.
        grid: by plain LSH in each setting of the plan's grid.
        spread: of the distances between pictures, where classes tell something of them.
        map: of the gallery, likewise.
        is_index: whether it is an index that is built, and answers as people are answered.
        headline: the measure that tells how good it is, by its name.
    """

    name: str
    facts: dict[str, str]
    exact: tuple[Findings, ...]
    index: tuple[Findings, ...]
    grid: tuple[Findings, ...]
    spread: Spread | None
    map: Section | None
    is_index: bool
    headline: str

    @property
    def main(self) -> Findings:
        """Return what tells how good it is: an index as it answers, a network by exact search.

        Where the headline looks at whole rankings, which an index does not give, an index too is
        told of by exact search.
        """
        answered = self.is_index and self.index and self.headline in self.index[0].measures
        return self.index[0] if answered else self.exact[0]

    @property
    def remarks(self) -> tuple[str, ...]:
        """Say what readers should know of how it was measured."""
        if not (self.is_index and self.index and self.main is self.exact[0]):
            return ()
        return (
            f"{measure_of(self.headline).title} looks at whole rankings, and {self.name} answers "
            "with its first hits: it is told by exact search of its features. What the index "
            "itself answers stands beside it.",
        )


def examined(
    number: int, spec: SystemSpec, task: Task, plan: EvaluationPlan, desk: Desk, headline: str
) -> Examined:
    """Open a system, ask it, and let it go again.

    Args:
        number: of the system among those of the plan, from 0.
        spec: the system.
        task: what is asked.
        plan: what is wanted.
        desk: where.
        headline: the measure that tells how good it is, by its name.

    Raises:
        EvaluationError: a grid is wanted of hash codes, which plain LSH cannot hash.
    """
    with opened(spec, task, plan, desk) as system:
        return _asked(number, system, task, plan, desk, headline)


def _asked(
    number: int, system: System, task: Task, plan: EvaluationPlan, desk: Desk, headline: str
) -> Examined:
    _require_hashable(system, plan)
    exact = tuple(
        found
        for metric in _metrics(system, plan)
        for found in find_exactly(
            task, system, metric, k=plan.k, last=plan.k, progress=desk.progress
        )
    )
    classes = plan.protocol in OF_CLASSES
    name = f"map-{number + 1}" if number else "map"
    return Examined(
        name=system.name,
        facts=facts_of_systems(system),
        exact=exact,
        index=_by_index(task, system, exact, plan, desk),
        grid=_by_grid(task, system, exact, plan, desk),
        spread=_spread(task, system, plan) if classes else None,
        map=map_section(task, system, desk.folder, name=name, seed=plan.seed) if classes else None,
        is_index=system.index is not None,
        headline=headline,
    )


def _spread(task: Task, system: System, plan: EvaluationPlan) -> Spread:
    labels = [""] * system.store.count
    for row, picture in zip(system.rows.tolist(), task.gallery, strict=True):
        labels[row] = picture.label
    return spread(system.store, np.array(labels, np.str_), rows=system.rows, seed=plan.seed)


def _metrics(system: System, plan: EvaluationPlan) -> tuple[Metric, ...]:
    """Return the metrics of exact search, the system's own first."""
    if plan.protocol not in OF_CLASSES or system.metric == "hamming":
        return (system.metric,)
    return ("cosine", "euclidean") if system.metric == "cosine" else ("euclidean", "cosine")


def _by_index(
    task: Task, system: System, exact: tuple[Findings, ...], plan: EvaluationPlan, desk: Desk
) -> tuple[Findings, ...]:
    """Search the system's index; of a network, where classes are asked for, a usual one.

    An index that always is exact finds what exact search has found, and is not asked where that
    index is what is evaluated.
    """
    index: Index | None = system.index
    facts = system.index_facts or {}
    if index is None:
        if plan.protocol != "folders" or system.store.count < 2 or not system.by_index:
            return ()
        index, facts = default_index(system, seed=plan.seed, progress=desk.progress)
    elif KINDS[str(facts["kind"])].exact:
        return ()
    parameters = {name: value for name, value in facts.items() if name != "kind"}
    way = replace(exact[0].way, kind=str(facts["kind"]), parameters=parameters)
    found = find_by_index(task, system, index, way, exact[0], k=plan.k)
    if plan.protocol not in OF_CLASSES:
        return (found,)
    deeper = find_deeper(task, system, index, way)
    return (replace(found, measures={**found.measures, **deeper}),)


def _by_grid(
    task: Task, system: System, exact: tuple[Findings, ...], plan: EvaluationPlan, desk: Desk
) -> tuple[Findings, ...]:
    """Search plain LSH in all settings, by each metric that it hashes for."""
    if not plan.grid:
        return ()
    return find_grid(
        task,
        system,
        plan.grid,
        tuple(_whole(exact).values()),
        k=plan.k,
        hash_space="raw",  # as the report from which this project started hashed
        seed=plan.seed,
        progress=desk.progress,
    )


def _whole(exact: tuple[Findings, ...]) -> dict[Metric, Findings]:
    """Return what was found by each metric in the whole gallery, which comes first of it."""
    found: dict[Metric, Findings] = {}
    for each in exact:
        found.setdefault(each.way.metric, each)
    return found


def _require_hashable(system: System, plan: EvaluationPlan) -> None:
    if plan.grid and system.metric == "hamming":
        raise EvaluationError(
            f"Plain LSH hashes features for cosine or Euclidean distances, and {system.name} is "
            "searched by its codes. Leave it out of the grid, or evaluate it without --g, --h "
            "and --w."
        )
