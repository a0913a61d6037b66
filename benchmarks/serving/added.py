"""Holds against what is wanted what pages add to decoding, encoding and searching."""

import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.serving.clients import Client, Timed
from benchmarks.serving.figures import WORK
from benchmarks.serving.server import Settings, running
from benchmarks.serving.visits import Known, Visit, upload, visits
from benchmarks.wanted import Wanted, plain, sentences

ADDED = 100.0
"""What is wanted: milliseconds, of 95 in 100 answers."""

FIRST = 4
"""Answers of each kind that are told by themselves: each worker may do for the first time what it
keeps."""


@dataclass(frozen=True)
class Page:
    """How one kind of page was answered; times in milliseconds.

    Of several runs they are medians.

    Attributes:
        name: of the kind.
        answers, failed: how many.
        p50, p95, p99: until an answer was there, as the client saw it.
        worked: decode, encode and search, the median.
        added50, added95, added99: the answers' times less decode, encode and search.
        first: the most that was added to one of the first answers.
        bytes: of an answer, the median.
    """

    name: str
    answers: int
    failed: int
    p50: float
    p95: float
    p99: float
    worked: float
    added50: float
    added95: float
    added99: float
    first: float
    bytes: float


@dataclass(frozen=True)
class Pages:
    """Everything that was measured.

    Attributes:
        images: of the index.
        pages: by kind.
        runs: of which they are medians.
        load: processes that wanted to run on average, before and after.
        cores: of the machine.
    """

    images: int
    pages: Sequence[Page]
    runs: int
    load: tuple[float, float]
    cores: int

    @property
    def failed(self) -> int:
        """Return how many requests failed."""
        return sum(page.failed for page in self.pages)

    @property
    def wanted(self) -> list[Wanted]:
        """Hold what was added against what is wanted."""
        return [
            Wanted(f"{page.name}, added", page.added95, ADDED, "ms", digits=0, below=True)
            for page in self.pages
        ]

    def plain(self) -> Mapping[str, Any]:
        """Return it as plain data."""
        return asdict(self) | {"wanted": plain(self.wanted)}

    def table(self) -> str:
        """Return it as people read it."""
        before, after = self.load
        missed = [wanted for wanted in self.wanted if not wanted.met]
        return "\n".join(
            [
                f"{self.images:,} images, {self.runs} runs; load {before:.1f} before, {after:.1f} "
                f"after, on {self.cores} cores",
                f"{'ms':32}{'p50':>8}{'p95':>8}{'p99':>8}{'worked':>9}   "
                f"{'added 50':>8}{'95':>7}{'99':>7}{'first':>8}{'kB':>7}",
                *map(_line, self.pages),
                "(worked: decode, encode, search; added: all else; first: the most of the first "
                f"{FIRST})",
                f"failed: {self.failed}",
                "",
                f"wanted: less than {ADDED:.0f} ms added to 95 of 100 answers: "
                + (f"met by all {len(self.pages)}" if not missed else "missed by"),
                *([sentences(missed)] if missed else []),
            ]
        )


def measure(settings: Settings, known: Known, gallery: Path, rounds: int, runs: int) -> Pages:
    """Start a server for each run, and look at pages of each kind, one at a time.

    Args:
        settings: of the server.
        known: of the gallery.
        gallery: folder of its pictures.
        rounds: answers of each kind in a run.
        runs: servers.
    """
    before = os.getloadavg()[0]
    found = [_run(settings, known, gallery, rounds) for _ in range(runs)]
    return Pages(
        images=known.count,
        pages=[_median(pages) for pages in zip(*found, strict=True)],
        runs=runs,
        load=(before, os.getloadavg()[0]),
        cores=os.cpu_count() or 1,
    )


def _run(settings: Settings, known: Known, gallery: Path, rounds: int) -> list[Page]:
    first = gallery / known.pictures[0][1].path
    with running(settings, first) as server, closing(Client(server.port)) as client:
        queries = upload(client, known, gallery)
        return [_sum_up(visit, client) for visit in visits(known, queries, rounds + FIRST)]


def _sum_up(visit: Visit, client: Client) -> Page:
    answers = [client.page(address, as_json=visit.as_json) for address in visit.addresses]
    warm = answers[FIRST:]
    times, added = [each.milliseconds for each in warm], [_added(each) for each in warm]
    p50, p95, p99 = (float(each) for each in np.percentile(times, [50, 95, 99]))
    added50, added95, added99 = (float(each) for each in np.percentile(added, [50, 95, 99]))
    return Page(
        name=visit.name,
        answers=len(answers),
        failed=sum(each.status != 200 for each in answers),
        p50=p50,
        p95=p95,
        p99=p99,
        worked=float(np.median([each.milliseconds - _added(each) for each in warm])),
        added50=added50,
        added95=added95,
        added99=added99,
        first=max(_added(each) for each in answers[:FIRST]),
        bytes=float(np.median([each.bytes for each in warm])),
    )


def _median(pages: Sequence[Page]) -> Page:
    """Return the medians of one kind of page over several runs, and all its answers."""
    of_each: dict[str, list[Any]] = {
        name: [getattr(page, name) for page in pages] for name in vars(pages[0])
    }
    kept: dict[str, Any] = {"name": of_each.pop("name")[0]}
    kept |= {name: sum(of_each.pop(name)) for name in ("answers", "failed")}
    return Page(**kept | {name: float(np.median(each)) for name, each in of_each.items()})


def _added(answer: Timed) -> float:
    return answer.milliseconds - sum(answer.stages.get(name, 0.0) for name in WORK)


def _line(page: Page) -> str:
    times = "".join(f"{value:8.1f}" for value in (page.p50, page.p95, page.p99))
    added = f"{page.added50:8.1f}{page.added95:7.1f}{page.added99:7.1f}{page.first:8.1f}"
    return f"{page.name:32}{times}{page.worked:9.1f}   {added}{page.bytes / 1e3:7.0f}"
