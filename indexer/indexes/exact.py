"""The sequential scan: the reference that every other kind of index is measured against."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from indexer.distances import FeatureStore
from indexer.indexes.base import IndexOptions, Mask, scan_all
from indexer.types import Answer, Float32, Metric


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

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Return nothing: a scan has no parameters."""
        return {}

    def save(self, directory: Path) -> None:
        """Write nothing."""

    def check(self) -> None:
        """Accept: there is nothing but the features."""

    def search(
        self,
        query: Float32,
        k: int,
        metric: Metric,
        *,
        exact: bool = False,
        allowed: Mask | None = None,
    ) -> Answer:
        """Find the k nearest images, as `Index.search` says."""
        return scan_all(
            self.store, query, k, metric, None if allowed is None else np.flatnonzero(allowed)
        )
