"""Progress for people: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click

from indexer.types import Progress, Report

SECONDS_BETWEEN_LINES = 5.0


class Display(Protocol):
    """What shows progress until it is closed."""

    def __call__(self, progress: Progress) -> None: ...

    def close(self) -> None: ...


class Bars:
    """One bar of tqdm for each stage, with rate and time left."""

    def __init__(self) -> None:
        from tqdm import tqdm

        self._tqdm = tqdm
        self._stage = ""
        self._bar: tqdm | None = None

    def __call__(self, progress: Progress) -> None:
        """Show how far a stage has come."""
        if progress.stage != self._stage or self._bar is None:
            self.close()
            self._stage = progress.stage
            self._bar = self._tqdm(desc=progress.stage, unit="", dynamic_ncols=True)
        self._bar.total = progress.total or None
        self._bar.update(progress.done - self._bar.n)

    def close(self) -> None:
        """End the bar of the running stage."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class Lines:
    """A line at the start and end of each stage, and every few seconds between."""

    def __init__(self) -> None:
        self._stage = ""
        self._started = self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        """Say how far a stage has come, if it is time to."""
        now = time.monotonic()
        if progress.stage != self._stage:
            self._stage, self._started, self._last = progress.stage, now, 0.0
        finished = progress.done == progress.total
        if finished or now - self._last >= SECONDS_BETWEEN_LINES:
            self._last = now
            click.echo(_line(progress, now - self._started), err=True)

    def close(self) -> None:
        """End the display; nothing is left open."""


def _line(progress: Progress, seconds: float) -> str:
    if not progress.total:
        return progress.stage
    total = f" of {progress.total:,}"
    rate = f", {progress.done / seconds:,.0f} a second" if seconds > 1 and progress.done else ""
    return f"{progress.stage}: {progress.done:,}{total}{rate}"


@contextmanager
def shown() -> Iterator[Report]:
    """Yield what shows progress on standard error, and tidy up behind it."""
    display: Display = Bars() if sys.stderr.isatty() else Lines()
    try:
        yield display
    finally:
        display.close()
