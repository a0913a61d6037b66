"""Takes the encoder of a build into its draft, and opens it with the engine that is asked for."""

import shutil
from pathlib import Path

from indexer.building.clock import Clock
from indexer.building.drafts import Draft
from indexer.building.job import Job
from indexer.building.plans import BuildPlan
from indexer.checks.calibration import in_precision
from indexer.checks.judging import Verdict
from indexer.checks.precision import Choice, choose
from indexer.checks.records import verdict_of
from indexer.opening import ENCODER, Generation
from indexer.serving.encoding import COMPILED
from indexer.types import Progress, Scan
from models.encoder import Encoder, build_engine, keras_encoder, open_encoder
from models.errors import NetworkError
from models.exported import ENCODER_FILES
from models.precisions import native

OF_KERAS = Verdict("fp32", "which is what Keras computes in")
IN_LONGER_NUMBERS = (
    "as asked for, but this processor computes it in longer numbers, which saves no time"
)


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
        _take(choice.folder, draft)
        server = _open(draft)
        encoder = keras_encoder(plan.encoder, plan.batch_size) if keras else server
    return Job(plan, draft, clock, encoder, server, choice.verdict, plan.accept)


def begin_again(
    plan: BuildPlan, draft: Draft, clock: Clock, before: Generation, accept: float
) -> Job:
    """Open the encoder that made a generation, for further features of the same kind.

    Args:
        plan: what the generation was built after.
        draft: where the encoder will lie.
        clock: times it.
        before: the generation.
        accept: as in Job.
    """
    with clock.stage("precision"):
        _take(before.encoder, draft)
        server = _open(draft)
        encoder = _in_keras(plan, clock, server) or server
    return Job(plan, draft, clock, encoder, server, verdict_of(before.manifest), accept)


def _in_keras(plan: BuildPlan, clock: Clock, server: Encoder) -> Encoder | None:
    """Open a generation's encoder in Keras, if the plan wants that and its weights are as then."""
    if server.fingerprint.precision != "fp32" or build_engine(plan.engine) != "keras":
        return None
    try:
        encoder = keras_encoder(plan.encoder, plan.batch_size)
        problem = "" if encoder.fingerprint == server.fingerprint else "its weights have changed"
    except NetworkError as error:
        problem = str(error)
    if problem:
        note = f"OpenVINO computes the same features in place of Keras: {problem}"
        clock.progress(Progress("precision", 0, 0, note))
        return None
    return encoder


def _choose(plan: BuildPlan, clock: Clock, source: Path, found: Scan, draft: Draft) -> Choice:
    """Find the encoder in the precision that is asked for, or in the one that pays."""
    seed, workers, limits = plan.options.seed, plan.workers, plan.limits
    if plan.precision == "auto":
        return choose(
            found,
            source,
            draft.folder.instance,
            metric=plan.options.metric,
            reduce=plan.reduce,
            whiten=plan.whiten,
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
    if plan.precision in native():
        return Choice(folder, None)
    clock.progress(Progress("precision", 0, 0, f"{plan.precision}: {IN_LONGER_NUMBERS}"))
    return Choice(folder, Verdict(plan.precision, IN_LONGER_NUMBERS))


def _take(source: Path, draft: Draft) -> None:
    """Take an encoder into a draft; what the current generation has of it is shared with that."""
    (draft.path / ENCODER).mkdir()
    for file in ENCODER_FILES:
        name = f"{ENCODER}/{file}"
        if not (draft.before and draft.before.lend(name, draft.path, like=source / file)):
            shutil.copyfile(source / file, draft.path / name)


def _open(draft: Draft) -> Encoder:
    compiled = draft.folder.instance / COMPILED
    return open_encoder(draft.path / ENCODER, latency=False, compiled=compiled)
