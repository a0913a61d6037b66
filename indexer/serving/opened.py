"""What a shelf knows of its indexes, and what it tells of them."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Self

from indexer.generations import IndexFolder
from indexer.search import SearchService
from indexer.serving.encoding import EncoderSlot

RETRY_SECONDS = 60.0
"""After which a generation that could not be opened is tried again: memory may have been short."""

Mark = tuple[int, int, int]


@dataclass(frozen=True)
class IndexStatus:
    """How an index does.

    Attributes:
        name: of the index.
        generation: the one that serves, or "".
        usable: whether it answers.
        problem: what is wrong, or "": a newer generation is damaged, or all are.
    """

    name: str
    generation: str
    usable: bool
    problem: str


@dataclass(frozen=True)
class Failure:
    """A generation that could not be taken up.

    Attributes:
        mark: of the pointer that names it.
        problem: why not.
        until: when it may be tried again, on the monotonic clock.
    """

    mark: Mark | None
    problem: str
    until: float


@dataclass(frozen=True)
class Opened:
    """An open index.

    Attributes:
        mark: of the pointer when it was opened.
        service: answers searches.
        encoder: of the service.
        failure: of a newer generation, or None.
    """

    mark: Mark | None
    service: SearchService
    encoder: EncoderSlot
    failure: Failure | None = None

    @property
    def problem(self) -> str:
        """Return why a newer generation does not serve, or ""."""
        return self.service.problem or (self.failure.problem if self.failure else "")

    def is_behind(self, mark: Mark | None) -> bool:
        """Return whether the generation that the pointer names now is to be tried."""
        if self.failure and self.failure.mark == mark:
            return monotonic() >= self.failure.until
        return self.mark != mark

    def after(self, mark: Mark | None, problem: str) -> Self:
        """Return the same, after a newer generation could not be taken up."""
        return replace(self, failure=Failure(mark, problem, monotonic() + RETRY_SECONDS))


def mark_of(instance: Path, name: str) -> Mark | None:
    """Return what changes whenever the pointer of an index is replaced."""
    try:
        status = os.stat(IndexFolder(instance, name).pointer)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
