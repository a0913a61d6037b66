"""Groups the arrays of an LSH index as kernels take them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

VISITED, PROBES, MEASURED = 0, 1, 2
"""Places in the statistics of a search."""


class Scheme(NamedTuple):
    """How queries are hashed.

    Attributes:
        unit: whether rows are scaled to length 1 first.
        mean: float32 (dim,), and axes: float32 (m, dim), of the rotation; no axes where rows are
            hashed as they are.
        scales: float32 (60,), of the codes.
        rotations: float32 (g, h, d, d), of cross-polytopes; none for p-stable hash functions.
        projections: float64 (g, h, d), and offsets: float64 (g, h), divided by w, of these.
        factors: uint64 (g, h), of the keys.
    """

    unit: bool
    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    scales: NDArray[np.float32]
    rotations: NDArray[np.float32]
    projections: NDArray[np.float64]
    offsets: NDArray[np.float64]
    factors: NDArray[np.uint64]


class Tables(NamedTuple):
    """Where the images lie: see `indexer.indexes.buckets`."""

    dense: bool
    keys: NDArray[np.uint64]
    firsts: NDArray[np.int64]
    directory: NDArray[np.int32]
    shift: np.uint64
    starts: NDArray[np.int64]
    ids: NDArray[np.int32]


class Gallery(NamedTuple):
    """What images are: codes int8 (n, 64) or (0, 64) without a filter, features, their lengths."""

    codes: NDArray[np.int8]
    features: NDArray[np.float32]
    norms: NDArray[np.float32]


class Wish(NamedTuple):
    """What is asked for.

    Attributes:
        cosine: whether images are ranked by cosine and not by Euclidean distance.
        probes: buckets to open, in all tables together.
        budget: images after whose visit no further bucket is opened.
        least: images that are visited in any case.
        keep: candidates that are measured, at least `least`; of no meaning without codes.
    """

    cosine: bool
    probes: int
    budget: int
    least: int
    keep: int
