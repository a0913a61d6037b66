"""What every study is given, and what it hands back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from indexer.evaluation.plans import EvaluationPlan
from indexer.evaluation.reporting.model import Section
from indexer.evaluation.systems.base import System, SystemSpec
from indexer.evaluation.systems.naming import with_names
from indexer.evaluation.systems.opening import open_system
from indexer.evaluation.tasks import Picture, Task
from indexer.evaluation.truths import ByList
from indexer.types import Report
from models.types import EncoderSpec

DEFAULT_SYSTEMS = (SystemSpec(encoder=EncoderSpec()),)


@dataclass(frozen=True)
class Desk:
    """Where a study works.

    Attributes:
        instance: the folder under which indexes, encoders, features and ground truth lie.
        folder: of the report; figures and pictures are written to it.
        progress: told how far each stage is.
    """

    instance: Path
    folder: Path
    progress: Report


@dataclass(frozen=True)
class Outcome:
    """What a study found.

    Attributes:
        title: for people.
        answer: in a sentence or two.
        facts: of gallery, queries and systems.
        sections: of the report.
    """

    title: str
    answer: str
    facts: Mapping[str, str]
    sections: tuple[Section, ...]


Study = Callable[[EvaluationPlan, Desk], Outcome]


def systems_of(plan: EvaluationPlan) -> tuple[SystemSpec, ...]:
    """Return what is evaluated, each with a name of its own; the bundled network by default."""
    return with_names(plan.systems or DEFAULT_SYSTEMS)


@contextmanager
def opened(spec: SystemSpec, task: Task, plan: EvaluationPlan, desk: Desk) -> Iterator[System]:
    """Open a system as the plan has it, and let its features go at the end; see open_system."""
    with TemporaryDirectory(prefix=".features-", dir=desk.folder) as scratch:
        yield open_system(
            spec,
            task,
            desk.instance,
            Path(scratch),
            limits=plan.limits,
            precision=plan.precision,
            batch_size=plan.batch_size,
            workers=plan.workers,
            progress=desk.progress,
        )


def unranked(gallery: tuple[Picture, ...], queries: tuple[Picture, ...]) -> Task:
    """Return the task of a study that compares features and ranks nothing: nothing is right."""
    nothing = [()] * len(queries)
    return Task(gallery, queries, ByList.of(len(gallery), nothing, nothing))


def facts_of_systems(*systems: System) -> dict[str, str]:
    """Say in a line what each system is."""
    return {
        system.name: ", ".join(f"{name} {fact}" for name, fact in system.facts.items())
        for system in systems
    }
