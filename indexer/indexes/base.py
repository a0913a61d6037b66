"""What every kind of index promises, so that they can stand in for each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal, Protocol, Self, get_args

import numpy as np
from numpy.typing import NDArray

from indexer.distances import FeatureStore, nearest
from indexer.errors import BadParameter
from indexer.types import Answer, Float32, Ids, Metric

MAX_G = 1024
MAX_H = 64
HashSpace = Literal["unit", "raw"]
Projections = Literal["gallery", "standard"]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class IndexOptions:
    """What a user asks of an index; None leaves the choice to the index.

    Attributes:
        metric: what hits are ranked by unless a search says otherwise.
        g: number of hash functions, each with its own table.
        h: number of projections in each hash function.
        w: width of a projection's intervals.
        seed: of everything random.
        hash_space: "unit" hashes features scaled to length 1, "raw" as they are.
        projections: "standard" draws them from the standard normal distribution, "gallery" from
            the one with the gallery's own covariance.
    """

    metric: Metric = "cosine"
    g: int | None = None
    h: int | None = None
    w: float | None = None
    seed: int = 0
    hash_space: HashSpace | None = None
    projections: Projections | None = None

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        if self.metric not in get_args(Metric):
            raise BadParameter(f"The metric must be cosine or euclidean. Received: {self.metric!r}")
        for name, value, most in (("g", self.g, MAX_G), ("h", self.h, MAX_H)):
            if value is not None and not 1 <= value <= most:
                raise BadParameter(f"{name} must be between 1 and {most}. Received: {value}")
        if self.w is not None and not (isfinite(self.w) and self.w > 0):
            raise BadParameter(f"w must be a positive number. Received: {self.w}")
        if self.seed < 0:
            raise BadParameter(f"The seed must be 0 or more. Received: {self.seed}")
        if self.hash_space not in (None, *get_args(HashSpace)):
            raise BadParameter(f"The hash space must be unit or raw. Received: {self.hash_space!r}")
        if self.projections not in (None, *get_args(Projections)):
            raise BadParameter(
                f"The projections must be gallery or standard. Received: {self.projections!r}"
            )


class Index(Protocol):
    """Answers which images are nearest to a query feature."""

    @classmethod
    def build(cls, store: FeatureStore, options: IndexOptions) -> Self:
        """Arrange the features of a gallery."""
        ...

    @classmethod
    def load(cls, directory: Path, store: FeatureStore, parameters: Mapping[str, Any]) -> Self:
        """Open what `save` wrote, by memory map; raise DamagedIndex where it is not whole."""
        ...

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Return what was chosen at the build, as plain values for the manifest."""
        ...

    def save(self, directory: Path) -> None:
        """Write everything but the features."""
        ...

    def check(self) -> None:
        """Verify every invariant; raise DamagedIndex naming the file."""
        ...

    def search(
        self,
        query: Float32,
        k: int,
        metric: Metric,
        *,
        exact: bool = False,
        allowed: Mask | None = None,
    ) -> Answer:
        """Find the k nearest images.

        Args:
            query: float32 (dim,), a raw feature.
            k: at least 1; all allowed images are returned where there are fewer.
            metric: "cosine" or "euclidean".
            exact: measure every image.
            allowed: bool (n,), the images that may be returned; None for all.

        Returns:
            k hits whenever that many are allowed, ties by id.
        """
        ...


def scan_all(
    store: FeatureStore, query: Float32, k: int, metric: Metric, allowed: Ids | None
) -> Answer:
    """Answer by measuring every image, or every allowed one, ids int64 (m,)."""
    ids, distances = nearest(store, query, k, metric, allowed)
    return Answer(ids, distances, store.count if allowed is None else len(allowed), exact=True)
