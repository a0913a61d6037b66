"""Measures how long the stages of a build take, and announces each."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter

from indexer.manifest import Stage
from indexer.types import Progress, Report

logger = logging.getLogger(__name__)


class Clock:
    """Collects the stages of one build.

    Attributes:
        stages: those that have ended, in order.
    """

    def __init__(self, report: Report) -> None:
        """Begin with no stage; `report` is told how far each is."""
        self.stages: list[Stage] = []
        self._report = report
        self._rejected = 0

    def progress(self, told: Progress) -> None:
        """Report how far a stage is, and how many files all stages so far have rejected."""
        self._rejected = max(self._rejected, told.rejected)
        self._report(replace(told, rejected=self._rejected))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        self.progress(Progress(name, 0, 0))
        start = perf_counter()
        yield
        self.stages.append(Stage(name, perf_counter() - start))
        logger.info("%s took %.1f s", name, self.stages[-1].seconds)

    def seconds(self, name: str) -> float:
        """Return the seconds that a stage took."""
        return sum(stage.seconds for stage in self.stages if stage.name == name)
