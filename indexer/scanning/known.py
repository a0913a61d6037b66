"""Remembers what an earlier walk found out about each file, so that unchanged ones stay closed."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeGuard

from PIL import __version__ as pillow_version

from indexer.types import ImageRecord, Rejection
from models.images import FORMATS
from models.types import Limits

REMOVED, UNREADABLE = "removed", "unreadable"
# Of these the file itself is the cause; other reasons may pass without it being changed.
LASTING = {"empty", "not an image", "damaged", "too large"}


@dataclass(frozen=True)
class SeenRejection(Rejection):
    """A rejected file that will be known again.

    Attributes:
        bytes: the file's size.
        mtime_ns: the file's modification time, in nanoseconds.
    """

    bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class Removed(Rejection):
    """The mark of a file that was taken out of an index.

    Attributes:
        sha256: of the content that it had then, in hexadecimal.
    """

    sha256: str


class OutOfSight(Rejection):
    """A file or folder that cannot be looked at now: it need not be gone, nor what is below it."""


Verdict = ImageRecord | SeenRejection


def lasts(verdict: ImageRecord | Rejection) -> TypeGuard[Verdict]:
    """Return whether a verdict holds for as long as the file is not changed."""
    return isinstance(verdict, ImageRecord) or (
        isinstance(verdict, SeenRejection) and verdict.reason in LASTING
    )


def rules(limits: Limits) -> str:
    """Describe what a rejection depends on besides the file: the limits, and what Pillow opens."""
    return f"{limits} Pillow {pillow_version} {', '.join(sorted(FORMATS))}"


class Known:
    """The verdicts of an earlier walk.

    A file counts as unchanged where its root, path, size and modification time are; one that was
    written anew within a tick of the file system's clock, to the same size, is not noticed.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        records: Iterable[ImageRecord],
        rejections: Iterable[Rejection],
        judged_by: str,
        older: "Known | None" = None,
    ) -> None:
        """Take what a catalog or a journal holds.

        Args:
            roots: the folders that the numbers of roots stand for.
            records, rejections: of the images and the other files.
            judged_by: the `rules` of that time.
            older: what was known before, for files of which this tells nothing.
        """
        self._older = older
        self._judged_by = judged_by
        self._verdicts: dict[Path, dict[str, Verdict]] = {root: {} for root in roots}
        self._removed: dict[tuple[Path, str], Rejection] = {}
        for record in records:
            self._verdicts[roots[record.root]][record.path] = record
        for item in rejections:
            if isinstance(item, Removed):
                self._removed[roots[item.root], item.path] = item
            elif lasts(item):
                self._verdicts[roots[item.root]][item.path] = item

    def removed(self, number: int, root: Path, path: str) -> Rejection | None:
        """Return the rejection of a file that was taken out of the index; it may have changed.

        Args:
            number: position of its folder among the roots of now.
            root, path: of the file.
        """
        item = self._removed.get((root, path))
        if item is None and self._older:
            return self._older.removed(number, root, path)
        return item and replace(item, root=number)

    def verdict(
        self, number: int, root: Path, path: str, status: os.stat_result, limits: Limits
    ) -> Verdict | None:
        """Return what was found out about a file, or None where it must be examined.

        Args:
            number: position of its folder among the roots of now.
            root, path: of the file.
            status: of the file as it is now.
            limits: what a file may cost now.

        Returns:
            Its record, without a label, or its rejection.
        """
        found = self._verdict(number, root, path, status, limits)
        if found is None and self._older:
            return self._older.verdict(number, root, path, status, limits)
        return found

    def _verdict(
        self, number: int, root: Path, path: str, status: os.stat_result, limits: Limits
    ) -> Verdict | None:
        seen = self._verdicts.get(root, {}).get(path)
        if seen is None or (seen.bytes, seen.mtime_ns) != (status.st_size, status.st_mtime_ns):
            return None
        if isinstance(seen, ImageRecord):
            if not _fits(seen, limits):
                return None
            return replace(seen, root=number, label=None, distractor=False)
        return replace(seen, root=number) if self._judged_by == rules(limits) else None


def _fits(record: ImageRecord, limits: Limits) -> bool:
    return (
        record.bytes <= limits.max_bytes
        and record.width * record.height <= limits.max_pixels
        and max(record.width, record.height) <= limits.max_side
    )
