"""Samples how far apart the images of a gallery lie, two by two."""

from typing import Final, get_args

import numpy as np

from indexer.distances import NOISE, FeatureStore, Float64
from indexer.types import Float32, Metric

METRICS: Final[tuple[Metric, ...]] = get_args(Metric)
LEVELS: Final = np.linspace(0, 1, 1024) ** 2
"""Shares of the pairs up to which distances are kept, float64 (1024,): the nearer the denser, for
hits lie nearer than nearly all pairs."""

SHAPE: Final = (len(METRICS), len(LEVELS))
PAIRS = 100_000
DRAWN = 2048  # images that are read at most, so that a large gallery costs no more than a small one
SEED = 0


def distance_quantiles(store: FeatureStore) -> Float32:
    """Sample the distances between two different images of a gallery.

    Up to DRAWN images are drawn and laid in a circle, in random order. Each is compared with those
    1, 2, 3, … places on, until there are about PAIRS pairs, or all that there are: an incomplete
    U-statistic in which every image counts alike (Blom, "Some properties of incomplete
    U-statistics", 1976), and rows lie in a row. The same gallery always gives the same sample.

    Args:
        store: the gallery.

    Returns:
        float32 (3, 1024): of each metric, in the order of METRICS, the quantiles at LEVELS, which
        are distances of the sample. Zeros for a gallery of less than two images.
    """
    if store.count < 2:
        return np.zeros(SHAPE, np.float32)
    drawn = np.random.default_rng(SEED).permutation(store.count)[:DRAWN]
    order = np.argsort(drawn)  # to read them in the order of the disk
    circle = np.empty((len(drawn), store.dim))
    circle[order] = store.take(drawn[order])
    found = np.sort(_measured(circle), axis=1)
    places = np.rint(LEVELS * (found.shape[1] - 1)).astype(np.int64)
    quantiles: Float32 = found[:, places].astype(np.float32)
    return quantiles


def _measured(circle: Float64) -> Float64:
    """Measure pairs of features (n, dim) that lie in a circle, float64 (3, pairs)."""
    count = len(circle)
    steps = max(1, min(PAIRS // count, count // 2))
    rows = np.concatenate([circle, circle[:steps]])
    lengths, codes = np.sqrt(np.vecdot(rows, rows)), np.packbits(rows > 0, axis=1)
    found = []
    for step in range(1, steps + 1):
        # Half way round, every pair comes twice.
        first = slice(0, count // 2 if 2 * step == count else count)
        other = slice(step, step + first.stop)
        dots, both = np.vecdot(rows[first], rows[other]), lengths[first] * lengths[other]
        cosines = np.divide(dots, both, out=np.zeros_like(dots), where=both > 0)
        squares = lengths[first] ** 2 + lengths[other] ** 2 - 2 * dots
        squares[squares < NOISE**2 * both] = 0  # as `measure` takes them
        cosines[1 - cosines < NOISE**2 / 2] = 1
        bits = np.bitwise_count(codes[first] ^ codes[other]).sum(axis=1)
        found.append(np.stack([1 - cosines, np.sqrt(squares), bits]))
    return np.concatenate(found, axis=1)
