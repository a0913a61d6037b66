"""Sums up what clients measured, and says it as a table and as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.processes import Memory
from benchmarks.serving.clients import Timed
from benchmarks.wanted import Wanted, plain, sentences

STAGES = ("decode", "encode", "search", "render", "keep")
WORK = ("decode", "encode", "search")
"""Stages without which there is no search; all else is what serving adds."""

START, WORKER, ADDED = 2.0, 450.0, 10.0
"""What is wanted: seconds to the first answer, megabytes of a worker, milliseconds added."""

UPLOADS = ("search", "upload")
"""Requests that bring a picture."""


@dataclass(frozen=True)
class Load:
    """What one kind of request met under a number of clients; times in milliseconds.

    Attributes:
        kind: e.g. "search".
        clients: at once.
        answers, failed: how many.
        per_second: answers.
        p50, p95, p99: until an answer was there, as the client saw it.
        stages: medians of what the server says of its stages.
        added: median of an answer's time less decode, encode and search.
    """

    kind: str
    clients: int
    answers: int
    failed: int
    per_second: float
    p50: float
    p95: float
    p99: float
    stages: dict[str, float]
    added: float


def sum_up(kind: str, clients: int, answers: Sequence[Timed], seconds: float) -> Load:
    """Sum the answers of one kind up."""
    times = [each.milliseconds for each in answers]
    p50, p95, p99 = (float(each) for each in np.percentile(times, [50, 95, 99]))
    return Load(
        kind=kind,
        clients=clients,
        answers=len(answers),
        failed=sum(each.status not in (200, 303) for each in answers),
        per_second=len(answers) / seconds,
        p50=p50,
        p95=p95,
        p99=p99,
        stages={name: _median(answers, name) for name in STAGES},
        added=float(np.median([_added(each) for each in answers])),
    )


@dataclass(frozen=True)
class Figures:
    """Everything that was measured.

    Attributes:
        loads: by kind and number of clients.
        encoder: milliseconds of the bare encoder for a picture, median, before and after.
        starts: seconds from the start of the server to its first answer.
        workers: memory of each worker, after all loads.
    """

    loads: list[Load]
    encoder: tuple[float, float]
    starts: list[float]
    workers: list[Memory]

    @property
    def failed(self) -> int:
        """Return how many requests failed."""
        return sum(load.failed for load in self.loads)

    def plain(self) -> Mapping[str, Any]:
        """Return it as plain data."""
        return asdict(self) | {"wanted": plain(self.wanted)}

    @property
    def wanted(self) -> list[Wanted]:
        """Hold what was measured against what is wanted; uploads by the fewest clients at once."""
        largest = max(worker.proportional for worker in self.workers) / 1e6
        fewest = min(load.clients for load in self.loads)
        alone = [load for load in self.loads if load.clients == fewest and load.kind in UPLOADS]
        return [
            Wanted("start to first answer", float(np.median(self.starts)), START, "s", below=True),
            Wanted("largest worker, proportional", largest, WORKER, "MB", digits=0, below=True),
            *(
                Wanted(f"{_name(load)}, added", load.added, ADDED, "ms", digits=1, below=True)
                for load in alone
            ),
        ]

    def table(self) -> str:
        """Return it as people read it."""
        before, after = self.encoder
        starts = ", ".join(f"{seconds:.2f}" for seconds in self.starts)
        return "\n".join(
            [
                f"{'':20}{'a second':>9}{'p50':>8}{'p95':>8}{'p99':>8}   "
                + "".join(f"{name:>8}" for name in STAGES)
                + f"{'added':>8}  (ms)",
                *(_line(load) for load in self.loads),
                "(medians of the server's own stages; added: to decode, encode and search)",
                f"bare encoder, one picture: {before:.1f} ms before, {after:.1f} ms after",
                f"start to first answer: {np.median(self.starts):.2f} s (of {starts})",
                f"private memory of the workers, MB: {_megabytes(self.workers, 'private')}",
                f"proportional, MB: {_megabytes(self.workers, 'proportional')}",
                f"failed: {self.failed}",
                "",
                sentences(self.wanted),
            ]
        )


def _median(answers: Sequence[Timed], stage: str) -> float:
    return float(np.median([each.stages.get(stage, 0.0) for each in answers]))


def _added(answer: Timed) -> float:
    return answer.milliseconds - sum(answer.stages.get(name, 0.0) for name in WORK)


def _name(load: Load) -> str:
    return f"{load.kind}, {load.clients} client{'s' if load.clients > 1 else ''}"


def _line(load: Load) -> str:
    times = "".join(f"{value:8.1f}" for value in (load.p50, load.p95, load.p99))
    stages = "".join(f"{load.stages[name]:8.1f}" for name in STAGES)
    return f"{_name(load):20}{load.per_second:9.1f}{times}   {stages}{load.added:8.1f}"


def _megabytes(workers: Sequence[Memory], kind: str) -> str:
    return ", ".join(f"{getattr(worker, kind) / 1e6:,.0f}" for worker in workers)
