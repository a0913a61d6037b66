"""Measures how far a query lies from the images, and names the nearest, within bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from indexer.features.halves import widened
from indexer.types import Float32, Ids, Metric, Stored

Float64 = NDArray[np.float64]

BLOCK_ROWS = 8192
EXACT_ROWS = 1024  # rows that are measured in float64 at once
GATHERED_SHARE = 0.4  # of a gallery; beyond it a scan is quicker than gathering single rows
ROOM_BYTES = 2**20  # of rows that are brought together at once: what a cache holds
SLACK = 1e-5  # relative difference of distances that are computed in two ways
NOISE = 1e-4  # relative distance below which two features are the same but for float arithmetic


@dataclass(frozen=True)
class FeatureStore:
    """The features of a gallery, usually memory-mapped.

    Attributes:
        features: float32 or float16 (n, dim), raw, as they are stored; `rows` reads them.
        norms: float32 (n,), their Euclidean lengths.
    """

    features: Stored
    norms: Float32

    @classmethod
    def of(cls, features: Stored) -> Self:
        """Take features (n, dim) and measure their lengths."""
        blocks = [lengths(widened(features[rows])) for rows in block_slices(len(features))]
        return cls(features, np.concatenate([*blocks, np.zeros(0, np.float32)]))

    @property
    def count(self) -> int:
        """Return the number of images."""
        return int(self.features.shape[0])

    @property
    def dim(self) -> int:
        """Return the width of the features."""
        return int(self.features.shape[1])

    def row(self, number: int) -> Float32:
        """Copy one feature as float32 (dim,)."""
        return np.array(widened(self.features[number]))

    def rows(self, which: slice | Ids, room: Float32 | None = None) -> Float32:
        """Return some features as float32, not to be written.

        Args:
            which: a slice, or ids (m,); never many more than fit into memory.
            room: float32 (m or more, dim), where they are put if they have to be copied, so that
                those of the next call may take their place; None for new memory.

        Returns:
            float32 (m, dim).
        """
        if room is None:
            return widened(self.features[which])
        if isinstance(which, slice):
            stored = self.features[which]
            return widened(stored, room[: len(stored)])
        room = room[: len(which)]
        if self.features.dtype == np.float32:
            return np.take(self.features, which, axis=0, out=room, mode="clip")
        return widened(self.features[which], room)

    def take(self, which: slice | Ids, *, unit: bool = False) -> Float64:
        """Copy some features as float64 (m, dim), scaled to length 1 if `unit`."""
        taken = self.rows(which).astype(np.float64)
        return units(taken) if unit else taken


def block_slices(count: int, rows: int = BLOCK_ROWS) -> Iterator[slice]:
    """Yield slices that cover `count` rows, a block at a time."""
    for start in range(0, count, rows):
        yield slice(start, min(start + rows, count))


def lengths(features: Float32) -> Float32:
    """Return the Euclidean lengths of features (n, dim), summed in float64."""
    norms: Float32 = np.sqrt(squared_lengths(features, np.float64)).astype(np.float32)
    return norms


def squared_lengths(rows: NDArray[Any], dtype: type[np.float64] | None = None) -> NDArray[Any]:
    """Return the squared lengths of rows (n, dim), summed in their own type or in another."""
    squares: NDArray[Any] = np.einsum("ij,ij->i", rows, rows, dtype=dtype)
    return squares


def units(rows: Float64) -> Float64:
    """Scale rows to length 1; rows of zeros stay."""
    norms = np.sqrt((rows * rows).sum(axis=-1, keepdims=True))
    scaled: Float64 = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    return scaled


def signs(features: Float32) -> NDArray[np.bool_]:
    """Return the bits of features' hash codes: whether each number is above 0."""
    return features > 0


def as_near(distances: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return up to which distance an image is as near as those at some distances."""
    return distances * (1 + SLACK) + SLACK * SLACK


def measure(store: FeatureStore, query: Float32, metric: Metric, ids: Ids) -> Float32:
    """Measure some images against the query in float64.

    The distance "hamming" is the number of signs that differ. Others are rounded to about one
    part in a million, and those within the noise of float arithmetic become 0, so that equal
    pictures tie. The cosine distance is half the squared Euclidean distance of the unit vectors,
    which is exact for near ones, where 1 - cosine cancels. A feature of zeros has the cosine 0 to
    everything.

    Args:
        store: the gallery.
        query: float32 (dim,).
        metric: "cosine", "euclidean" or "hamming".
        ids: int64 (m,).

    Returns:
        float32 (m,), in the order of `ids`.
    """
    if metric == "hamming":
        return _differing(store, query, ids).astype(np.float32)
    unit = metric == "cosine"
    target = query.astype(np.float64)
    scale = 1.0 if unit else float(np.sqrt((target * target).sum()))
    target = units(target) if unit else target
    found = np.empty(len(ids), np.float64)
    for rows in block_slices(len(ids), EXACT_ROWS):
        differences = store.take(ids[rows], unit=unit) - target
        found[rows] = np.sqrt((differences * differences).sum(axis=1))
    found[found < NOISE * scale] = 0.0
    if unit:
        found = found * found / 2
        found[(store.norms[ids] == 0) | (not target.any())] = 1.0
    return _rounded(found)


def nearest(
    store: FeatureStore, query: Float32, k: int, metric: Metric, ids: Ids | None = None
) -> tuple[Ids, Float32]:
    """Find the k nearest images, ties by id.

    A pass in float32 bounds every distance; those that may be among the first k are measured
    again by `measure`.

    Args:
        store: the gallery.
        query: float32 (dim,).
        k: how many; all where there are fewer.
        metric: "cosine", "euclidean" or "hamming".
        ids: int64 (m,), the images to consider, ascending; None for all.

    Returns:
        ids int64 (k,) and distances float32 (k,), best first.
    """
    lower, upper = _bounds(store, query, metric, ids)
    if k < len(lower):
        limit = np.partition(upper, k - 1)[k - 1]
        places = np.flatnonzero(lower <= limit)
    else:
        places = np.arange(len(lower))
    close = places if ids is None else ids[places]
    distances = measure(store, query, metric, close)
    order = np.lexsort((close, distances))[:k]
    return close[order].astype(np.int64), distances[order]


def farthest(
    store: FeatureStore, query: Float32, k: int, metric: Metric, ids: Ids | None = None
) -> tuple[Ids, Float32]:
    """Find the k images that are farthest away, ties by id; otherwise as `nearest`.

    Returns:
        ids int64 (k,) and distances float32 (k,), the farthest first.
    """
    lower, upper = _bounds(store, query, metric, ids)
    limit = np.partition(lower, -k)[-k] if k < len(lower) else -np.inf
    places = np.flatnonzero(upper >= limit)
    far = places if ids is None else ids[places]
    distances = measure(store, query, metric, far)
    order = np.lexsort((far, -distances))[:k]
    return far[order].astype(np.int64), distances[order]


def _bounds(
    store: FeatureStore, query: Float32, metric: Metric, ids: Ids | None
) -> tuple[Float64, Float64]:
    """Bound the cosine or Hamming distances, or the squared Euclidean ones, from both sides.

    Returns:
        Two float64 (m,) arrays; the truth lies between them.
    """
    if metric == "hamming":
        bits = _differing(store, query, np.arange(store.count) if ids is None else ids)
        return bits, bits
    norms = (store.norms if ids is None else store.norms[ids]).astype(np.float64)
    target = query.astype(np.float64)
    length = float(np.sqrt((target * target).sum()))
    cosines = _dots(store, units(target).astype(np.float32), ids)
    np.divide(cosines, norms, out=cosines, where=norms > 0)
    # Errors of a dot product grow with the root of its length; the first term covers rounding.
    slack = 2e-5 + 4 * float(np.finfo(np.float32).eps) * store.dim**0.5
    if metric == "cosine":
        return 1 - cosines - slack, 1 - cosines + slack
    squares = norms**2 + length**2 - 2 * length * norms * cosines
    margin = slack * (norms + length) ** 2
    return squares - margin, squares + margin


def _differing(store: FeatureStore, query: Float32, ids: Ids) -> Float64:
    """Count in how many signs a query differs from some images, float64 (m,)."""
    own = signs(query)
    bits = np.empty(len(ids), np.float64)
    for rows in block_slices(len(ids), EXACT_ROWS):
        bits[rows] = np.count_nonzero(signs(store.rows(ids[rows])) != own, axis=1)
    return bits


def _dots(store: FeatureStore, unit: Float32, ids: Ids | None) -> Float64:
    """Return the dot products of a unit vector with the features, as float64 (m,)."""
    # Rows in any order cost more than rows in a row: of many, all are read.
    if ids is not None and len(ids) > GATHERED_SHARE * store.count:
        return _dots(store, unit, None)[ids]
    dots = np.empty(store.count if ids is None else len(ids), np.float64)
    # Small, and used again and again: what is copied never travels to memory and back.
    room = np.empty((max(1, ROOM_BYTES // (4 * store.dim)), store.dim), np.float32)
    # Some kernels of BLAS touch what lies behind the last row, and may find no numbers there.
    with np.errstate(invalid="ignore"):
        for span in block_slices(len(dots), len(room)):
            dots[span] = store.rows(span if ids is None else ids[span], room) @ unit
    return dots


def _rounded(distances: Float64) -> Float32:
    """Round to float32 with 19 bits after the point of the mantissa."""
    bits = distances.astype(np.float32).view(np.uint32)
    return ((bits + np.uint32(8)) & ~np.uint32(15)).view(np.float32)
