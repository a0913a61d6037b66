"""What every kind of index promises, so that they can stand in for each other."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from indexer.distances import FeatureStore, nearest
from indexer.indexes.options import Effort, IndexOptions
from indexer.types import Answer, Answers, Float32, Metric

Mask = NDArray[np.bool_]


class Index(Protocol):
    """Answers which images are nearest to a query feature."""

    store: FeatureStore

    @classmethod
    def build(cls, store: FeatureStore, options: IndexOptions) -> Self:
        """Arrange the features of a gallery."""
        ...

    @classmethod
    def load(cls, directory: Path, store: FeatureStore, parameters: Mapping[str, Any]) -> Self:
        """Open what `save` wrote, by memory map; raise DamagedIndex where it is not whole."""
        ...

    def with_effort(self, effort: Effort) -> Self:
        """Return the same index, whose searches do so much unless they say otherwise."""
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

    def warm(self) -> None:
        """Compile whatever a search runs, so that no search has to wait for it."""
        ...

    @property
    def memory_bytes(self) -> int:
        """Return the memory of all but the features."""
        ...

    def search(
        self,
        query: Float32,
        k: int,
        metric: Metric,
        *,
        exact: bool = False,
        allowed: Mask | None = None,
        effort: Effort | None = None,
    ) -> Answer:
        """Find the k nearest images.

        Args:
            query: float32 (dim,), a raw feature.
            k: at least 1; all allowed images are returned where there are fewer.
            metric: any; one that the kind is not made for measures every image.
            exact: measure every image.
            allowed: bool (n,), the images that may be returned; None for all.
            effort: how much may be done; None for the index's own. Kinds that are always exact
                take no notice.

        Returns:
            k hits whenever that many are allowed, ties by id.
        """
        ...

    def search_many(
        self,
        queries: Float32,
        k: int,
        metric: Metric,
        *,
        exact: bool = False,
        effort: Effort | None = None,
    ) -> Answers:
        """Find the k nearest images of each query (m, dim), on all cores; k of all or all.

        For builds and tuning: callers at the same time may have to wait for each other.
        """
        ...


def scan_all(
    store: FeatureStore, query: Float32, k: int, metric: Metric, allowed: Mask | None = None
) -> Answer:
    """Answer by measuring every image, or every allowed one, bool (n,)."""
    permitted = None if allowed is None else np.flatnonzero(allowed)
    ids, distances = nearest(store, query, k, metric, permitted)
    count = store.count if permitted is None else len(permitted)
    return Answer(ids, distances, count, exact=True, measured=count)


def scan_each(store: FeatureStore, queries: Float32, k: int, metric: Metric) -> Answers:
    """Answer queries (m, dim) by measuring every image for each."""
    answers = [scan_all(store, query, k, metric) for query in queries]
    return gathered(answers, min(k, store.count))


def gathered(answers: Sequence[Answer], hits: int) -> Answers:
    """Lay answers of so many hits each side by side."""
    return Answers(
        np.array([each.ids for each in answers], np.int64).reshape(len(answers), hits),
        np.array([each.distances for each in answers], np.float32).reshape(len(answers), hits),
        np.array([each.visited for each in answers], np.int64),
        np.array([each.probes for each in answers], np.int64),
        np.array([each.measured for each in answers], np.int64),
    )
