"""The rows of a catalog: records in, records out."""

from typing import Any

from indexer.scanning.known import Removed, SeenRejection
from indexer.types import ImageRecord, Rejection

IMAGE_COLUMNS = "root, path, label, sha256, bytes, mtime_ns, width, height, format, distractor"
REJECTION_COLUMNS = "root, path, reason, detail, bytes, mtime_ns, sha256"


def image_row(record: ImageRecord) -> tuple[Any, ...]:
    """Return the row of an image, without its id."""
    return (
        record.root,
        to_bytes(record.path),
        None if record.label is None else to_bytes(record.label),
        record.sha256,
        record.bytes,
        record.mtime_ns,
        record.width,
        record.height,
        record.format,
        int(record.distractor),
    )


def image_of(row: tuple[Any, ...]) -> ImageRecord:
    """Return the image of a row, without its id."""
    root, path, label, sha256, size, mtime_ns, width, height, kind, distractor = row
    return ImageRecord(
        root=root,
        path=to_text(path),
        label=None if label is None else to_text(label),
        sha256=sha256,
        bytes=size,
        mtime_ns=mtime_ns,
        width=width,
        height=height,
        format=kind,
        distractor=bool(distractor),
    )


def rejection_row(item: Rejection) -> tuple[Any, ...]:
    """Return the row of a rejected file, without its id."""
    seen = (item.bytes, item.mtime_ns) if isinstance(item, SeenRejection) else (None, None)
    content = item.sha256 if isinstance(item, Removed) else None
    return (item.root, to_bytes(item.path), item.reason, to_bytes(item.detail), *seen, content)


def rejection_of(row: tuple[Any, ...]) -> Rejection:
    """Return the rejected file of a row, without its id."""
    root, path, reason, detail, size, mtime_ns, content = row
    told = (root, to_text(path), reason, to_text(detail))
    if content is not None:
        return Removed(*told, content)
    return Rejection(*told) if size is None else SeenRejection(*told, size, mtime_ns)


def to_bytes(text: str) -> bytes:
    """Return a path or label as the catalog keeps it: names of files need not be UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def to_text(content: bytes) -> str:
    """Return a path or label as it was kept."""
    return content.decode("utf-8", "surrogateescape")
