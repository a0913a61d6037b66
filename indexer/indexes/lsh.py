"""Locality-sensitive hashing: only images in a few buckets near the query are looked at."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from indexer.arrays import open_array, write_array
from indexer.distances import FeatureStore
from indexer.indexes.arranging import completed, coordinates, hashed
from indexer.indexes.base import Mask, scan_all, scan_each
from indexer.indexes.buckets import Buckets
from indexer.indexes.coding import Codes
from indexer.indexes.hashing import Hashing
from indexer.indexes.options import Effort, IndexOptions
from indexer.indexes.parameters import LshParameters
from indexer.indexes.residuals import residual_weight, weigh
from indexer.indexes.rotation import Rotation
from indexer.types import Answer, Answers, Float32, Metric

if TYPE_CHECKING:
    from indexer.indexes.prober import Prober

MEAN, AXES, SPREADS, CODES = "mean.npy", "axes.npy", "spreads.npy", "codes.npy"


class LshIndex:
    """g tables of buckets; a query's candidates lie in the buckets that are cheapest to reach.

    Candidates are sifted by a code of 64 bytes each, and those that seem nearest are measured.

    More tables (g) raise recall, memory and time; more parts in each (h) make buckets smaller;
    more probes, and a greater `keep`, raise recall and time.
    """

    def __init__(
        self,
        store: FeatureStore,
        parameters: LshParameters,
        rotation: Rotation,
        hashing: Hashing,
        buckets: Buckets,
        codes: Codes,
    ) -> None:
        """Keep the features, and what leads to them."""
        self.store = store
        self._parameters, self._rotation, self._hashing = parameters, rotation, hashing
        self._buckets, self._codes = buckets, codes

    @cached_property
    def effort(self) -> Effort:
        """Return what a search does unless it says otherwise."""
        return self._parameters.effort

    @cached_property
    def _prober(self) -> "Prober":
        """Return what searches the tables; numba is imported for the first of them."""
        from indexer.indexes.prober import Prober

        parts = (self._rotation, self._hashing, self._buckets, self._codes)
        return Prober(self.store, *parts, self._parameters.residual, self._parameters.w)

    @classmethod
    def build(cls, store: FeatureStore, options: IndexOptions) -> Self:
        """Hash the features of a gallery; choose what is not given."""
        parameters, rotation = completed(store, options)
        hashing = Hashing.draw(parameters, parameters.components or store.dim)
        keys, codes = hashed(store, parameters, rotation, hashing)
        weight = residual_weight(codes, rotation, store, seed=options.seed)
        weigh(codes, rotation, weight)
        parameters = replace(parameters, residual=weight)
        buckets = Buckets.build(keys, parameters.dense_keys)
        return cls(store, parameters, rotation, hashing, buckets, codes)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Return what defines the index, and what a search does unless it says otherwise."""
        return self._parameters.as_dict()

    @property
    def memory_bytes(self) -> int:
        """Return the memory of all but the features."""
        parts = (self._rotation, self._hashing, self._buckets)
        arrays = [value for part in parts for value in vars(part).values()]
        return sum(array.nbytes for array in (*arrays, self._codes) if hasattr(array, "nbytes"))

    def with_effort(self, effort: Effort) -> Self:
        """Return the same index whose searches do so much unless they say otherwise."""
        parameters = replace(
            self._parameters, probes=effort.probes, keep=effort.keep, reach=effort.reach
        )
        return type(self)(
            self.store, parameters, self._rotation, self._hashing, self._buckets, self._codes
        )

    @property
    def hashing_bytes(self) -> int:
        """Return the memory of the hash functions, all of which every search computes."""
        return self._hashing.rotations.nbytes + self._hashing.projections.nbytes

    def with_tables(self, shapes: Iterable[tuple[int, int]]) -> Iterator[Self]:
        """Yield the same index with other tables, of g and h each; its own are not built again.

        Coordinates and codes are computed once; only principal components are hashed.
        """
        points: Float32 | None = None
        for g, h in shapes:
            parameters = replace(self._parameters, g=g, h=h)
            if parameters == self._parameters:
                yield self
                continue
            points = (
                coordinates(self.store, parameters, self._rotation) if points is None else points
            )
            hashing = Hashing.draw(parameters, parameters.components)
            buckets = Buckets.build(hashing.keys(points), parameters.dense_keys)
            yield type(self)(self.store, parameters, self._rotation, hashing, buckets, self._codes)

    def save(self, directory: Path) -> None:
        """Write everything but the features."""
        write_array(directory / MEAN, self._rotation.mean)
        write_array(directory / AXES, self._rotation.axes)
        write_array(directory / SPREADS, self._rotation.spreads)
        write_array(directory / CODES, self._codes)
        self._hashing.save(directory)
        self._buckets.save(directory)

    @classmethod
    def load(cls, directory: Path, store: FeatureStore, parameters: Mapping[str, Any]) -> Self:
        """Memory-map what `save` wrote."""
        chosen = LshParameters(**parameters)
        axes = open_array(directory / AXES, "<f4", (None, store.dim))
        rotation = Rotation(
            unit=chosen.unit,
            mean=open_array(directory / MEAN, "<f4", (store.dim,)),
            axes=axes,
            spreads=open_array(directory / SPREADS, "<f4", (len(axes),)),
        )
        hashing = Hashing.load(directory, chosen, chosen.components or store.dim)
        codes = open_array(directory / CODES, "|i1", (store.count if len(axes) else 0, 64))
        buckets = Buckets.load(directory, chosen.g, store.count, chosen.dense_keys)
        return cls(store, chosen, rotation, hashing, buckets, codes)

    def check(self) -> None:
        """Verify the tables."""
        self._buckets.check()

    def warm(self) -> None:
        """Compile what searches run, or take it from the disk."""
        if self.store.count > 1:
            query = np.ones(self.store.dim, np.float32)
            self._prober.find(query, 1, "cosine", self.effort)

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
        """Find k near images, as `Index.search` says.

        Buckets are opened in the order of the query's distance from them, until as many were as
        the effort says; on, where they held fewer than k allowed images; where further ones do
        not suffice either, all images are measured. At least half as many again as k are measured.
        """
        total = self.store.count if allowed is None else int(np.count_nonzero(allowed))
        if not exact and k < total and metric != "hamming":
            masks = () if allowed is None else (np.array(allowed, np.bool_),)
            answer = self._prober.find(query, k, metric, effort or self.effort, *masks)
            if len(answer.ids) == k:
                return answer
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
        """Find k near images of each query (m, dim), on all cores."""
        if exact or k >= self.store.count or metric == "hamming":
            return scan_each(self.store, queries, k, metric)
        answers, found = self._prober.find_many(queries, k, metric, effort or self.effort)
        for short in np.flatnonzero(found < k):
            scanned = scan_all(self.store, queries[short], k, metric)
            answers.ids[short], answers.distances[short] = scanned.ids, scanned.distances
            answers.visited[short] = answers.measured[short] = scanned.visited
        return answers
