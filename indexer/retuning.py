"""Tunes an index that is built: a new generation of the same images, which searches otherwise."""

from dataclasses import replace
from pathlib import Path

from indexer.building.encoded import encoded
from indexer.building.encoders import begin_again
from indexer.building.plans import BuildPlan, BuildSummary
from indexer.building.publishing import publish
from indexer.errors import BadParameter
from indexer.live import renewal, wanted
from indexer.scanning.picking import indexed
from indexer.tuning import Target, is_open
from indexer.types import DEFAULT_LIMITS, Report, silent
from models.types import Limits


def retune(
    name: str,
    instance: Path,
    target: Target,
    *,
    limits: Limits = DEFAULT_LIMITS,
    progress: Report = silent,
) -> BuildSummary:
    """Find how much the searches of an index must do, and let that be its default.

    No picture is encoded again, and the features are shared with the generation before.

    Args:
        name, instance: of the index.
        target: what its searches shall reach; later syncs go by it too.
        limits: what a file may cost.
        progress: told how far each stage is.

    Raises:
        NoIndex, UnknownIndex: there is none of this name.
        BadParameter: it is not of a kind whose searches can do more or less.
        BuildRunning: another process changes the index.
        BuildFailed: the disk is full, or failed otherwise.
    """
    with renewal(name, instance, limits, progress) as (draft, clock, before, built):
        plan = _retuned(built, target)
        job = begin_again(plan, draft, clock, before, wanted(plan))
        with encoded(job, indexed(before.catalog), before) as features:
            return publish(job, features, before.reduction)


def _retuned(plan: BuildPlan, target: Target) -> BuildPlan:
    """Return a plan that leaves to the target how much searches do."""
    options = replace(plan.options, probes=None, keep=None)
    if not is_open(plan.kind, options):
        raise BadParameter(
            f"{plan.name} is of a kind whose searches always do the same: there is nothing to "
            "tune. Build it with --kind lsh, and without --w and --family plain."
        )
    return replace(plan, options=options, target=target)
