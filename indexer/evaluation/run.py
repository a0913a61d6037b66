"""Runs an evaluation: a study makes its sections, and the report goes into its place when whole."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from time import perf_counter

from indexer.evaluation.plans import EvaluationPlan
from indexer.evaluation.protocols.registry import PROTOCOLS
from indexer.evaluation.reporting.drafts import drafting
from indexer.evaluation.reporting.model import Report
from indexer.evaluation.reporting.storing import report_folder, write_report
from indexer.evaluation.reporting.words import without_places
from indexer.evaluation.studies.base import Desk, Study
from indexer.types import Progress, silent

RANKINGS = "indexer.evaluation.studies.rankings:study_rankings"
STUDIES: Mapping[str, str] = {
    **dict.fromkeys(PROTOCOLS, RANKINGS),
    "grid": RANKINGS,
    "triplets": "indexer.evaluation.studies.triplets:study_triplets",
    "pairs": "indexer.evaluation.studies.pairs:study_pairs",
    "ratings": "indexer.evaluation.studies.ratings:study_ratings",
}
"""Protocol -> "module:function" of what studies it."""

Finish = Callable[[Report, Path], None]
"""Adds what else belongs into a report's folder, before it goes into its place."""


def evaluate(
    plan: EvaluationPlan,
    instance: Path,
    progress: Callable[[Progress], None] = silent,
    finish: Finish | None = None,
) -> tuple[Report, Path]:
    """Run what a plan wants, and keep the report in the instance.

    A report of the same name stays until the new one is whole, and of one that fails or is stopped
    nothing is left but the features in the instance's cache: asked again, it goes on from there.

    Args:
        plan: what is evaluated.
        instance: the folder under which everything lies.
        progress: told how far each stage is.
        finish: adds further files, as a page.

    Returns:
        The report, and its folder.

    Raises:
        EvaluationError: it cannot be done as asked; EvaluationRunning: somebody does it already.
        GalleryError, NetworkError, IndexUnusable, BuildFailed: pictures or systems cannot be had.
    """
    started = perf_counter()
    with drafting(instance, plan.name, plan.protocol, plan.indexes) as folder:
        outcome = study_of(plan.protocol)(plan, Desk(instance, folder, progress))
        report = Report(
            name=plan.name,
            protocol=plan.protocol,
            title=outcome.title,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            command=without_places(plan.command),
            seconds=perf_counter() - started,
            answer=outcome.answer,
            facts=outcome.facts,
            indexes=plan.indexes,
            sections=outcome.sections,
        )
        write_report(folder, report)
        if finish:
            finish(report, folder)
    return report, report_folder(instance, plan.name)


def study_of(protocol: str) -> Study:
    """Return what studies a protocol, imported only now."""
    module, name = STUDIES[protocol].split(":")
    study: Study = getattr(import_module(module), name)
    return study
