"""Says of one file of a gallery whether it can be searched, and if not, why."""

import errno
import os
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from indexer.files import NotRegular, TooBig, lies_inside, read_regular
from indexer.scanning.known import UNREADABLE, Known, OutOfSight, SeenRejection
from indexer.scanning.walk import Entry
from indexer.types import DEFAULT_LIMITS, ImageRecord, Rejection
from models.errors import (
    DamagedImage,
    EmptyImage,
    ImageError,
    ImageTooLarge,
    OutOfMemory,
    UnsupportedImage,
)
from models.images import decode, inspect
from models.types import Limits

NOT_OPENED = "It is a FIFO, device or socket; it was not opened."
GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
THOROUGH_SIZE = 224  # decoded as a build decodes, so that a check finds what a build would


@dataclass(frozen=True)
class Examined:
    """What became of one file.

    Attributes:
        verdict: its record, without a label yet, or its rejection.
        was_known: whether the verdict was known, so that the file was not opened.
    """

    verdict: ImageRecord | Rejection
    was_known: bool = False


def examine(
    entry: Entry,
    root: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    thorough: bool = False,
    known: Known | None = None,
) -> Examined:
    """Keep or reject one file.

    Args:
        entry: its name.
        root: the folder in which it lies.
        limits, thorough, known: as for `indexer.gallery.scan`.
    """

    def refuse(reason: str, detail: object, kind: type[Rejection] = Rejection) -> Examined:
        return Examined(kind(entry.root, entry.path, reason, str(detail)))

    if entry.reason:
        unseen = entry.reason == UNREADABLE
        return refuse(entry.reason, entry.detail, OutOfSight if unseen else Rejection)
    if known and (removed := known.removed(entry.root, root, entry.path)):
        return Examined(removed)
    file = os.path.join(root, entry.path)
    try:
        status = _status(file, root)
        if status is None:
            return refuse("link", "The link is broken or leads out of the gallery.")
    except OSError as error:
        kind = Rejection if error.errno in GONE else OutOfSight
        return refuse(UNREADABLE, _unread(error), kind)
    if not stat.S_ISREG(status.st_mode):
        return refuse("not a regular file", NOT_OPENED)
    if known and not thorough:
        verdict = known.verdict(entry.root, root, entry.path, status, limits)
        if verdict:
            return Examined(verdict, was_known=True)
    try:
        return Examined(_judge(entry, Path(file), status, limits, thorough))
    except NotRegular as error:
        return refuse("not a regular file", error)
    except OSError as error:
        return refuse(UNREADABLE, _unread(error))


def _status(file: str, root: Path) -> os.stat_result | None:
    """Return the status of a file, or of what a link leads to; None where that is nothing of ours.

    Raises:
        OSError: it cannot be told.
    """
    status = os.lstat(file)
    if not stat.S_ISLNK(status.st_mode):
        return status
    try:
        status = os.stat(file)
    except OSError as error:
        if error.errno in GONE:
            return None
        raise
    return status if lies_inside(Path(file), root) else None


def _unread(error: OSError) -> str:
    return f"The file cannot be read: {error.strerror or error}."


def _judge(
    entry: Entry, file: Path, status: os.stat_result, limits: Limits, thorough: bool
) -> ImageRecord | SeenRejection:
    """Read a regular file; `status` is what it was before it was opened."""
    try:
        content, status = read_regular(file, limits.max_bytes)
        header = inspect(content, limits=limits, name=entry.path)
        if thorough:
            decode(content, THOROUGH_SIZE, limits=limits, name=entry.path)
    except (ImageError, TooBig) as error:
        return SeenRejection(
            root=entry.root,
            path=entry.path,
            reason=_reason(error),
            detail=str(error),
            bytes=status.st_size,
            mtime_ns=status.st_mtime_ns,
        )
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


def _reason(error: ImageError | TooBig) -> str:
    reasons: dict[type[Exception], str] = {
        EmptyImage: "empty",
        UnsupportedImage: "not an image",
        DamagedImage: "damaged",
        ImageTooLarge: "too large",
        OutOfMemory: "no memory",
        TooBig: "too large",
    }
    return reasons.get(type(error), "damaged")
