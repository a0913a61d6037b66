"""Keeps what a walk finds out about each file, so that one that was cut off goes on where it was.

A journal is a file of lines, each with its checksum. What a kill or the loss of power left half
written is cut off its end; the files of those lines are read again.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO
from zlib import crc32

from indexer.files import sync
from indexer.scanning.known import Known, SeenRejection, Verdict, rules
from indexer.types import ImageRecord
from models.types import Limits

FORMAT = 1
SYNC_SECONDS = 2.0  # of work that the loss of power may cost


class Journal:
    """What a walk through some folders has found out, this time and before it was cut off.

    Attributes:
        known: what the walk need not find out again.
    """

    def __init__(
        self, path: Path, roots: Sequence[Path], limits: Limits, older: Known | None
    ) -> None:
        """Read what is there, if it is of the same folders and limits.

        Args:
            path: of the file; made with the first verdict.
            roots: the folders.
            limits: what a file may cost.
            older: what else is known of their files.

        Raises:
            OSError: the file cannot be read.
        """
        self._path = path
        self._header = {"format": FORMAT, "roots": list(map(str, roots)), "rules": rules(limits)}
        verdicts, self._end = _read(path, self._header)
        images = [each for each in verdicts if isinstance(each, ImageRecord)]
        refused = [each for each in verdicts if isinstance(each, SeenRejection)]
        self.known = Known(roots, images, refused, rules(limits), older)
        self._file: BinaryIO | None = None
        self._synced = monotonic()

    def note(self, verdict: Verdict) -> None:
        """Add a verdict; about every two seconds they are forced onto the disk.

        Raises:
            OSError: the disk takes no more.
        """
        self._file = self._file or self._opened()
        self._file.write(_line(vars(verdict)))
        if monotonic() - self._synced >= SYNC_SECONDS:
            self._sync(self._file)

    def close(self) -> None:
        """Force onto the disk what was added, and close the file.

        Raises:
            OSError: the disk takes no more.
        """
        if self._file:
            with self._file as file:
                self._sync(file)

    def _opened(self) -> BinaryIO:
        file = self._path.open("ab")
        file.truncate(self._end)
        if not self._end:
            file.write(_line(self._header))
            sync(self._path.parent)
        return file

    def _sync(self, file: BinaryIO) -> None:
        file.flush()
        os.fsync(file.fileno())
        self._synced = monotonic()


@contextmanager
def journal_at(
    path: Path, roots: Sequence[Path], limits: Limits, older: Known | None
) -> Iterator[Journal]:
    """Open a journal, and keep what is added to it however the walk ends; see Journal."""
    journal = Journal(path, roots, limits, older)
    try:
        yield journal
    except BaseException:
        with suppress(OSError):  # the first error tells more
            journal.close()
        raise
    journal.close()


def _read(path: Path, header: dict[str, Any]) -> tuple[list[Verdict], int]:
    """Return the verdicts of a journal and the bytes that are whole; none under another header."""
    verdicts: list[Verdict] = []
    end = 0
    with suppress(FileNotFoundError), path.open("rb") as file:
        for line in file:
            fields = _fields(line)
            if fields is None or (not end and fields != header):
                break
            if end:
                verdicts.append(_verdict(fields))
            end += len(line)
    return verdicts, end


def _verdict(fields: dict[str, Any]) -> Verdict:
    return ImageRecord(**fields) if "sha256" in fields else SeenRejection(**fields)


def _line(fields: dict[str, Any]) -> bytes:
    content = json.dumps(fields).encode()
    return b"%08x %s\n" % (crc32(content), content)


def _fields(line: bytes) -> dict[str, Any] | None:
    """Return what a line holds, or None where it is not whole."""
    content = line[9:-1]
    if line != b"%08x %s\n" % (crc32(content), content):
        return None
    fields: dict[str, Any] = json.loads(content)
    return fields
