"""Tunes an index that is built: a new generation of the same images, which searches otherwise."""

from dataclasses import dataclass, replace
from pathlib import Path

from indexer.building.encoded import encoded
from indexer.building.encoders import begin_again
from indexer.building.plans import BuildPlan, BuildSummary
from indexer.building.publishing import publish
from indexer.errors import BadParameter
from indexer.live import renewal, wanted
from indexer.scanning.picking import indexed
from indexer.tuning.asking import Ask, asked
from indexer.tuning.targets import Target
from indexer.tuning.tuner import is_open
from indexer.types import DEFAULT_LIMITS, Rejection, Report, silent
from models.types import Limits

SAMPLE = Ask()


@dataclass(frozen=True)
class Retuning:
    """What came of tuning an index.

    Attributes:
        summary: of the new generation.
        rejections: of files that were to be asked and could not be.
    """

    summary: BuildSummary
    rejections: tuple[Rejection, ...]


def retune(
    name: str,
    instance: Path,
    target: Target,
    *,
    ask: Ask = SAMPLE,
    limits: Limits = DEFAULT_LIMITS,
    progress: Report = silent,
) -> Retuning:
    """Find how much the searches of an index must do, in which tables; let that be its default.

    No picture of the index is encoded again, and the features are shared with the generation
    before. The features of the queries stay with the new one: later syncs ask them again.

    Args:
        name, instance: of the index.
        target: what its searches shall reach; later syncs go by it too.
        ask: what is searched for.
        limits: what a file may cost.
        progress: told how far each stage is.

    Raises:
        NoIndex, UnknownIndex: there is none of this name.
        BadParameter: it is not of a kind whose searches can do more or less, or there is too
            little to ask.
        GalleryError: the folder to ask cannot be used.
        BuildRunning: another process changes the index.
        BuildFailed: the disk is full, or failed otherwise.
    """
    with renewal(name, instance, limits, progress) as (draft, clock, before, built):
        plan = _retuned(built, target)
        job = begin_again(plan, draft, clock, before, wanted(plan))
        with encoded(job, indexed(before.catalog), before) as features:
            made = asked(ask, job, features, before)
            summary = publish(
                job, features, before.reduction, queries=made.queries, try_tables=True
            )
        return Retuning(summary, made.rejections)


def _retuned(plan: BuildPlan, target: Target) -> BuildPlan:
    """Return a plan that leaves to the target how much searches do."""
    options = replace(plan.options, probes=None, keep=None, reach=None)
    if not is_open(plan.kind, options):
        raise BadParameter(
            f"{plan.name} is of a kind whose searches always do the same: there is nothing to "
            "tune. Build it with --kind lsh, and without --w and --family plain."
        )
    return replace(plan, options=options, target=target, tables=None)
