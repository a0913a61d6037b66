"""The pipeline from folders of images to a published index, in order."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.building.clock import Clock
from indexer.building.drafts import Draft, drafting
from indexer.building.encoded import encoded
from indexer.building.encoders import begin
from indexer.building.failures import cure
from indexer.building.plans import BuildPlan, BuildSummary
from indexer.building.publishing import learnt, publish
from indexer.errors import BuildFailed, DamagedIndex
from indexer.features.reduction import require_dim
from indexer.gallery import scan
from indexer.indexes.registry import require_width
from indexer.scanning.known import Known
from indexer.types import Report, Scan, silent
from models.encoder import prepare_encoder
from models.errors import EncoderDamaged
from models.exported import read_fingerprint


def build_index(
    plan: BuildPlan, instance: Path, progress: Report = silent, *, reread: bool = False
) -> BuildSummary:
    """Scan, encode, index and publish; the index before stays current until the last moment.

    Of files that are as they were when this index was built before, or when a build of it was
    cut off, only the names are read.

    Args:
        plan: what to build.
        instance: the folder under which all indexes lie.
        progress: told how far each stage is.
        reread: read every file all the same.

    Raises:
        BuildRunning: the index is being built by another process.
        GalleryError: the gallery cannot be used.
        NetworkError: the encoder cannot be made.
        NotAccepted: the index does not deserve to go live.
        BuildFailed: the disk is full, or the engine or something else failed.
    """
    clock = Clock(progress)
    with explained(plan.name, instance), drafting(instance, plan.name) as draft:
        # The encoder first: a wrong name of a network or file must not cost a walk of an hour.
        with clock.stage("encoder"):
            exported = prepare_encoder(plan.encoder, instance / "encoders")
            _require_width(plan, exported)
        with clock.stage("scan"):
            found = scan_for(plan, clock.progress, draft.folder.journal, _known(draft, reread))
            _require_width(plan, exported, len(found.records))
        job = begin(plan, draft, clock, exported, found)
        with encoded(job, found) as features:
            return publish(job, features, learnt(job, features))


def scan_for(plan: BuildPlan, progress: Report, journal: Path, known: Known | None) -> Scan:
    """Walk the folders of a plan; of files that are known already, only the names are read."""
    return scan(
        plan.sources,
        labels=plan.labels,
        distractors=plan.distractors,
        limits=plan.limits,
        known=known,
        journal=journal,
        workers=plan.workers,
        progress=progress,
    )


def _known(draft: Draft, reread: bool) -> Known | None:
    """Return what the current generation knows of the files, unless all are to be read."""
    if reread:
        draft.folder.journal.unlink(missing_ok=True)
        return None
    return draft.before.known() if draft.before else None


def _require_width(plan: BuildPlan, exported: Path, images: int | None = None) -> None:
    """Refuse a width that features or index cannot have, as soon as that is known."""
    dim = read_fingerprint(exported).dim
    if plan.reduce is not None:
        require_dim(plan.reduce, dim, images)
    require_width(plan.kind, plan.reduce or dim)


@contextmanager
def explained(name: str, instance: Path) -> Iterator[None]:
    """Turn failures of the disk, and want of memory, into one error that says what to do."""
    try:
        yield
    except (OSError, sqlite3.Error, MemoryError, DamagedIndex, EncoderDamaged) as error:
        why = str(error).rstrip(".") or "there is not enough memory"
        raise BuildFailed(
            f"The index {name!r} was not built: {why}. What was there before still serves. "
            f"{cure(error, instance)}"
        ) from error
