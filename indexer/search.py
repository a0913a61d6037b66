"""Answers searches: a picture, an id or a feature in; ranked images and statistics out."""

import logging
from pathlib import Path
from time import perf_counter

import numpy as np

from indexer.catalog import Catalog
from indexer.distances import Float64, measure
from indexer.errors import UnknownImage
from indexer.indexes.base import Mask
from indexer.indexes.registry import KINDS
from indexer.manifest import Manifest
from indexer.opening import Generation
from indexer.serving.encoding import EncoderSlot, Gate
from indexer.serving.judging import count_true
from indexer.serving.originals import original
from indexer.serving.queries import MAX_K, require_query, require_vector
from indexer.serving.wishes import AS_BUILT, EXACT, Planner, Wish
from indexer.tuning.points import Tuning
from indexer.types import (
    DEFAULT_LIMITS,
    Answer,
    Float32,
    Hit,
    ImageRecord,
    Metric,
    SearchResult,
    Timings,
)
from models.images import decode
from models.types import Box, Limits

__all__ = ["MAX_K", "Gate", "SearchService"]

logger = logging.getLogger(__name__)

NO_TIME = Timings()
UPLOAD = "The uploaded picture"


class SearchService:
    """Searches one open generation of an index; safe to use from many threads."""

    def __init__(
        self,
        generation: Generation,
        *,
        encoder: EncoderSlot | None = None,
        gate: Gate | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Serve a generation.

        Args:
            generation: open.
            encoder: shared with other services; None for one of its own.
            gate: shared with other services; None for one of its own.
            limits: what a query picture may cost.
        """
        self._generation = generation
        self._encoder = encoder or EncoderSlot(generation.encoder)
        self._gate = gate or Gate()
        self._limits = limits
        self._roots = generation.catalog.roots()
        self._planner = Planner(generation.manifest)

    @property
    def name(self) -> str:
        """Return the index's name."""
        return self.manifest.name

    @property
    def generation(self) -> str:
        """Return the generation's name."""
        return self.manifest.generation

    @property
    def manifest(self) -> Manifest:
        """Return what is known of the generation as a whole."""
        return self._generation.manifest

    @property
    def path(self) -> Path:
        """Return the generation's folder."""
        return self._generation.path

    @property
    def problem(self) -> str:
        """Return why a newer generation does not serve, or ""."""
        return self._generation.problem

    @property
    def count(self) -> int:
        """Return how many images are indexed."""
        return self.manifest.images

    @property
    def catalog(self) -> Catalog:
        """Return what is known of each image."""
        return self._generation.catalog

    @property
    def roots(self) -> tuple[Path, ...]:
        """Return the gallery's folders."""
        return tuple(self._roots)

    @property
    def always_exact(self) -> bool:
        """Return whether no search of this index can miss what is nearest."""
        return KINDS[self.manifest.kind].exact

    @property
    def tuning(self) -> Tuning | None:
        """Return what was measured of the index's searches, or None."""
        return self._planner.tuning

    def compile(self) -> None:
        """Compile what searches run, or take it from the disk."""
        self._generation.index.warm()

    def warm(self) -> None:
        """Open the encoder, read the features and search once, so that the next is quick."""
        self.compile()
        encoder = self._encoder.get()
        black = np.zeros((1, encoder.size, encoder.size, 3), np.uint8)
        feature = self._generation.reduced(encoder.encode(black))[0]
        self.search_feature(np.nan_to_num(feature), wish=EXACT)

    def search_image(
        self,
        source: bytes | Path,
        k: int = 10,
        metric: Metric | None = None,
        wish: Wish = AS_BUILT,
        *,
        crop: Box | None = None,
        name: str = "",
    ) -> SearchResult:
        """Find the images most like a picture, or a part of it.

        Args:
            source: the picture's bytes, or its file.
            k: how many, from 1 to MAX_K; fewer come only from a smaller gallery.
            metric: any; None for the index's own.
            wish: how much may be done.
            crop: the part that is meant; None for all of it, or for its largest face where the
                index is one of faces.
            name: how messages call the picture.

        Raises:
            ImageError: the picture cannot be used, or has no such part, or no face.
            BadQuery: k or metric is out of range.
            EncoderBusy: too many searches at once.
        """
        require_query(k, metric)
        with self._gate.entered():
            start = perf_counter()
            encoder = self._encoder.get()
            title = name or (UPLOAD if isinstance(source, bytes) else str(source))
            opened = perf_counter()
            seen = crop or encoder.crop
            pixels = decode(source, encoder.size, crop=seen, limits=self._limits, name=title)
            decoded = perf_counter()
            feature = self._generation.reduced(encoder.encode(pixels[None]))[0]
            encoded = perf_counter()
        timings = Timings((decoded - opened) * 1e3, (encoded - decoded) * 1e3)
        logger.debug("the encoder was ready after %.1f ms", (opened - start) * 1e3)
        return self._search(feature, k, metric, wish, timings=timings)

    def search_id(
        self,
        number: int,
        k: int = 10,
        metric: Metric | None = None,
        wish: Wish = AS_BUILT,
        *,
        exclude_self: bool = False,
    ) -> SearchResult:
        """Find the images most like one of the index, by its stored feature.

        Args:
            number: its id. It is its own first hit, at distance 0, unless `exclude_self`.
            k, metric, wish: as for search_image.

        Raises:
            UnknownImage: there is no such id.
        """
        self._require_image(number)
        allowed = self._all_but(number) if exclude_self else None
        feature = self._generation.store.row(number)
        return self._search(feature, k, metric, wish, allowed=allowed)

    def search_feature(
        self,
        feature: Float32,
        k: int = 10,
        metric: Metric | None = None,
        wish: Wish = AS_BUILT,
        *,
        allowed: Mask | None = None,
    ) -> SearchResult:
        """Find the images nearest to a feature as this index stores them.

        Args:
            feature: float32 (dim,), finite: the encoder's, reduced where the index reduces.
            k, metric, wish: as for search_image.
            allowed: bool (n,), the images that may be found; None for all.

        Raises:
            BadQuery: the feature or mask has not the right shape, or is not finite.
        """
        vector = np.asarray(feature, np.float32)
        dim = self._generation.store.dim
        require_vector(vector, allowed, name=self.name, count=self.count, dim=dim)
        return self._search(vector, k, metric, wish, allowed=allowed)

    def count_true(self, result: SearchResult, *, left_out: int | None = None) -> int:
        """Answer a search once more, exactly, and count how many of its hits are truly nearest.

        Args:
            result: of this service.
            left_out: the image that could not be found, as by `search_id` with `exclude_self`.

        Returns:
            From 0 to the number of hits; nearly equal distances count.
        """
        allowed = None if left_out is None else self._all_but(left_out)
        truth = self._generation.index.search(
            result.feature, max(1, len(result.hits)), result.metric, exact=True, allowed=allowed
        )
        return count_true(result.hits, truth)

    def feature(self, number: int) -> Float32:
        """Return a copy of the stored feature of an image, float32 (dim,)."""
        self._require_image(number)
        return self._generation.store.row(number)

    def image(self, number: int) -> ImageRecord:
        """Return the record of an image.

        Raises:
            UnknownImage: there is no such id.
        """
        return self.catalog.image(number)

    def image_path(self, number: int) -> Path:
        """Return the file of an image, if it still is what was indexed.

        Raises:
            UnknownImage: there is no such id.
            ImageGone: the file is absent, leads out of the gallery, or has changed.
        """
        record = self.catalog.image(number)
        return original(record, self._roots[record.root])

    def _all_but(self, number: int) -> Mask:
        allowed = np.ones(self.count, np.bool_)
        allowed[number] = False
        return allowed

    def _require_image(self, number: int) -> None:
        if not 0 <= number < self.count:
            raise UnknownImage(f"There is no image {number}: ids go from 0 to {self.count - 1}.")

    def _search(
        self,
        feature: Float32,
        k: int,
        metric: Metric | None,
        wish: Wish,
        *,
        allowed: Mask | None = None,
        timings: Timings = NO_TIME,
    ) -> SearchResult:
        require_query(k, metric)
        chosen = metric or self.manifest.metric
        how = self._planner.means(wish, k, chosen, allowed)
        start = perf_counter()
        answer = self._generation.index.search(
            feature, k, chosen, exact=how.exact, allowed=allowed, effort=how.effort
        )
        hits = self._hits(answer, feature, chosen)
        milliseconds = (perf_counter() - start) * 1e3
        return SearchResult(
            index=self.name,
            generation=self.generation,
            metric=chosen,
            hits=hits,
            visited=answer.visited,
            probes=answer.probes,
            measured=answer.measured,
            gallery=self.count,
            exact=answer.exact,
            recall=1.0 if answer.exact else how.recall,
            timings=Timings(timings.decode, timings.encode, milliseconds),
            feature=feature,
            fingerprint=self.manifest.fingerprint.digest,
        )

    def _hits(self, answer: Answer, feature: Float32, metric: Metric) -> tuple[Hit, ...]:
        similar = self._similarities(answer, feature, metric)
        images = self.catalog.images(answer.ids.tolist())
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
