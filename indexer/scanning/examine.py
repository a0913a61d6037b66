"""Says of one file of a gallery whether it can be searched, and if not, why."""

import os
import stat
from hashlib import sha256
from pathlib import Path

from indexer.files import NotRegular, TooBig, lies_inside, read_regular
from indexer.scanning.known import Known, SeenRejection
from indexer.scanning.walk import Entry
from indexer.types import DEFAULT_LIMITS, ImageRecord, Rejection
from models.errors import DamagedImage, EmptyImage, ImageError, ImageTooLarge, UnsupportedImage
from models.images import decode, inspect
from models.types import Limits

NOT_OPENED = "It is a FIFO, device or socket; it was not opened."
THOROUGH_SIZE = 224  # decoded as a build decodes, so that a check finds what a build would


def examine(
    entry: Entry,
    root: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    thorough: bool = False,
    known: Known | None = None,
) -> ImageRecord | Rejection:
    """Keep or reject one file; a record has no label yet.

    Args:
        entry: its name.
        root: the folder in which it lies.
        limits, thorough, known: as for `indexer.gallery.scan`.
    """

    def refuse(reason: str, detail: object) -> Rejection:
        return Rejection(entry.root, entry.path, reason, str(detail))

    if entry.reason:
        return refuse(entry.reason, entry.detail)
    if known and (removed := known.removed(entry.root, root, entry.path)):
        return removed
    file = os.path.join(root, entry.path)
    try:
        status = os.lstat(file)
        if stat.S_ISLNK(status.st_mode):
            if not (os.path.exists(file) and lies_inside(Path(file), root)):
                return refuse("link", "The link is broken or leads out of the gallery.")
            status = os.stat(file)
        if not stat.S_ISREG(status.st_mode):
            return refuse("not a regular file", NOT_OPENED)
        verdict = known and known.verdict(entry.root, root, entry.path, status, limits)
        return verdict or _judge(entry, Path(file), status, limits, thorough)
    except NotRegular as error:
        return refuse("not a regular file", error)
    except OSError as error:
        return refuse("unreadable", f"The file cannot be read: {error.strerror or error}.")


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
        TooBig: "too large",
    }
    return reasons.get(type(error), "damaged")
