"""Measures how long the stages of a build take, and announces each."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from indexer.manifest import Stage
from indexer.types import Progress, Report

logger = logging.getLogger(__name__)


@dataclass
class Clock:
    """Collects the stages of one build."""

    progress: Report
    stages: list[Stage] = field(default_factory=list)

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
