"""`fine_tune`: from labelled folders to a trained encoder, measured before and after."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from indexer.building.clock import Clock
from indexer.evaluation.run import Finish
from indexer.experiments.announcing import announcement
from indexer.experiments.beginnings import (
    Beginning,
    beginning_of,
    compared_with,
    facts_of,
    require_lesson,
    variants_of,
)
from indexer.experiments.choosing import chosen, scanned
from indexer.experiments.curves import write_curve
from indexer.experiments.curvewords import right_name
from indexer.experiments.encoders import write_encoder
from indexer.experiments.givens import Givens, require_settings, settings_of
from indexer.experiments.judging import classified, ranked, retrieval
from indexer.experiments.labelled import Labelled
from indexer.experiments.lasting import lost, rejected, same_pictures
from indexer.experiments.runs import RunFolder, working_on
from indexer.experiments.stages import AskedToStop, computing, never, now, stoppable
from indexer.experiments.teaching import layers_of, method_of, require_labels, triplets_for
from indexer.experiments.trainplans import TrainPlan
from indexer.experiments.trunks import maps_of, pixels_of
from indexer.experiments.tunecards import write_tune_card
from indexer.experiments.tuned import TuneFacts, TuneOutcome
from indexer.experiments.underway import noting
from indexer.experiments.watching import NOBODY, Watch
from indexer.features.maps import kept_bytes
from indexer.files import sha256_of
from indexer.types import Progress, Report, silent
from models.training.checkpoints import Epoch, best_of, read_curve
from models.training.distill import Step, Stopped
from models.training.examples import Examples
from models.training.fit import Asked, Course, History, fit
from models.training.precision import set_precision
from models.training.splitting import Tail
from models.training.tails import open_tail, save_encoder
from models.types import EncoderSpec


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
        begin, precision, tail = _begun(plan)
        before = compared_with(plan, begin, run)
        settings = settings_of(plan, begin, tail, precision)
        goes_on = plan.resume and (run.given.exists() or run.checkpoint.exists())
        givens = Givens.read(run) if goes_on else None
        if givens:
            require_settings(run, givens, settings)
        with clock.stage("scan"):
            found = _found(plan, run, givens, checked)
        require_labels(plan, found, tail)
        watch.gathered(found)
        with _shown(plan, begin, found, instance, checked) as (examples, pictures):
            if givens and len(pictures.records) < len(found.records):
                lacking = pictures.rejections[len(found.rejections) :]
                raise lost(run, rejected(lacking))
            with computing(plan.precision):
                set_precision(precision)
                of = _recorded(run, Givens.of(settings, pictures) if givens is None else givens)
                facts = run.begin(facts_of(plan, begin, tail, pictures, precision, of))
                if plan.from_scratch:
                    save_encoder(tail, run.drawn)
                course = _course(plan, tail, examples, pictures, run, facts.of)
                keeping = partial(_export, plan, course, tail, run)
                with clock.stage("learn"):
                    keep = partial(keeping, compress=False)  # learning waits
                    history = _learn(plan, course, run, report, asked_to_stop, watch, keep)
                feature, layers = keeping()
                if history.stopped:
                    raise Stopped
            with clock.stage("measure"):
                asked = Asked(course, run.path)
                classes = classified(asked, course, pictures.asked, pictures.classes)
                triplets = ranked(asked, course, pictures.asked)
        retrieved = retrieval(plan, pictures, before, feature, instance, checked, finish)
        with np.load(run.weights, allow_pickle=False) as stored:
            parameters = sum(stored[name].size for name in stored)
        outcome = TuneOutcome(
            ended=now(),
            seconds=sum(epoch.seconds for epoch in history.curve),
            curve=history.curve,
            best=history.best,
            feature=feature,
            layers=layers,
            bytes=run.weights.stat().st_size,
            sha256=sha256_of(run.weights),
            parameters=parameters,
            classification=classes,
            triplets=triplets,
            retrieval=retrieved,
            kept_bytes=kept_bytes(instance),
        )
        run.finish(facts, outcome, write_tune_card(facts, outcome))
    return TrainSummary(run.path, facts, outcome)


def _begun(plan: TrainPlan) -> tuple[Beginning, str, Tail]:
    """Open what is trained, and refuse what weights or settings do not allow."""
    begin = beginning_of(plan)
    with computing(plan.precision) as precision:
        tail = _tail(plan, begin, precision)
    require_lesson(plan, tail)
    return begin, precision, tail


def _found(plan: TrainPlan, run: RunFolder, givens: Givens | None, progress: Report) -> Labelled:
    """Find the pictures to learn from: those of a run that is gone on with, and no others."""
    found = scanned(plan.sources, plan.choice, limits=plan.limits, progress=progress)
    if givens:
        return same_pictures(run, givens, found)
    return chosen(found, plan.sources, plan.choice)


def _recorded(run: RunFolder, givens: Givens) -> str:
    """Keep what a run is given, and return the digest of it."""
    givens.write(run)
    return givens.digest


@contextmanager
def _shown(
    plan: TrainPlan, begin: Beginning, found: Labelled, instance: Path, progress: Report
) -> Iterator[tuple[Examples, Labelled]]:
    """Keep what is learnt from on disk: maps of the frozen layers, or pictures."""
    spec = plan.encoder
    if begin.cut:
        with maps_of(
            found.records,
            found.roots,
            spec,
            begin.cut,
            instance,
            variants=variants_of(plan, begin),
            varied=~(found.is_held_out | found.is_test),
            limits=plan.limits,
            progress=progress,
        ) as maps:
            yield maps.examples, found.only(maps.records, maps.rejections)
    else:
        with pixels_of(
            found.records,
            found.roots,
            spec.size,
            instance,
            crop=spec.crop,
            limits=plan.limits,
            progress=progress,
        ) as pixels:
            yield pixels.examples, found.only(pixels.records, pixels.rejections)


def _tail(plan: TrainPlan, begin: Beginning, precision: str) -> Tail:
    set_precision(precision)
    return open_tail(
        plan.encoder,
        begin.unfreeze,
        begin.weights,
        init_missing=plan.init_missing,
        augmented=plan.how.augmented,
        seed=plan.seed,
    )


def _course(
    plan: TrainPlan, tail: Tail, examples: Examples, pictures: Labelled, run: RunFolder, of: str
) -> Course:
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


def _learn(
    plan: TrainPlan,
    course: Course,
    run: RunFolder,
    report: Report,
    asked_to_stop: AskedToStop,
    watch: Watch,
    keep: Callable[[], object],
) -> History:
    """Learn, and keep the weights whenever an epoch is the best so far."""
    right = right_name(plan.kind, plan.wanted.supervision)

    def measured(epoch: Epoch) -> None:
        curve = read_curve(run.checkpoint)
        write_curve(run.path, curve, right)
        watch.learnt(curve)
        if best_of(curve) == epoch:
            keep()

    history = fit(
        course,
        run.path,
        told=_told(course, report),
        measured=measured,
        asked_to_stop=asked_to_stop,
    )
    write_curve(run.path, history.curve, right)
    return history


def _told(course: Course, report: Report) -> Callable[[Step], None]:
    def told(step: Step) -> None:
        note = f"epoch {step.epoch} of at most {course.recipe.epochs}, loss {step.loss:.3f}"
        report(Progress("learn", step.done, step.total, note))

    return told


def _export(
    plan: TrainPlan, course: Course, tail: Tail, run: RunFolder, *, compress: bool = True
) -> tuple[EncoderSpec, str]:
    """Write the weights that were best, and what they are of."""
    layers = layers_of(plan, course.method)
    save_encoder(tail, run.weights, head=layers, best=run.best, compress=compress)
    feature = replace(plan.encoder, weights=str(run.weights), head=course.method.head)
    write_encoder(run, feature, layers)
    return feature, layers
