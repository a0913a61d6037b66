"""Measures how fast a stage gets on, and how long it still takes."""

import time

from indexer.types import Progress


class Pace:
    """How fast this run gets on with a stage: what an earlier run did took none of its time."""

    def __init__(self) -> None:
        self.stage = ""
        self.seconds = 0.0  # since the stage began to count
        self.rate = 0.0  # items a second; 0 where it cannot be told yet
        self._begun: Progress | None = None
        self._started = 0.0

    def take(self, progress: Progress) -> bool:
        """Take notice of how far a stage has come; return whether it is a new one."""
        now = time.monotonic()
        is_new = progress.stage != self.stage
        if is_new:
            self.stage, self._begun, self._started = progress.stage, None, now
        if self._begun is None and progress.total:
            self._begun, self._started = progress, now
        self.seconds = now - self._started
        counted = progress.done - self._begun.done if self._begun else 0
        self.rate = counted / self.seconds if self.seconds > 1 else 0.0
        return is_new

    def seconds_left(self, progress: Progress) -> float | None:
        """Return how long the stage still takes, or None where it cannot be told."""
        if not self.rate or not progress.total:
            return None
        return (progress.total - progress.done) / self.rate
