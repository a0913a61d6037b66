"""`fine_tune`: from labelled folders to a trained encoder, measured before and after."""

from dataclasses import dataclass
from pathlib import Path

from indexer.building.clock import Clock
from indexer.evaluation.run import Finish
from indexer.experiments.finetuning.card import write_tune_card
from indexer.experiments.finetuning.facts import TuneFacts, TuneOutcome
from indexer.experiments.finetuning.judging import judge
from indexer.experiments.finetuning.learning import course_of, export, learn
from indexer.experiments.finetuning.outcome import outcome_of
from indexer.experiments.finetuning.plan import TrainPlan
from indexer.experiments.finetuning.preparing import find, prepare, shown
from indexer.experiments.finetuning.recording import announcement, begun
from indexer.experiments.finetuning.retrieving import retrieval
from indexer.experiments.finetuning.teaching import require_labels
from indexer.experiments.finetuning.watching import NOBODY, Watch
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.stages import AskedToStop, computing, never, stoppable
from indexer.experiments.runs.underway import noting
from indexer.experiments.runs.working import working_on
from indexer.types import Report, silent
from models.training.distill import Stopped
from models.training.precision import set_precision


@dataclass(frozen=True)
class TrainSummary:
    """What a finished fine-tuning left behind.

    Attributes:
        path: the run's folder.
        facts: what it was given.
        outcome: what came of it.
    """

    path: Path
    facts: TuneFacts
    outcome: TuneOutcome


def fine_tune(
    plan: TrainPlan,
    instance: Path,
    report: Report = silent,
    asked_to_stop: AskedToStop = never,
    finish: Finish | None = None,
    watch: Watch = NOBODY,
) -> TrainSummary:
    """Let a network learn from labelled pictures, and measure what that has changed.

    Args:
        plan: what to do.
        instance: the folder under which all runs lie.
        report: told how far each stage is.
        asked_to_stop: is asked often; the training then ends so that it can go on later, and what
            was best so far can be used.
        finish: adds further files to the report of what is found before and after.
        watch: told what a reader wants to keep in sight.

    Raises:
        Stopped: asked_to_stop said so.
        RunError: the run cannot be begun, or gone on with, as asked.
        GalleryError: a folder cannot be used.
        NetworkError: the network cannot be had, or not be cut, as asked.
        TrainingRefused: the pictures do not allow it, or the checkpoint is damaged.
    """
    report = noting(report, RunFolder(instance, plan.name).path)
    checked = stoppable(report, asked_to_stop)
    clock = Clock(checked)
    with (
        working_on(instance, plan.name, resume=plan.resume) as run,
        run.announced(announcement(plan)),
    ):
        ready = prepare(plan, run)
        with clock.stage("scan"):
            found = find(plan, run, ready, checked)
        require_labels(plan, found, ready.tail)
        watch.gathered(found)
        with (
            shown(plan, run, ready, found, checked) as (examples, pictures),
            computing(plan.precision),
        ):
            set_precision(ready.precision)
            facts = begun(plan, run, ready, pictures)
            course = course_of(plan, run, ready.tail, examples, pictures, facts.of)
            with clock.stage("learn"):
                history = learn(plan, run, course, ready.tail, report, asked_to_stop, watch)
            left = export(plan, run, course, ready.tail)
            if history.stopped:
                raise Stopped
            with clock.stage("measure"):
                judged = judge(course, run.path, pictures)
        retrieved = retrieval(plan, pictures, ready.before, left.feature, instance, checked, finish)
        outcome = outcome_of(run, history, left, judged, retrieved)
        run.finish(facts, outcome, write_tune_card(facts, outcome))
    return TrainSummary(run.path, facts, outcome)
