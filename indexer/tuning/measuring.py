"""Measures what searches find and cost, with some tables and some effort."""

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from indexer.distances import as_near
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import Effort
from indexer.tuning.points import Point
from indexer.tuning.queries import Queries
from indexer.tuning.truth import kth_distances
from indexer.types import Answers, Float32, Metric

TIMED = 50  # queries that are timed, one after the other

BUCKET = 2048
CODE = 128
HASHED = 4
"""What a bucket, a candidate and a byte of the hash functions count, as bytes of features.

Features are read at some 14 GB a second from all over the gallery. By a linear fit to the median
times of searches with g from 4 to 32 tables, 32,791 vectors of 2,048 numbers and 8,000 of 512, one
bucket more takes as long as 2,200 to 2,450 bytes of features, though it touches few: it is named,
looked up, and waited for. A candidate takes as long as 101 to 149, and a byte of the hash
functions, each of which is computed for every query, as long as 4 to 6."""


@dataclass(frozen=True)
class Questions:
    """Queries, and by what their answers are judged.

    Attributes:
        queries: that are asked.
        metric: what images are ranked by.
        at: how many nearest images count.
        truth: float32 (m,), how far the last of these lies.
    """

    queries: Queries
    metric: Metric
    at: int
    truth: Float32

    @classmethod
    def of(cls, index: LshIndex, queries: Queries, at: int, metric: Metric) -> "Questions":
        """Find out what is true, by measuring every image."""
        return cls(queries, metric, at, kth_distances(index.store, queries, at, metric))


def measured(index: LshIndex, effort: Effort, asked: Questions) -> Point:
    """Search for all queries, and count what was found."""
    own = asked.queries.own
    hits = asked.at if own is None else asked.at + 1
    answers = index.search_many(asked.queries.features, hits, asked.metric, effort=effort)
    found = _found(answers, asked).reshape(-1, asked.queries.together).mean(axis=1)
    return Point(
        g=index.parameters["g"],
        h=index.parameters["h"],
        probes=effort.probes,
        keep=effort.keep,
        recall=float(found.mean()),
        error=float(found.std() / len(found) ** 0.5),
        visited=float(answers.visited.mean()) / index.store.count,
        milliseconds=0.0,
        bytes=_cost(index, answers),
        tables=index.memory_bytes,
        opened=float(answers.probes.mean()),
        reach=effort.reach,
    )


def timed(index: LshIndex, point: Point, asked: Questions) -> Point:
    """Time searches one after the other."""
    seconds = []
    for query in asked.queries.features[:TIMED]:
        began = perf_counter()
        index.search(query, asked.at, asked.metric, effort=point.effort)
        seconds.append(perf_counter() - began)
    return replace(point, milliseconds=float(np.median(seconds)) * 1e3)


def _found(answers: Answers, asked: Questions) -> NDArray[np.float64]:
    """Return the part of the true nearest images that each answer holds, float64 (m,)."""
    near = answers.distances <= as_near(asked.truth[:, None])
    if asked.queries.own is not None:
        near &= answers.ids != asked.queries.own[:, None]
    part: NDArray[np.float64] = near.sum(axis=1).clip(max=asked.at) / asked.at
    return part


def _cost(index: LshIndex, answers: Answers) -> float:
    """Return what a mean search reads, from what the answers say of themselves."""
    row = index.store.features.dtype.itemsize * index.store.dim
    each = BUCKET * answers.probes + CODE * answers.visited + row * answers.measured
    return float(each.mean()) + HASHED * index.hashing_bytes
