"""Finds the file of an indexed image, if it still is what was indexed."""

import os
import stat
from hashlib import sha256
from pathlib import Path

from indexer.errors import ImageGone
from indexer.files import lies_inside, read_regular
from indexer.types import ImageRecord


def original(record: ImageRecord, root: Path) -> Path:
    """Return the real path of an image's file.

    Args:
        record: what is known of the image.
        root: the gallery's folder that it lies in.

    Raises:
        ImageGone: the file is absent, leads out of the gallery, or has changed.
    """
    path = root / record.path
    try:
        usable = lies_inside(path, root) and _is_unchanged(path, record)
    except (OSError, ValueError):
        usable = False
    if not usable:
        raise ImageGone(
            f"The image {record.path} is no longer in {root} as it was indexed. "
            "Build the index again to follow the gallery."
        )
    return Path(os.path.realpath(path))


def _is_unchanged(path: Path, record: ImageRecord) -> bool:
    """Return whether size and time are those of the scan, or else the content is."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size != record.bytes:
        return False
    if status.st_mtime_ns == record.mtime_ns:
        return True
    content, _ = read_regular(path, record.bytes)
    return sha256(content).hexdigest() == record.sha256
