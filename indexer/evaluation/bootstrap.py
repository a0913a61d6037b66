"""Says how sure a mean over queries is, by drawing the queries again and again.

Queries that belong together, as copies of one picture do, are drawn together: were each drawn for
itself, intervals would be far too narrow. Where the groups are few, say below thirty, those of
groups are somewhat too narrow still.

Sources: Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13, for percentile
intervals; Field, Welsh, "Bootstrapping clustered data", Journal of the Royal Statistical Society B,
2007, for drawing whole groups (their cluster bootstrap), and Cameron, Gelbach, Miller,
"Bootstrap-based improvements for inference with clustered errors", The Review of Economics and
Statistics, 2008, on few groups.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np

from indexer.distances import Float64, block_slices
from indexer.evaluation.means import Mean
from indexer.evaluation.metrics import PerQuery
from indexer.types import Ids

DRAWS = 2000
"""Samples; Efron and Tibshirani ask for 1000 and more for intervals."""

LEVELS = (2.5, 97.5)
BLOCK_CELLS = 2**21


def mean(values: PerQuery, *, groups: Ids | None = None, seed: int = 0, draws: int = DRAWS) -> Mean:
    """Return the mean over queries with its 95 % interval, by the percentile bootstrap.

    As many groups of queries are drawn as there are, with replacement, each with all its queries;
    the interval lies between the quantiles 2.5 % and 97.5 % of the means of such samples.

    Args:
        values: float64 (m,), a measure of each query; NaN where it is not defined, which is left
            out.
        groups: int64 (m,), equal for queries that belong together; None where each is its own.
        seed: of the draws.
        draws: samples.

    Returns:
        The mean, and how many queries it is of; NaN where there is none.

    Raises:
        ValueError: the groups are not of these queries.
    """
    return means(values[None], groups=groups, seed=seed, draws=draws)[0]


def difference(
    first: PerQuery,
    second: PerQuery,
    *,
    groups: Ids | None = None,
    seed: int = 0,
    draws: int = DRAWS,
) -> Mean:
    """Return by how much the first of two systems is above the second, query by query.

    The queries are drawn in pairs, so that easy and hard ones do not blur the difference; where
    the interval leaves 0 out, it is hardly by chance.

    Args:
        first, second: float64 (m,), a measure of the same queries; those where either is NaN are
            left out.
        groups, seed, draws: as for `mean`.

    Raises:
        ValueError: they are not of the same queries.
    """
    if first.shape != second.shape:
        raise ValueError(
            f"Both must be of the same queries. Received: shapes {first.shape}, {second.shape}"
        )
    return mean(first - second, groups=groups, seed=seed, draws=draws)


def means(
    values: Float64, *, groups: Ids | None = None, seed: int = 0, draws: int = DRAWS
) -> tuple[Mean, ...]:
    """Return the means of several measures of the same queries, from the same draws.

    Args:
        values: float64 (measures, m), NaN where one is not defined.
        groups, seed, draws: as for `mean`.

    Raises:
        ValueError: the groups are not of these queries, or there is no row for each measure.
    """
    if values.ndim != 2:
        raise ValueError(f"A row for each measure is needed. Received: {values.shape}")
    if groups is not None and groups.shape != values.shape[1:]:
        raise ValueError(
            f"Each of {values.shape[1]} queries needs its group. Received: {groups.shape}"
        )
    found: list[Mean] = [_nothing()] * len(values)
    defined = ~np.isnan(values)
    # Measures that the same queries have share their draws.
    patterns, which = np.unique(defined, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        rows = np.flatnonzero(which.ravel() == number)
        if pattern.any():
            some = None if groups is None else groups[pattern]
            of_pattern = _means(values[rows][:, pattern], some, seed, draws)
            for row, each in zip(rows, of_pattern, strict=True):
                found[row] = each
    return tuple(found)


def _means(values: Float64, groups: Ids | None, seed: int, draws: int) -> Iterator[Mean]:
    """Yield the mean of each row, none of it NaN."""
    count = values.shape[1]
    sums, sizes = _summed(values, groups)
    samples = _samples(sums, sizes, seed, draws)
    lows, highs = np.percentile(samples, LEVELS, axis=1)
    for middle, low, high in zip(values.mean(axis=1), lows, highs, strict=True):
        found = Mean(float(middle), float(low), float(high), count, _groups(sizes, count))
        yield found if found.sure else replace(found, low=found.value, high=found.value)


def _groups(sizes: Float64, count: int) -> int:
    """Return how many groups there are; 0 where each query is its own."""
    return len(sizes) if len(sizes) < count else 0


def _summed(values: Float64, groups: Ids | None) -> tuple[Float64, Float64]:
    """Sum the values of each group up: float64 (measures, groups), and their sizes (groups,)."""
    count = values.shape[1]
    names, which = np.unique(np.arange(count) if groups is None else groups, return_inverse=True)
    if len(names) == count:
        return values, np.ones(count)
    sums: Float64 = np.stack([np.bincount(which, row, len(names)) for row in values])
    sizes: Float64 = np.bincount(which).astype(np.float64)
    return sums, sizes


def _samples(sums: Float64, sizes: Float64, seed: int, draws: int) -> Float64:
    """Return the means of the samples, float64 (measures, draws)."""
    count = len(sizes)
    samples: Float64 = np.empty((len(sums), draws))
    for some in block_slices(draws, max(1, BLOCK_CELLS // count)):
        weights = _weights(count, some.stop - some.start, (seed, some.start)).T
        samples[:, some] = (sums @ weights) / (sizes @ weights)
    return samples


@lru_cache(maxsize=2)
def _weights(count: int, samples: int, seed: tuple[int, int]) -> Float64:
    """Draw so many of as many groups; return how often each was drawn, (samples, count).

    Kept for the next measure of the same queries.
    """
    drawn = np.random.default_rng(seed).integers(0, count, (samples, count))
    drawn += np.arange(samples)[:, None] * count
    times = np.bincount(drawn.ravel(), minlength=samples * count)
    weights: Float64 = times.reshape(samples, count).astype(np.float64)
    return weights


def _nothing() -> Mean:
    return Mean(float("nan"), float("nan"), float("nan"), 0)
