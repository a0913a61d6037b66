"""The sequential scan: the reference that every other kind of index is measured against."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from indexer.distances import FeatureStore
from indexer.indexes.base import Mask, scan_all, scan_each
from indexer.indexes.options import Effort, IndexOptions
from indexer.types import Answer, Answers, Float32, Metric


class ExactIndex:
    """Measure every image for every query; nothing is stored but the features."""

    def __init__(self, store: FeatureStore) -> None:
        """Keep the features."""
        self.store = store

    @classmethod
    def build(cls, store: FeatureStore, options: IndexOptions) -> Self:
        """Take the features; the options say nothing to a scan."""
        return cls(store)

    @classmethod
    def load(cls, directory: Path, store: FeatureStore, parameters: Mapping[str, Any]) -> Self:
        """Take the features."""
        return cls(store)

    def with_effort(self, effort: Effort) -> Self:
        """Return the same index: a scan does all there is to do."""
        return self

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Return nothing: a scan has no parameters."""
        return {}

    def save(self, directory: Path) -> None:
        """Write nothing."""

    def check(self) -> None:
        """Accept: there is nothing but the features."""

    def warm(self) -> None:
        """Do nothing: a scan runs no kernels."""

    @property
    def memory_bytes(self) -> int:
        """Return 0: there is nothing but the features."""
        return 0

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
        """Find the k nearest images, as `Index.search` says."""
        return scan_all(self.store, query, k, metric, allowed)

    def search_many(
        self,
        queries: Float32,
        k: int,
        metric: Metric,
        *,
        exact: bool = False,
        effort: Effort | None = None,
    ) -> Answers:
        """Find the k nearest images of each query, one after the other."""
        return scan_each(self.store, queries, k, metric)
