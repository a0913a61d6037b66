"""Walks folders of images and says of each file whether it can be searched, and if not, why."""

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from indexer.errors import EmptyGallery, LabelsInvalid, SourceMissing
from indexer.files import NotRegular, TooBig, lies_inside, read_regular
from indexer.labels import assign_labels, read_labels
from indexer.types import DEFAULT_LIMITS, ImageRecord, Progress, Rejection, Report, Scan, silent
from models.errors import DamagedImage, EmptyImage, ImageError, ImageTooLarge, UnsupportedImage
from models.images import decode, inspect
from models.parallel import in_order, worker_count
from models.types import Limits

THOROUGH_SIZE = 224  # decoded as a build decodes, so that a check finds what a build would


@dataclass(frozen=True)
class _Entry:
    """A name found in the walk, and the reason against it where the walk already knows one."""

    root: int
    path: str
    reason: str = ""
    detail: str = ""


def scan(
    sources: Sequence[Path],
    *,
    labels: Path | None = None,
    distractors: Sequence[Path] = (),
    limits: Limits = DEFAULT_LIMITS,
    thorough: bool = False,
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
        workers: number of threads; 0 for one on each core.
        progress: told after each file.

    Raises:
        SourceMissing: no folder, a path that is not a folder, or folders inside each other.
        EmptyGallery: there is no usable image.
        LabelsInvalid: the labels cannot be read, or name no image of the gallery.
    """
    roots = _roots(sources, distractors)
    names = read_labels(labels) if labels else None
    entries = _entries(roots)

    def judge(entry: _Entry) -> ImageRecord | Rejection:
        if entry.reason:
            return Rejection(entry.root, entry.path, entry.reason, entry.detail)
        return _examine(entry, roots[entry.root], limits, thorough)

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


def _roots(sources: Sequence[Path], distractors: Sequence[Path]) -> tuple[Path, ...]:
    if not sources:
        raise SourceMissing("No folder of images was given: name at least one.")
    roots: list[Path] = []
    for folder in (*sources, *distractors):
        if not folder.is_dir():
            what = "is not a folder" if folder.exists() else "does not exist"
            raise SourceMissing(f"{folder} {what}: give the path of a folder of images.")
        root = Path(os.path.realpath(folder))
        for other in roots:
            if root.is_relative_to(other) or other.is_relative_to(root):
                raise SourceMissing(
                    f"{root} and {other} share images: give each folder once, "
                    "and no folder inside another."
                )
        roots.append(root)
    return tuple(roots)


def _entries(roots: Sequence[Path]) -> list[_Entry]:
    """List everything under the roots that is not a folder, by root and bytes of the path."""
    return [
        entry
        for number, root in enumerate(roots)
        for entry in sorted(_walk(number, root), key=lambda entry: os.fsencode(entry.path))
    ]


def _walk(number: int, root: Path) -> Iterator[_Entry]:
    unreadable: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=unreadable.append):
        inside = os.path.relpath(folder, root)
        for name in folders:
            if os.path.islink(os.path.join(folder, name)):
                path = os.path.normpath(os.path.join(inside, name))
                yield _Entry(number, path, "link", "A link to a folder is not followed.")
        for name in files:
            yield _Entry(number, os.path.normpath(os.path.join(inside, name)))
    for error in unreadable:
        path = os.path.relpath(error.filename, root)
        yield _Entry(number, path, "unreadable", f"The folder cannot be read: {error.strerror}.")


def _examine(entry: _Entry, root: Path, limits: Limits, thorough: bool) -> ImageRecord | Rejection:
    def refuse(reason: str, detail: object) -> Rejection:
        return Rejection(entry.root, entry.path, reason, str(detail))

    file = root / entry.path
    try:
        status = file.lstat()
        if stat.S_ISLNK(status.st_mode):
            if not (file.exists() and lies_inside(file, root)):
                return refuse("link", "The link is broken or leads out of the gallery.")
            status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NotRegular("It is a FIFO, device or socket; it was not opened.")
        content, status = read_regular(file, limits.max_bytes)
        header = inspect(content, limits=limits, name=entry.path)
        if thorough:
            decode(content, THOROUGH_SIZE, limits=limits, name=entry.path)
    except ImageError as error:
        return refuse(_reason(error), error)
    except NotRegular as error:
        return refuse("not a regular file", error)
    except TooBig as error:
        return refuse("too large", error)
    except OSError as error:
        return refuse("unreadable", f"The file cannot be read: {error.strerror or error}.")
    return ImageRecord(
        root=entry.root,
        path=entry.path,
        label=None,
        sha256=sha256(content).hexdigest(),
        bytes=len(content),
        mtime_ns=status.st_mtime_ns,
        width=header.width,
        height=header.height,
        format=header.format,
    )


def _reason(error: ImageError) -> str:
    reasons = {
        EmptyImage: "empty",
        UnsupportedImage: "not an image",
        DamagedImage: "damaged",
        ImageTooLarge: "too large",
    }
    return reasons.get(type(error), "damaged")


def _labelled(
    records: list[ImageRecord], sources: int, names: dict[str, str] | None, file: Path | None
) -> list[ImageRecord]:
    """Give each image its label, and mark those that come after the sources as distractors."""
    gallery = [record for record in records if record.root < sources]
    if names is None:
        found = [_first_folder(record.path) for record in gallery]
    else:
        found = assign_labels(names, [record.path for record in gallery])
        if gallery and not any(found):
            raise LabelsInvalid(
                f"{file} names no image of the gallery. It begins with {next(iter(names))!r}; the "
                f"gallery begins with {gallery[0].path!r}. Write paths relative to the folder."
            )
    labelled = [replace(image, label=label) for image, label in zip(gallery, found, strict=True)]
    return labelled + [replace(image, distractor=True) for image in records[len(gallery) :]]


def _first_folder(path: str) -> str | None:
    first, slash, _ = path.partition("/")
    return first if slash else None


def _nothing_usable(roots: Sequence[Path], rejections: Sequence[Rejection]) -> str:
    folders = ", ".join(str(root) for root in roots)
    if not rejections:
        return f"{folders} holds no file. Give a folder that holds images."
    counts = Counter(rejection.reason for rejection in rejections).most_common()
    reasons = ", ".join(f"{count} {reason}" for reason, count in counts)
    return f"{folders} holds no usable image: {len(rejections)} files rejected ({reasons})."
