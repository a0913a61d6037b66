"""What comes before learning: a network that can learn, and pictures that it can learn from."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from indexer.experiments.finetuning.beginning import (
    Beginning,
    beginning_of,
    compared_with,
    require_lesson,
    variants_of,
)
from indexer.experiments.finetuning.givens import Givens, require_settings, settings_of
from indexer.experiments.finetuning.lasting import lost, rejected, same_pictures
from indexer.experiments.finetuning.plan import TrainPlan
from indexer.experiments.pictures.choosing import chosen, scanned
from indexer.experiments.pictures.labelled import Labelled
from indexer.experiments.pictures.trunks import Squashed, TrunkMaps, maps_of, pixels_of
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.stages import computing
from indexer.types import Report
from models.training.examples import Examples
from models.training.precision import set_precision
from models.training.splitting import Tail
from models.training.tails import open_tail
from models.types import EncoderSpec


@dataclass(frozen=True)
class Prepared:
    """What is settled before a picture is read.

    Attributes:
        begin: what the network begins with.
        tail: the part of it that is trained.
        precision: that it computes in.
        before: what the trained features are compared with, and what that is in words.
        settings: of the training, name -> value.
        givens: what a run that is gone on with was given; None of one that begins.
    """

    begin: Beginning
    tail: Tail
    precision: str
    before: tuple[EncoderSpec, str]
    settings: Mapping[str, str]
    givens: Givens | None


def prepare(plan: TrainPlan, run: RunFolder) -> Prepared:
    """Open what is trained, and refuse what weights, settings or the run do not allow.

    Raises:
        RunError: the run was begun with other settings, or nothing would be learnt.
        NetworkError: the network cannot be had, or not be cut, as asked.
    """
    begin = beginning_of(plan)
    with computing(plan.precision) as precision:
        tail = _tail(plan, begin, precision)
    require_lesson(plan, tail)
    before = compared_with(plan, begin, run)
    settings = settings_of(plan, begin, tail, precision)
    goes_on = plan.resume and (run.given.exists() or run.checkpoint.exists())
    givens = Givens.read(run) if goes_on else None
    if givens:
        require_settings(run, givens, settings)
    return Prepared(begin, tail, precision, before, settings, givens)


def find(plan: TrainPlan, run: RunFolder, ready: Prepared, progress: Report) -> Labelled:
    """Find the pictures to learn from: those of a run that is gone on with, and no others.

    Raises:
        RunError: pictures of the run are gone, or have changed.
        GalleryError: a folder cannot be used.
        TrainingRefused: the pictures do not allow it.
    """
    found = scanned(plan.sources, plan.choice, limits=plan.limits, progress=progress)
    if ready.givens:
        return same_pictures(run, ready.givens, found)
    return chosen(found, plan.sources, plan.choice)


@contextmanager
def shown(
    plan: TrainPlan, run: RunFolder, ready: Prepared, found: Labelled, progress: Report
) -> Iterator[tuple[Examples, Labelled]]:
    """Keep what is learnt from on disk: maps of the frozen layers, or pictures.

    Yields:
        these, and the pictures that could be decoded.

    Raises:
        RunError: pictures of a run that is gone on with cannot be decoded any more.
        TrainingRefused: too few can be.
    """
    spec = plan.encoder
    if ready.begin.cut:
        with maps_of(
            found.records,
            found.roots,
            spec,
            ready.begin.cut,
            run.instance,
            variants=variants_of(plan, ready.begin),
            varied=~(found.is_held_out | found.is_test),
            limits=plan.limits,
            progress=progress,
        ) as maps:
            yield maps.examples, _kept(run, ready, found, maps)
    else:
        with pixels_of(
            found.records,
            found.roots,
            spec.size,
            run.instance,
            crop=spec.crop,
            limits=plan.limits,
            progress=progress,
        ) as pixels:
            yield pixels.examples, _kept(run, ready, found, pixels)


def _kept(
    run: RunFolder, ready: Prepared, found: Labelled, decoded: TrunkMaps | Squashed
) -> Labelled:
    """Return the pictures that could be decoded: of a run that is gone on with all of them."""
    pictures = found.only(decoded.records, decoded.rejections)
    if ready.givens and len(pictures.records) < len(found.records):
        raise lost(run, rejected(decoded.rejections))
    return pictures


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
