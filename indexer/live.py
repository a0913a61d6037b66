"""Keeps an index up with its folders: what changed is encoded, and all else is taken over."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.build import explained, scan_for
from indexer.building.clock import Clock
from indexer.building.drafts import Draft, drafting
from indexer.building.encoded import encoded
from indexer.building.encoders import begin_again
from indexer.building.plans import BuildPlan, BuildSummary
from indexer.building.publishing import publish
from indexer.building.recipe import plan_of
from indexer.catalog import Catalog
from indexer.checks.acceptance import RECALL
from indexer.generations import IndexFolder
from indexer.opening import Generation, open_current, require_index
from indexer.scanning.changes import Changes, compare, require_little_lost
from indexer.scanning.following import followed
from indexer.scanning.picking import Picked, Refused, indexed, with_files, without_files
from indexer.types import DEFAULT_LIMITS, Rejection, Report, Scan, silent
from models.types import Limits

Find = Callable[[BuildPlan, Catalog, Report], Scan]


@dataclass(frozen=True)
class Update:
    """What came of bringing an index up to date.

    Attributes:
        changes: of its images.
        images: how many it holds now.
        summary: of the new generation, or None where nothing had changed and none was made.
        rejections: of all files that it holds no image of.
        refused: the files that were to be added and were not.
    """

    changes: Changes
    images: int
    summary: BuildSummary | None
    rejections: tuple[Rejection, ...] = field(repr=False)
    refused: tuple[Refused, ...] = ()


def sync(
    name: str,
    instance: Path,
    *,
    accept: float | None = None,
    drop_missing: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    progress: Report = silent,
) -> Update:
    """Bring an index up to date with its folders.

    New and changed files are encoded, vanished ones dropped, and moved ones known again by
    their content. What lies in a folder that cannot be read stays as it was. So do the encoder
    and all else that was asked for at the build.

    Args:
        name, instance: of the index.
        accept: part of the copies of its pictures that must find their original before the new
            generation goes live, this time; 0 to ask for nothing. None for what was asked of the
            build, or the default where nothing was.
        drop_missing: drop images that are gone even where a whole folder is empty, or more than
            half of all are gone, as when a drive is not mounted.
        limits: what a file may cost.
        progress: told how far each stage is.

    Raises:
        NoIndex, UnknownIndex: there is none of this name.
        BadParameter: `accept` is out of its range.
        BuildRunning: another process changes the index.
        GalleryError: the folders cannot be used any more, or look as if a drive were missing.
        NotAccepted: the new generation does not deserve to go live.
        BuildFailed: the disk is full, or the engine or something else failed.
    """

    def walk(plan: BuildPlan, catalog: Catalog, report: Report) -> Scan:
        journal = IndexFolder(instance, name).journal
        before = indexed(catalog)
        now = followed(scan_for(plan, report, journal, catalog.known()), before)
        if not drop_missing:
            require_little_lost(before, now, name)
        return now

    return _update(name, instance, walk, accept, limits, progress)


def add(
    name: str,
    files: Sequence[Path],
    instance: Path,
    *,
    accept: float | None = None,
    limits: Limits = DEFAULT_LIMITS,
    progress: Report = silent,
) -> Update:
    """Take single files into an index, among them those that were removed from it.

    One that cannot be taken stops no other; the update says which were refused.

    Args:
        name, instance: of the index.
        files: that lie in its folders.
        accept, limits, progress: as for sync.

    Raises:
        NoIndex, UnknownIndex, BadParameter, BuildRunning, NotAccepted, BuildFailed: as for sync.
    """

    chosen: list[Picked] = []

    def pick(plan: BuildPlan, catalog: Catalog, report: Report) -> Scan:
        chosen.append(with_files(files, plan, catalog))
        return chosen[0].scan

    update = _update(name, instance, pick, accept, limits, progress)
    return replace(update, refused=chosen[0].not_taken(update.rejections))


def remove(
    name: str,
    files: Sequence[Path],
    instance: Path,
    *,
    accept: float | None = None,
    limits: Limits = DEFAULT_LIMITS,
    progress: Report = silent,
) -> Update:
    """Take images out of an index; the files stay, and later syncs leave them out.

    Args:
        name, instance: of the index.
        files: of the images, whether or not they are still there.
        accept, limits, progress: as for sync.

    Raises:
        GalleryError: a file is not in the index, or none would be left.
        NoIndex, UnknownIndex, BadParameter, BuildRunning, NotAccepted, BuildFailed: as for sync.
    """

    def pick(plan: BuildPlan, catalog: Catalog, report: Report) -> Scan:
        return without_files(files, catalog)

    return _update(name, instance, pick, accept, limits, progress)


def _update(
    name: str,
    instance: Path,
    find: Find,
    accept: float | None,
    limits: Limits,
    progress: Report,
) -> Update:
    """Make a generation of what is found now, if that differs from what is indexed."""
    with renewal(name, instance, limits, progress) as (draft, clock, before, plan):
        catalog = before.catalog
        asked = wanted(plan, accept)
        with clock.stage("scan"):
            found = find(plan, catalog, clock.progress)
        # Where the current generation is damaged, a new one heals the index in any case.
        if not before.problem and _is_indexed(found, catalog):
            return Update(Changes(), catalog.count, None, found.rejections)
        job = begin_again(plan, draft, clock, before, asked)
        with encoded(job, found, before) as features:
            # What an earlier build could not encode may have been tried again in vain.
            if not before.problem and _is_indexed(features.scan, catalog):
                return Update(Changes(), catalog.count, None, features.scan.rejections)
            summary = publish(job, features, before.reduction, queries=before.queries())
        changes = compare(indexed(catalog), features.scan)
        return Update(changes, summary.images, summary, features.scan.rejections)


@contextmanager
def renewal(
    name: str, instance: Path, limits: Limits, progress: Report
) -> Iterator[tuple[Draft, Clock, Generation, BuildPlan]]:
    """Open the current generation of an index, and a draft of the one that will follow it.

    Args:
        name, instance: of the index.
        limits: what a file may cost.
        progress: told how far each stage is.

    Yields:
        The draft, what times it, the generation before, and the plan that this was built after.

    Raises:
        NoIndex, UnknownIndex: there is none of this name.
        BuildRunning: another process changes the index.
        BuildFailed: the disk is full, or failed otherwise.
    """
    require_index(instance, name)
    with explained(name, instance), drafting(instance, name) as draft:
        before = open_current(instance, name)
        draft.hold(before.path.name)
        with closing(before.catalog):
            yield draft, Clock(progress), before, plan_of(before.manifest, limits)


def wanted(plan: BuildPlan, accept: float | None = None) -> float:
    """Return what is asked of an update: where nothing was of the build, that was for once."""
    if accept is None:
        return plan.accept or RECALL
    return replace(plan, accept=accept).accept  # which refuses what is out of range


def _is_indexed(found: Scan, catalog: Catalog) -> bool:
    """Return whether an index holds all that was found, and nothing else."""
    before = indexed(catalog)
    return (found.roots, found.records) == (before.roots, before.records) and list(
        map(_essence, found.rejections)
    ) == list(map(_essence, before.rejections))


def _essence(item: Rejection) -> tuple[int, str, str, str]:
    return item.root, item.path, item.reason, item.detail
