"""Walks folders of images and says of each file whether it can be searched, and if not, why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from indexer.errors import EmptyGallery, LabelsInvalid
from indexer.scanning.examine import examine
from indexer.scanning.known import Known
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
        thorough: decode every picture to its end instead of reading its header only.
        known: what an earlier walk found; files that are as they were then are not opened.
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

    def judge(entry: Entry) -> ImageRecord | Rejection:
        return examine(entry, roots[entry.root], limits=limits, thorough=thorough, known=known)

    records: list[ImageRecord] = []
    rejections: list[Rejection] = []
    threads = worker_count(workers)
    judged = in_order(judge, entries, workers=threads, ahead=threads * 4)
    for done, verdict in enumerate(judged, 1):
        if isinstance(verdict, ImageRecord):
            records.append(verdict)
        else:
            rejections.append(verdict)
        progress(Progress("scan", done, len(entries)))
    if not records:
        raise EmptyGallery(_nothing_usable(roots, rejections), tuple(rejections))
    labelled = _labelled(records, len(sources), names, labels)
    return Scan(roots, tuple(labelled), tuple(rejections))


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
