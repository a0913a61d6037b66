"""Answers a feature with images: asks the index, and says what each hit is and what was done."""

from time import perf_counter

import numpy as np

from indexer.distances import Float64, farthest, measure
from indexer.indexes.base import Mask
from indexer.opening import Generation
from indexer.serving.queries import require_query
from indexer.serving.wishes import Planner, Wish
from indexer.types import (
    Answer,
    Float32,
    Hit,
    Metric,
    Order,
    SearchResult,
    Timings,
)

NO_TIME = Timings()


class Answerer:
    """Answers features from one open generation."""

    def __init__(self, generation: Generation, planner: Planner) -> None:
        """Answer from a generation, going about wishes as the planner says."""
        self._generation = generation
        self._planner = planner

    def answer(
        self,
        feature: Float32,
        k: int,
        metric: Metric | None,
        wish: Wish,
        *,
        allowed: Mask | None = None,
        order: Order = "nearest",
        least: float | None = None,
        timings: Timings = NO_TIME,
    ) -> SearchResult:
        """Find the images that are nearest to a feature, or farthest from it.

        Args:
            feature: float32 (dim,), as the index stores them.
            k, metric, wish, order: as for SearchService.ask.
            allowed: bool (n,), the images that may be found; None for all.
            least: similarity that what is farthest has at least; None for any.
            timings: what making the feature took.

        Raises:
            BadQuery: k or metric is out of range.
        """
        require_query(k, metric)
        manifest = self._generation.manifest
        chosen = metric or manifest.metric
        how = self._planner.means(wish, k, chosen, allowed)
        start = perf_counter()
        if order == "farthest":
            answer = self._farthest(
                feature, k, chosen, self._alike(feature, chosen, allowed, least)
            )
        else:
            answer = self._generation.index.search(
                feature, k, chosen, exact=how.exact, allowed=allowed, effort=how.effort
            )
        hits = self._hits(answer, feature, chosen)
        milliseconds = (perf_counter() - start) * 1e3
        return SearchResult(
            index=manifest.name,
            generation=manifest.generation,
            metric=chosen,
            hits=hits,
            visited=answer.visited,
            probes=answer.probes,
            measured=answer.measured,
            gallery=manifest.images,
            permitted=manifest.images if allowed is None else int(np.count_nonzero(allowed)),
            exact=answer.exact,
            recall=1.0 if answer.exact else how.recall,
            timings=Timings(timings.decode, timings.encode, milliseconds),
            feature=feature,
            fingerprint=manifest.fingerprint.digest,
        )

    def measured(self, feature: Float32, number: int, metric: Metric) -> Hit:
        """Measure one image, and return it as a search that found it alone would.

        Args:
            feature: float32 (dim,), as the index stores them.
            number: id of the image.
            metric: any.
        """
        ids = np.array([number])
        distances = measure(self._generation.store, feature, metric, ids)
        (hit,) = self._hits(Answer(ids, distances, 1, exact=True, measured=1), feature, metric)
        return hit

    def _alike(
        self, feature: Float32, metric: Metric, allowed: Mask | None, least: float | None
    ) -> Mask | None:
        """Leave out of what may be found all that is less alike."""
        if least is None:
            return allowed
        store = self._generation.store
        by: Metric = "hamming" if metric == "hamming" else "cosine"
        distances = measure(store, feature, by, np.arange(store.count)).astype(np.float64)
        similar = 1 - (2 * distances / store.dim if by == "hamming" else distances)
        alike: Mask = similar >= least
        return alike if allowed is None else alike & allowed

    def _farthest(self, feature: Float32, k: int, metric: Metric, allowed: Mask | None) -> Answer:
        permitted = None if allowed is None else np.flatnonzero(allowed)
        ids, distances = farthest(self._generation.store, feature, k, metric, permitted)
        looked = self._generation.store.count if permitted is None else len(permitted)
        return Answer(ids, distances, looked, exact=True, measured=looked)

    def _hits(self, answer: Answer, feature: Float32, metric: Metric) -> tuple[Hit, ...]:
        similar = self._similarities(answer, feature, metric)
        images = self._generation.catalog.images(answer.ids.tolist())
        return tuple(
            Hit(rank, int(number), image, float(distance), float(similarity))
            for rank, (number, image, distance, similarity) in enumerate(
                zip(answer.ids, images, answer.distances, similar, strict=True), 1
            )
        )

    def _similarities(self, answer: Answer, feature: Float32, metric: Metric) -> Float64:
        """Return the cosine of query and hits, or by hamming that of their signs, float64 (k,)."""
        store, distances = self._generation.store, answer.distances.astype(np.float64)
        if metric == "hamming":
            return 1 - 2 * distances / store.dim
        if metric == "euclidean":
            distances = measure(store, feature, "cosine", answer.ids).astype(np.float64)
        return 1 - distances
