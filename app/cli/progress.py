"""Progress for people: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import click

from indexer.durations import duration
from indexer.types import Progress, Report

SECONDS_BETWEEN_LINES = 5.0
LINES_IN_A_STAGE = 100
"""About as many are shown where a stage takes long: a log of hours stays readable."""


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
        self._bar: Any = None

    def __call__(self, progress: Progress) -> None:
        """Show how far a stage has come."""
        bar = self._bar_of(progress)
        bar.set_postfix_str(progress.note, refresh=False)
        bar.update(progress.done - bar.n)

    def close(self) -> None:
        """End the bar of the running stage."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _bar_of(self, progress: Progress) -> Any:
        """Return the stage's bar; a new one for a new stage, and for one that was but announced."""
        announced = self._bar is not None and progress.total and not self._bar.total
        if self._bar is not None and progress.stage == self._stage and not announced:
            return self._bar
        if self._bar is not None:
            self._bar.leave = progress.stage != self._stage
            self.close()
        self._stage = progress.stage
        self._bar = self._tqdm(
            desc=progress.stage,
            total=progress.total or None,
            initial=progress.done,  # what was done before, in an earlier run, took none of its time
            unit="",
            dynamic_ncols=True,
        )
        return self._bar


class Lines:
    """A line at the start and end of each stage, and now and then between: ever more seldom."""

    def __init__(self) -> None:
        self._stage = ""
        self._begun: Progress | None = None
        self._started = self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        """Say how far a stage has come, if it is time to."""
        now = time.monotonic()
        if progress.stage != self._stage:
            self._stage, self._begun = progress.stage, None
            self._started, self._last = now, 0.0
        if self._begun is None and progress.total:
            # What was done before, in an earlier run, took none of this one's time.
            self._begun, self._started = progress, now
        seconds = now - self._started
        pause = max(SECONDS_BETWEEN_LINES, seconds / LINES_IN_A_STAGE)
        finished = progress.done == progress.total
        if finished or now - self._last >= pause:
            self._last = now
            counted = progress.done - self._begun.done if self._begun else 0
            click.echo(_line(progress, counted / seconds if seconds > 1 else 0.0), err=True)

    def close(self) -> None:
        """End the display; nothing is left open."""


def _line(progress: Progress, rate: float) -> str:
    """Return a stage in one line: how far, how fast in items a second, how long still."""
    if not progress.total:
        return progress.stage
    parts = [f"{progress.stage}: {progress.done:,} of {progress.total:,}"]
    if rate:
        parts.append(f"{rate:,.0f} a second" if rate >= 10 else f"{rate:.2g} a second")
        if progress.done < progress.total:
            parts.append(f"{duration((progress.total - progress.done) / rate)} left")
    return ", ".join(parts) + (f"; {progress.note}" if progress.note else "")


@contextmanager
def shown() -> Iterator[Report]:
    """Yield what shows progress on standard error, and tidy up behind it."""
    display: Display = Bars() if sys.stderr.isatty() else Lines()
    try:
        yield display
    finally:
        display.close()
