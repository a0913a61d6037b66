"""Keeps an index up with its folders: what changed is encoded, and all else is taken over."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from indexer.build import explained, scan_for
from indexer.building.clock import Clock
from indexer.building.drafts import drafting
from indexer.building.encoded import encoded
from indexer.building.encoders import begin_again
from indexer.building.plans import BuildPlan, BuildSummary
from indexer.building.publishing import publish
from indexer.building.recipe import plan_of
from indexer.catalog import Catalog
from indexer.opening import open_current, require_index
from indexer.scanning.changes import Changes, compare
from indexer.scanning.picking import indexed, with_files, without_files
from indexer.types import DEFAULT_LIMITS, Rejection, Report, Scan, silent
from models.types import Limits

Find = Callable[[BuildPlan, Catalog], Scan]


@dataclass(frozen=True)
class Update:
    """What came of bringing an index up to date.

    Attributes:
        changes: of its images.
        images: how many it holds now.
        summary: of the new generation, or None where nothing had changed and none was made.
    """

    changes: Changes
    images: int
    summary: BuildSummary | None


def sync(
    name: str, instance: Path, *, limits: Limits = DEFAULT_LIMITS, progress: Report = silent
) -> Update:
    """Bring an index up to date with its folders.

    New and changed files are encoded, vanished ones dropped, and moved ones known again by
    their content. The encoder and all else that was asked for at the build stay as they are.

    Args:
        name, instance: of the index.
        limits: what a file may cost.
        progress: told how far each stage is.

    Raises:
        NoIndex, UnknownIndex: there is none of this name.
        BuildRunning: another process changes the index.
        GalleryError: the folders cannot be used any more.
        BuildFailed: the disk is full, or failed otherwise.
    """

    def walk(plan: BuildPlan, catalog: Catalog) -> Scan:
        return scan_for(plan, progress, catalog.known())

    return _update(name, instance, walk, limits, progress)


def add(
    name: str,
    files: Sequence[Path],
    instance: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    progress: Report = silent,
) -> Update:
    """Take single files into an index, among them those that were removed from it.

    Args:
        name, instance: of the index.
        files: that lie in its folders.
        limits, progress: as for sync.

    Raises:
        GalleryError: a file lies elsewhere, or cannot be used.
        NoIndex, UnknownIndex, BuildRunning, BuildFailed: as for sync.
    """

    def pick(plan: BuildPlan, catalog: Catalog) -> Scan:
        return with_files(files, plan, catalog)

    return _update(name, instance, pick, limits, progress)


def remove(
    name: str,
    files: Sequence[Path],
    instance: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    progress: Report = silent,
) -> Update:
    """Take images out of an index; the files stay, and later syncs leave them out.

    Args:
        name, instance: of the index.
        files: of the images, whether or not they are still there.
        limits, progress: as for sync.

    Raises:
        GalleryError: a file is not in the index, or none would be left.
        NoIndex, UnknownIndex, BuildRunning, BuildFailed: as for sync.
    """

    def pick(plan: BuildPlan, catalog: Catalog) -> Scan:
        return without_files(files, catalog)

    return _update(name, instance, pick, limits, progress)


def _update(name: str, instance: Path, find: Find, limits: Limits, progress: Report) -> Update:
    """Make a generation of what is found now, if that differs from what is indexed."""
    require_index(instance, name)
    clock = Clock(progress)
    with explained(name, instance), drafting(instance, name) as draft:
        before = open_current(instance, name)
        with closing(before.catalog) as catalog:
            plan = plan_of(before.manifest, limits)
            with clock.stage("scan"):
                found = find(plan, catalog)
            # Where the current generation is damaged, a new one heals the index in any case.
            if not before.problem and _is_indexed(found, catalog):
                return Update(Changes(), catalog.count, None)
            job = begin_again(plan, draft, clock, before)
            with encoded(job, found, before) as features:
                # What an earlier build could not encode may have been tried again in vain.
                if not before.problem and _is_indexed(features.scan, catalog):
                    return Update(Changes(), catalog.count, None)
                summary = publish(job, features, before.reduction)
            changes = compare(indexed(catalog), features.scan)
            return Update(changes, summary.images, summary)


def _is_indexed(found: Scan, catalog: Catalog) -> bool:
    """Return whether an index holds all that was found, and nothing else."""
    before = indexed(catalog)
    return (found.roots, found.records) == (before.roots, before.records) and list(
        map(_essence, found.rejections)
    ) == list(map(_essence, before.rejections))


def _essence(item: Rejection) -> tuple[int, str, str, str]:
    return item.root, item.path, item.reason, item.detail
