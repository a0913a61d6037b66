"""Progress: a bar on a terminal, a plain line now and then elsewhere, JSON for machines.

Machines get one object on a line of standard output, every second and where a stage begins or
ends, also while nothing moves: silence means that the command hangs or is gone. A command that
offers this writes nothing but JSON lines to standard output; what is for people goes to standard
error.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from json import dumps
from threading import Event, Lock, Thread
from typing import Any, Protocol

import click

from app.cli.pace import Pace
from indexer.durations import duration
from indexer.types import Progress, Report

SECONDS_BETWEEN_LINES = 5.0
SECONDS_BETWEEN_OBJECTS = 1.0
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
        bar.set_postfix_str("; ".join(_remarks(progress)), refresh=False)
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
        self._pace = Pace()
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        """Say how far a stage has come, if it is time to."""
        is_new = self._pace.take(progress)
        pause = max(SECONDS_BETWEEN_LINES, self._pace.seconds / LINES_IN_A_STAGE)
        is_over = progress.done == progress.total
        now = time.monotonic()
        if is_new or is_over or now - self._last >= pause:
            self._last = now
            click.echo(_line(progress, self._pace), err=True)

    def close(self) -> None:
        """End the display; nothing is left open."""


def _line(progress: Progress, pace: Pace) -> str:
    """Return a stage in one line: how far, how fast in items a second, how long still."""
    if not progress.total:
        return "; ".join([progress.stage, *_remarks(progress)])
    parts = [f"{progress.stage}: {progress.done:,} of {progress.total:,}"]
    if rate := pace.rate:
        parts.append(f"{rate:,.0f} a second" if rate >= 10 else f"{rate:.2g} a second")
    left = pace.seconds_left(progress)
    if left:
        parts.append(f"{duration(left)} left")
    return "; ".join([", ".join(parts), *_remarks(progress)])


def _remarks(progress: Progress) -> list[str]:
    """Return what there is to say beside the count."""
    rejected = f"{progress.rejected:,} rejected" if progress.rejected else ""
    return [remark for remark in (rejected, progress.note) if remark]


class Objects:
    """JSON objects, each on a line of standard output.

    Their keys: stage; done and total (null where it is unknown) items; rejected files so far;
    seconds since the stage began to count; per_second and seconds_left (null where they cannot be
    told yet); note. A reader who goes away does not end the work.
    """

    def __init__(self) -> None:
        self._pace = Pace()
        self._last: Progress | None = None
        self._is_written = True
        self._lock = Lock()
        self._closed = Event()
        self._clock = Thread(target=self._tick, name="progress", daemon=True)
        self._clock.start()

    def __call__(self, progress: Progress) -> None:
        """Take notice of how far a stage has come; write it where the stage begins or ends."""
        with self._lock:
            self._last, self._is_written = progress, False
            if self._pace.take(progress) or progress.done == progress.total:
                self._write(progress)

    def close(self) -> None:
        """Write what has not been written yet, and end the display."""
        self._closed.set()
        self._clock.join()
        if self._last and not self._is_written:
            self._write(self._last)

    def _tick(self) -> None:
        while not self._closed.wait(SECONDS_BETWEEN_OBJECTS):
            with self._lock:
                if self._last:
                    self._pace.take(self._last)
                    self._write(self._last)

    def _write(self, progress: Progress) -> None:
        left = self._pace.seconds_left(progress)
        content = {
            "stage": progress.stage,
            "done": progress.done,
            "total": progress.total or None,
            "rejected": progress.rejected,
            "seconds": round(self._pace.seconds, 1),
            "per_second": round(self._pace.rate, 2) if self._pace.rate else None,
            "seconds_left": None if left is None else round(left, 1),
            "note": progress.note,
        }
        self._is_written = True
        try:
            click.echo(dumps(content))
        except OSError:
            self._closed.set()


@contextmanager
def shown(*, json: bool = False) -> Iterator[Report]:
    """Yield what shows progress, and tidy up behind it.

    Args:
        json: for machines, on standard output, instead of for people on standard error.
    """
    display: Display = Objects() if json else Bars() if sys.stderr.isatty() else Lines()
    try:
        yield display
    finally:
        display.close()
