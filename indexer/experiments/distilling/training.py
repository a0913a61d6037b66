"""`distill_student`: from folders of pictures to a small trained network, measured, with a card."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.building.clock import Clock
from indexer.experiments.comparing.comparison import require_classes
from indexer.experiments.distilling.card import write_card
from indexer.experiments.distilling.facts import Facts, Outcome
from indexer.experiments.distilling.material import Material, gather
from indexer.experiments.distilling.outcome import outcome_of
from indexer.experiments.distilling.plan import DistillPlan
from indexer.experiments.distilling.recording import facts_of
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.refusals import RunError
from indexer.experiments.runs.stages import AskedToStop, computing, never, stoppable
from indexer.experiments.runs.underway import noting
from indexer.experiments.runs.working import working_on
from indexer.experiments.telling.curves import write_curve
from indexer.types import Progress, Report, silent
from models.errors import NetworkError
from models.networks import network
from models.training.checkpoints import read_curve
from models.training.distill import Step, Task, distill
from models.training.lessons import crop_sizes
from models.training.pictures import Pictures, keep_pictures
from models.training.precision import on_gpu, set_precision
from models.training.students import build_student, start_from
from models.training.teachers import Teacher, open_teacher
from models.training.whitening import fit_descriptor
from models.types import EncoderSpec
from models.weights import WeightFile, resolve


@dataclass(frozen=True)
class DistillSummary:
    """What a finished training left behind.

    Attributes:
        path: the run's folder.
        weights: the student's weight file.
        facts: what it was given.
        outcome: what came of it.
    """

    path: Path
    weights: Path
    facts: Facts
    outcome: Outcome


def distill_student(
    plan: DistillPlan,
    instance: Path,
    report: Report = silent,
    asked_to_stop: AskedToStop = never,
) -> DistillSummary:
    """Let a small network learn from a trained one, and measure what it has learnt.

    Args:
        plan: what to do.
        instance: the folder under which all runs lie.
        report: told how far each stage is.
        asked_to_stop: is asked often; the training then ends so that it can go on later.

    Raises:
        Stopped: asked_to_stop said so.
        RunError: the run cannot be begun, or gone on with, as asked.
        GalleryError: a folder cannot be used.
        NetworkError: the teacher cannot be had.
        TrainingRefused: there are too few pictures, or the checkpoint is damaged.
    """
    report = noting(report, RunFolder(instance, plan.name).path)
    checked = stoppable(report, asked_to_stop)
    clock = Clock(checked)
    with working_on(instance, plan.name, resume=plan.resume) as run:
        for folder in plan.evaluate:
            require_classes(folder, plan.limits)
        start = _start(plan)
        with computing(plan.precision) as precision:
            with clock.stage("teacher"):
                teacher = _teacher(plan, precision)
            with clock.stage("scan"):
                material = _material(plan, checked)
            facts = run.begin(facts_of(plan, teacher, start, precision, material))
            with clock.stage("pictures"):
                pictures = _pictures(plan, run, material, checked)
                material = material.without(pictures.left_out)
            with clock.stage("learn"):
                task = _task(plan, teacher, start, pictures, material, facts.of)
                told = _told(run, task, report)
                curve = distill(task, run.path, told=told, asked_to_stop=asked_to_stop)
        with clock.stage("fit"):
            _fit(plan, run, pictures, material, checked)
        with clock.stage("measure"):
            write_curve(run.path, curve)
            outcome = outcome_of(plan, run, material, curve, checked)
        facts = replace(facts, data=material.data)
        run.finish(facts, outcome, write_card(facts, outcome))
    return DistillSummary(run.path, run.weights, facts, outcome)


def _teacher(plan: DistillPlan, precision: str) -> Teacher:
    """Open the teacher, and let what is built from now on compute in the precision."""
    if on_gpu():
        set_precision(precision)  # there the teacher computes in Keras too
    teacher = open_teacher(plan.teacher, plan.weights, layer=plan.layer, precision=precision)
    set_precision(precision)
    return teacher


def _material(plan: DistillPlan, progress: Report) -> Material:
    return gather(plan.sources, seed=plan.lesson.seed, limits=plan.limits, progress=progress)


def _pictures(plan: DistillPlan, run: RunFolder, material: Material, progress: Report) -> Pictures:
    """Keep the pictures as small as the teacher, or the fit of the last layer, sees them."""
    return keep_pictures(
        material.files,
        run.pictures,
        side=max(
            *crop_sizes(plan.lesson, plan.lesson.epochs - 1), network(plan.student).default_size
        ),
        limits=plan.limits,
        told=lambda done, total: progress(Progress("pictures", done, total)),
    )


def _start(plan: DistillPlan) -> WeightFile | None:
    """Find the weights that the student begins with, and try whether they fit.

    Raises:
        RunError: there are none, or they do not.
    """
    if plan.start is None:
        return None
    try:
        weights = resolve(EncoderSpec(plan.student, plan.start))
        start_from(build_student(plan.student, teacher_width=1), weights, plan.student)
    except NetworkError as error:
        what, _, _ = str(error).partition(". ")
        raise RunError(
            f"The student cannot begin with --start {plan.start}: {what}. Give the weights that a "
            f"training of {plan.student} has left, or bundled, or leave --start out."
        ) from error
    return weights


def _task(
    plan: DistillPlan,
    teacher: Teacher,
    start: WeightFile | None,
    pictures: Pictures,
    material: Material,
    of: str,
) -> Task:
    return Task(
        pictures=pictures,
        shown=material.shown,
        held_out=material.held_out,
        teacher=teacher,
        student=plan.student,
        lesson=plan.lesson,
        of=of,
        start=start,
    )


def _fit(
    plan: DistillPlan, run: RunFolder, pictures: Pictures, material: Material, progress: Report
) -> None:
    """Fit the student's last layer, when the others have learnt."""
    fit_descriptor(
        plan.student,
        run.weights,
        pictures,
        material.shown,
        seed=plan.lesson.seed,
        told=lambda done, total: progress(Progress("fit", done, total)),
    )


def _told(run: RunFolder, task: Task, report: Report) -> Callable[[Step], None]:
    """Return what shows each step, and draws the curve anew when an epoch has ended."""
    drawn = 0

    def told(step: Step) -> None:
        nonlocal drawn
        if step.epoch - 1 > drawn:
            drawn = step.epoch - 1
            write_curve(run.path, read_curve(run.checkpoint))
        note = f"epoch {step.epoch} of {task.lesson.epochs}, loss {step.loss:.3f}"
        report(Progress("learn", step.done, step.total, note))

    return told
