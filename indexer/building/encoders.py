"""Takes the encoder of a build into its draft, and opens it with the engine that is asked for."""

import shutil
from pathlib import Path

from indexer.building.clock import Clock
from indexer.building.drafts import Draft
from indexer.building.job import Job
from indexer.building.plans import BuildPlan
from indexer.checks.calibration import in_precision
from indexer.checks.precision import Choice, choose
from indexer.opening import ENCODER, Generation
from indexer.types import Scan
from models.encoder import Encoder, build_engine, keras_encoder, open_encoder
from models.exported import ENCODER_FILES

OF_KERAS = {"chosen": "fp32", "why": "which is what Keras computes in"}
COMPILED = "compiled"
"""Where an instance keeps compiled networks."""


def begin(plan: BuildPlan, draft: Draft, clock: Clock, source: Path, found: Scan) -> Job:
    """Choose engine and precision of a build, and open its encoder.

    Args:
        plan: what is built.
        draft: where the encoder will lie.
        clock: times it.
        source: the folder of the exported encoder, in fp32.
        found: the images that it will encode.

    Raises:
        PrecisionFailed: the precision that was asked for cannot be had.
        BuildFailed, OSError: as for indexer.checks.precision.choose.
    """
    with clock.stage("precision"):
        keras = plan.precision in ("auto", "fp32") and build_engine(plan.engine) == "keras"
        choice = Choice(source, OF_KERAS) if keras else _choose(plan, clock, source, found, draft)
        _copy(choice.folder, draft.path / ENCODER)
        server = _open(draft)
        encoder = keras_encoder(plan.encoder, plan.batch_size) if keras else server
    return Job(plan, draft, clock, encoder, server, choice.figures)


def begin_again(plan: BuildPlan, draft: Draft, clock: Clock, before: Generation) -> Job:
    """Open the encoder that made a generation, for further features of the same kind."""
    with clock.stage("precision"):
        _copy(before.encoder, draft.path / ENCODER)
        server = _open(draft)
    return Job(plan, draft, clock, server, server, before.manifest.precision)


def _choose(plan: BuildPlan, clock: Clock, source: Path, found: Scan, draft: Draft) -> Choice:
    """Find the encoder in the precision that is asked for, or in the one that pays."""
    seed, workers, limits = plan.options.seed, plan.workers, plan.limits
    if plan.precision == "auto":
        return choose(
            found,
            source,
            draft.folder.instance,
            metric=plan.options.metric,
            seed=seed,
            batch_size=plan.batch_size,
            workers=workers,
            limits=limits,
            progress=clock.progress,
        )
    folder = in_precision(
        plan.precision,
        source,
        found,
        seed=seed,
        workers=workers,
        limits=limits,
        progress=clock.progress,
    )
    return Choice(folder, {})


def _copy(source: Path, target: Path) -> None:
    target.mkdir()
    for name in ENCODER_FILES:
        shutil.copyfile(source / name, target / name)


def _open(draft: Draft) -> Encoder:
    compiled = draft.folder.instance / COMPILED
    return open_encoder(draft.path / ENCODER, latency=False, compiled=compiled)
