"""Tunes an index that is built: a new generation of the same images, which searches otherwise."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from indexer.build import explained
from indexer.building.clock import Clock
from indexer.building.drafts import drafting
from indexer.building.encoded import encoded
from indexer.building.encoders import begin_again
from indexer.building.plans import BuildPlan, BuildSummary
from indexer.building.publishing import publish
from indexer.building.recipe import plan_of
from indexer.checks.acceptance import RECALL
from indexer.errors import BadParameter
from indexer.opening import open_current, require_index
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
    require_index(instance, name)
    clock = Clock(progress)
    with explained(name, instance), drafting(instance, name) as draft:
        before = open_current(instance, name)
        draft.hold(before.path.name)
        with closing(before.catalog) as catalog:
            plan = _retuned(plan_of(before.manifest, limits), target)
            job = begin_again(plan, draft, clock, before, plan.accept or RECALL)
            with encoded(job, indexed(catalog), before) as features:
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
