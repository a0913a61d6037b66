"""Groups the arrays of an index as kernels take them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.experimental import structref
from numpy.typing import NDArray

from indexer.indexes.kernels.compiling import kernel

VISITED, PROBES, MEASURED = 0, 1, 2
"""Places in the statistics of a search."""

LOOKUP = 20  # cost of finding a bucket of codes, as many words as a scan reads in that time
CANDIDATE = 40  # cost of measuring a code that lies anywhere, in the same unit


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view that cannot be written: kernels are compiled once for such arrays."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


class Scheme(NamedTuple):
    """How queries are hashed by LSH.

    Attributes:
        unit: whether rows are scaled to length 1 first.
        mean: float32 (dim,), of the rotation.
        axes: int16 (m, dim), of length 32,767 or 0; none where rows are hashed as they are.
        scales: float32 (60,), of the codes.
        residual: what the squared length of all beyond the coded coordinates counts.
        rotations: float32 (d, g, h, d), of cross-polytopes, by their rows; none for p-stable hash
            functions.
        projections: float64 (g, h, d), and offsets: float64 (g, h), divided by w, of these.
        factors: uint64 (g, h), of the keys.
        unit_cost: the squared distance that a bucket's cost of 1 stands for.
    """

    unit: bool
    mean: NDArray[np.float32]
    axes: NDArray[np.int16]
    scales: NDArray[np.float32]
    residual: np.float32
    rotations: NDArray[np.float32]
    projections: NDArray[np.float64]
    offsets: NDArray[np.float64]
    factors: NDArray[np.uint64]
    unit_cost: np.float32


class Tables(NamedTuple):
    """Where the images of an LSH index lie: see `indexer.indexes.buckets`."""

    dense: bool
    keys: NDArray[np.uint64]
    firsts: NDArray[np.int64]
    directory: NDArray[np.int32]
    shift: np.uint64
    starts: NDArray[np.int64]
    ids: NDArray[np.int32]


class Gallery(NamedTuple):
    """What images are.

    Attributes:
        codes: int8 (n, 64), or (0, 64) without a filter.
        features: float32 (n, dim), or uint16, the bits of float16.
        norms: float32 (n,), the lengths of the features.
    """

    codes: NDArray[np.int8]
    features: NDArray[np.float32] | NDArray[np.uint16]
    norms: NDArray[np.float32]


class Wish(NamedTuple):
    """What is asked for.

    Attributes:
        cosine: whether images are ranked by cosine and not by Euclidean distance.
        probes: buckets to open, in all tables together.
        budget: images after whose visit no further bucket is opened.
        least: images that are visited in any case.
        reach: share of the squared distance to the images kept so far beyond which no bucket's
            border may lie; of no meaning without codes.
        keep: candidates that are measured, at least `least`; of no meaning without codes.
    """

    cosine: bool
    probes: int
    budget: int
    least: int
    reach: np.float32
    keep: int


class Holding(structref.StructRefProxy):
    """A scheme, tables and a gallery, held where kernels keep their values.

    Handing over one reference takes a tenth of the time that eighteen arrays take.

    Attributes:
        scheme, tables, gallery: see there; kernels alone can read them.
    """

    scheme: Scheme
    tables: Tables
    gallery: Gallery


@structref.register
class _HoldingType(types.StructRef):
    def preprocess_fields(
        self, fields: Sequence[tuple[str, types.Type]]
    ) -> tuple[tuple[str, types.Type], ...]:
        return tuple((name, types.unliteral(kind)) for name, kind in fields)


structref.define_boxing(_HoldingType, Holding)
structref.define_constructor(Holding, _HoldingType, ["scheme", "tables", "gallery"])


@kernel
def held(scheme: Scheme, tables: Tables, gallery: Gallery) -> Holding:
    """Return a Holding of these; it is made within a kernel, so that this is kept compiled."""
    return Holding(scheme, tables, gallery)


class Parts(NamedTuple):
    """Where codes lie by each of their m parts: see `indexer.indexes.substrings`.

    Attributes:
        edges: int64 (m + 1,), the bit at which each part begins, and the last one's end.
        offsets: int64 (m,), where each table begins in `starts`.
        starts: int32, of one table after the other: each bucket's first place in the table's row
            of `ids`, and the last one's end.
        ids: int32 (m, n), the codes in the order of their buckets.
        efforts: int64 (bits + 2,), the expected cost of all radii below each, in words that a
            scan reads.
    """

    edges: NDArray[np.int64]
    offsets: NDArray[np.int64]
    starts: NDArray[np.int32]
    ids: NDArray[np.int32]
    efforts: NDArray[np.int64]
