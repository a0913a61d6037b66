"""Walks folders of images and says of each file whether it can be searched, and if not, why."""

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from indexer.errors import EmptyGallery, LabelsInvalid
from indexer.scanning.examine import Examined, examine
from indexer.scanning.journal import journal_at
from indexer.scanning.known import Known, OutOfSight, lasts
from indexer.scanning.labels import assign_labels, read_labels
from indexer.scanning.walk import Entry, find_roots, list_entries
from indexer.types import DEFAULT_LIMITS, ImageRecord, Progress, Rejection, Report, Scan, silent
from models.parallel import in_order, worker_count
from models.types import Limits


def scan(
    sources: Sequence[Path],
    *,
    labels: Path | None = None,
    distractors: Sequence[Path] = (),
    limits: Limits = DEFAULT_LIMITS,
    thorough: bool = False,
    known: Known | None = None,
    journal: Path | None = None,
    workers: int = 0,
    progress: Report = silent,
) -> Scan:
    """Walk the folders of a gallery, and keep or reject each file; nothing is ever changed.

    The label of an image is the first folder under its root, or what `labels` says of it;
    images at a root, and distractors, have none. Links to folders are not followed, links to
    files only where they stay inside their root.

    Args:
        sources: the folders of the gallery.
        labels: a file of `path label` lines, for galleries whose folders are not classes.
        distractors: folders of further images that have no class.
        limits: what a file may cost.
        thorough: read every file, and decode every picture to its end instead of reading its
            header only.
        known: what an earlier walk found; files that are as they were then are not opened.
        journal: a file that keeps what is found out, so that a walk that is cut off goes on
            there; None for a walk that is not worth it. It is left for who uses the scan.
        workers: number of threads; 0 for one on each core.
        progress: told after each file.

    Raises:
        SourceMissing: no folder, a path that is not a folder, or folders inside each other.
        EmptyGallery: there is no usable image.
        LabelsInvalid: the labels cannot be read, or name no image of the gallery.
    """
    roots = find_roots(sources, distractors)
    names = read_labels(labels) if labels else None
    entries = list_entries(roots)
    found = _Found()
    with journal_at(journal, roots, limits, known) if journal else nullcontext() as notes:
        judge = partial(
            _judged,
            roots=roots,
            limits=limits,
            thorough=thorough,
            known=notes.known if notes else known,
        )
        threads = worker_count(workers)
        for each in in_order(judge, entries, workers=threads, ahead=threads * 4):
            found.add(each)
            if notes and not each.was_known and lasts(each.verdict):
                notes.note(each.verdict)
            progress(found.told(len(entries)))
    if not found.records:
        raise EmptyGallery(_nothing_usable(roots, found.rejections), tuple(found.rejections))
    labelled = _labelled(found.records, len(sources), names, labels)
    return Scan(roots, tuple(labelled), tuple(found.rejections))


def _judged(entry: Entry, *, roots: Sequence[Path], **options: Any) -> Examined:
    return examine(entry, roots[entry.root], **options)


@dataclass
class _Found:
    """What has become of the files of a walk so far."""

    records: list[ImageRecord] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    unchanged: int = 0
    unseen: int = 0

    def add(self, each: Examined) -> None:
        self.unchanged += each.was_known
        if isinstance(each.verdict, ImageRecord):
            self.records.append(each.verdict)
        else:
            self.rejections.append(each.verdict)
            self.unseen += isinstance(each.verdict, OutOfSight)

    def told(self, total: int) -> Progress:
        """Return how far that is; what cannot be looked at is not rejected yet."""
        return Progress(
            "scan",
            len(self.records) + len(self.rejections),
            total,
            f"{self.unchanged:,} unchanged" if self.unchanged else "",
            len(self.rejections) - self.unseen,
        )


def _labelled(
    records: list[ImageRecord], sources: int, names: dict[str, str] | None, file: Path | None
) -> list[ImageRecord]:
    """Give each image its label, and mark those that come after the sources as distractors."""
    gallery = [record for record in records if record.root < sources]
    if names is None:
        found = [first_folder(record.path) for record in gallery]
    else:
        found = assign_labels(names, [record.path for record in gallery])
        if gallery and not any(found):
            raise LabelsInvalid(
                f"{file} names no image of the gallery. It begins with {next(iter(names))!r}; the "
                f"gallery begins with {gallery[0].path!r}. Write paths relative to the folder."
            )
    labelled = [replace(image, label=label) for image, label in zip(gallery, found, strict=True)]
    return labelled + [replace(image, distractor=True) for image in records[len(gallery) :]]


def first_folder(path: str) -> str | None:
    """Return the class that a path below a root names: its first folder, None without one."""
    first, slash, _ = path.partition("/")
    return first if slash else None


def _nothing_usable(roots: Sequence[Path], rejections: Sequence[Rejection]) -> str:
    folders = ", ".join(str(root) for root in roots)
    if not rejections:
        return f"{folders} holds no file. Give a folder that holds images."
    counts = Counter(rejection.reason for rejection in rejections).most_common()
    reasons = ", ".join(f"{count} {reason}" for reason, count in counts)
    return f"{folders} holds no usable image: {len(rejections)} files rejected ({reasons})."
