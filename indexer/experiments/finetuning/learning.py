"""Lets a prepared network learn, and keeps what was best of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from indexer.experiments.finetuning.plan import TrainPlan
from indexer.experiments.finetuning.teaching import layers_of, method_of, triplets_for
from indexer.experiments.finetuning.watching import Watch
from indexer.experiments.pictures.labelled import Labelled
from indexer.experiments.runs.encoders import write_encoder
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.stages import AskedToStop
from indexer.experiments.telling.curves import write_curve
from indexer.experiments.telling.curvewords import right_name
from indexer.types import Progress, Report
from models.training.checkpoints import Epoch, is_best, read_curve
from models.training.distill import Step
from models.training.examples import Examples
from models.training.fit import Course, History, fit
from models.training.splitting import Tail
from models.training.tails import save_encoder
from models.types import EncoderSpec


@dataclass(frozen=True)
class Left:
    """What a fine-tuning leaves in its run's folder.

    Attributes:
        feature: the encoder that was wanted; its weights are the run's.
        layers: all dense layers that the weights hold, as models.heads writes them.
    """

    feature: EncoderSpec
    layers: str


def course_of(
    plan: TrainPlan, run: RunFolder, tail: Tail, examples: Examples, pictures: Labelled, of: str
) -> Course:
    """Return what is to be learnt, from what.

    Args:
        plan: what is wanted.
        run: keeps the triplets that are drawn beforehand.
        tail: the network that learns.
        examples: what it learns from, by the position of the picture.
        pictures: their classes, and which are held out.
        of: text that is equal only for trainings that can go on from each other's checkpoints.
    """
    triplets = triplets_for(plan, pictures, examples, tail, run.path)
    return Course(
        tail=tail.model,
        fresh=tail.fresh,
        examples=examples,
        labels=pictures.labels,
        shown=pictures.shown,
        held_out=pictures.held_out,
        method=method_of(plan, pictures, tail, triplets),
        recipe=plan.how,
        of=of,
        seed=plan.seed,
    )


def learn(
    plan: TrainPlan,
    run: RunFolder,
    course: Course,
    tail: Tail,
    report: Report,
    asked_to_stop: AskedToStop,
    watch: Watch,
) -> History:
    """Learn, and keep the weights whenever an epoch is the best so far.

    Args:
        plan: what is wanted.
        run: receives the curve, checkpoints and weights.
        course: what to learn, from what.
        tail: the network that learns.
        report: told after each step.
        asked_to_stop: is asked often.
        watch: told of the epochs so far, after each.
    """
    right = right_name(plan.kind, plan.wanted.supervision)
    curve: tuple[Epoch, ...] = ()  # that is drawn

    def measured(epoch: Epoch) -> None:
        nonlocal curve
        curve = read_curve(run.checkpoint)
        write_curve(run.path, curve, right)
        watch.learnt(curve)
        if is_best(curve):
            export(plan, run, course, tail, compress=False)  # learning waits

    history = fit(
        course,
        run.path,
        told=_told(course, report),
        measured=measured,
        asked_to_stop=asked_to_stop,
    )
    if history.curve != curve:
        write_curve(run.path, history.curve, right)
    return history


def export(
    plan: TrainPlan, run: RunFolder, course: Course, tail: Tail, *, compress: bool = True
) -> Left:
    """Write the weights that were best, and what they are of.

    Args:
        plan: what is wanted.
        run: receives them.
        course: what was learnt.
        tail: the network that has learnt.
        compress: the file, which takes longer.
    """
    layers = layers_of(plan, course.method)
    save_encoder(tail, run.weights, head=layers, best=run.best, compress=compress)
    feature = replace(plan.encoder, weights=str(run.weights), head=course.method.head)
    write_encoder(run, feature, layers)
    return Left(feature, layers)


def _told(course: Course, report: Report) -> Callable[[Step], None]:
    def told(step: Step) -> None:
        note = f"epoch {step.epoch} of at most {course.recipe.epochs}, loss {step.loss:.3f}"
        report(Progress("learn", step.done, step.total, note))

    return told
