"""Answers searches: a picture, an id or a feature in; ranked images and statistics out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from indexer.indexes.base import Mask
from indexer.opening import Generation
from indexer.serving.answering import Answerer
from indexer.serving.asking import Part, joined, require_parts
from indexer.serving.describing import Describer
from indexer.serving.encoding import EncoderSlot, Gate
from indexer.serving.folding import Fold, fold, threshold_of
from indexer.serving.judging import count_true
from indexer.serving.narrowing import ALL, Masks, Narrowing
from indexer.serving.queries import MAX_K, require_query, require_vector
from indexer.serving.served import Served
from indexer.serving.why import Explanation, is_explainable, require_explainable
from indexer.serving.wishes import AS_BUILT, EXACT, Planner, Wish
from indexer.tuning.points import Tuning
from indexer.types import (
    DEFAULT_LIMITS,
    Float32,
    Hit,
    Metric,
    Order,
    SearchResult,
    Timings,
)
from models.types import Box, Crop, Limits

__all__ = ["MAX_K", "Gate", "SearchService"]


class SearchService(Served):
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
        super().__init__(generation)
        self._encoder = encoder or EncoderSlot(generation.encoder)
        self._describer = Describer(generation, self._encoder, gate or Gate(), limits)
        self._masks = Masks(generation.catalog)
        self._planner = Planner(generation.manifest)
        self._answerer = Answerer(generation, self._planner)

    @property
    def tuning(self) -> Tuning | None:
        """Return what was measured of the index's searches, or None."""
        return self._planner.tuning

    def compile(self) -> None:
        """Compile what searches run, or take it from the disk."""
        self._generation.index.warm()

    def warm(self) -> None:
        """Open the encoder, read the features and search once, so that the next is quick.

        The classes are counted, too: pages on them follow.
        """
        self.compile()
        encoder = self._encoder.get()
        black = np.zeros((1, encoder.size, encoder.size, 3), np.uint8)
        feature = self._generation.reduced(encoder.encode(black))[0]
        self.search_feature(np.nan_to_num(feature), wish=EXACT)
        _ = self.classes

    def ask(
        self,
        parts: Sequence[Part],
        k: int = 10,
        metric: Metric | None = None,
        wish: Wish = AS_BUILT,
        *,
        narrowing: Narrowing = ALL,
        order: Order = "nearest",
        skip: int = 0,
    ) -> SearchResult:
        """Find the images that answer a question of one or several pictures.

        Args:
            parts: what the question is made of; several are joined to one feature.
            k: how many, from 1 to MAX_K; fewer come only where fewer images may be found.
            metric: any; None for the index's own.
            wish: how much may be done; what is farthest is always found exactly.
            narrowing: which images may be found.
            order: "nearest" first, or "farthest" first.
            skip: hits before the first one that is returned; with k, MAX_K at most.

        Raises:
            BadQuery: the question is none, or something is out of range.
            UnknownClass: it is narrowed to a class that is not there.
            UnknownImage, ImageGone: an image is not of this index, or its file is gone.
            ImageError: a picture cannot be used, or has no such part, or no face.
            EncoderBusy: too many searches at once.
        """
        require_query(k, metric, skip)
        require_parts(parts)
        allowed = self._masks.mask(narrowing)
        described = [self._describer.part(part) for part in parts]
        feature = joined([feature for feature, _ in described], [part.sign for part in parts])
        decode, encode = (
            sum(getattr(times, stage) for _, times in described) for stage in ("decode", "encode")
        )
        result = self._answerer.answer(
            feature,
            k + skip,
            metric,
            wish,
            allowed=allowed,
            order=order,
            least=narrowing.least,
            timings=Timings(decode, encode),
        )
        hits = result.hits[skip:]
        if narrowing.least is not None:
            hits = tuple(hit for hit in hits if hit.similarity >= narrowing.least)
        return replace(result, hits=hits)

    def fold(self, hits: Sequence[Hit], cards: int) -> tuple[Fold, ...]:
        """Fold hits that are nearly the same picture into the best of them.

        Args:
            hits: of this index, best first.
            cards: how many folds are wanted.
        """
        if not hits:
            return ()
        features = np.stack([self._describer.stored(hit.id) for hit in hits])
        return fold(hits, features, threshold_of(self.strength), cards)

    def describe(self, part: Part) -> tuple[Float32, Timings]:
        """Return the feature of a picture as this index stores them, float32 (dim,), and its cost.

        Args:
            part: of a question; what is wanted.

        Raises:
            BadQuery, UnknownImage, ImageGone, ImageError, EncoderBusy: as for ask.
        """
        require_parts([part])
        return self._describer.part(part)

    def search_image(
        self,
        source: bytes | Path,
        k: int = 10,
        metric: Metric | None = None,
        wish: Wish = AS_BUILT,
        *,
        crop: Box | Crop | None = None,
        name: str = "",
    ) -> SearchResult:
        """Find the images most like a picture, or a part of it.

        Args:
            source: the picture's bytes, or its file.
            k, metric, wish: as for ask.
            crop: the part that is meant, in pixels; None for all of it, or for its largest face
                where the index is one of faces.
            name: how messages call the picture.

        Raises:
            ImageError: the picture cannot be used, or has no such part, or no face.
            BadQuery: k or metric is out of range.
            EncoderBusy: too many searches at once.
        """
        require_query(k, metric)
        feature, timings = self._describer.picture(source, crop, name)
        return self._answerer.answer(feature, k, metric, wish, timings=timings)

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
            k, metric, wish: as for ask.

        Raises:
            UnknownImage: there is no such id.
        """
        feature = self._describer.stored(number)
        allowed = self._all_but(number) if exclude_self else None
        return self._answerer.answer(feature, k, metric, wish, allowed=allowed)

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
            k, metric, wish: as for ask.
            allowed: bool (n,), the images that may be found; None for all.

        Raises:
            BadQuery: the feature or mask has not the right shape, or is not finite.
        """
        vector = np.asarray(feature, np.float32)
        dim = self._generation.store.dim
        require_vector(vector, allowed, name=self.name, count=self.count, dim=dim)
        return self._answerer.answer(vector, k, metric, wish, allowed=allowed)

    def explains(self, metric: Metric) -> bool:
        """Tell whether `why` has an answer where hits are ranked by a metric."""
        return is_explainable(self.manifest.fingerprint, metric)

    def why(self, part: Part, number: int, *, metric: Metric | None = None) -> Explanation:
        """Tell which places of a picture and of an image of the index make them alike.

        Both are decoded and encoded; nothing is kept.

        Args:
            part: of the question.
            number: id of the image that was found.
            metric: of the search that found it; None for the index's own.

        Raises:
            NoExplanation: the likeness cannot be shared out among places; the message says why.
            UnknownImage: there is no such id.
            ImageGone: the file of an image is no longer what was indexed.
            ImageError, EncoderBusy, BadQuery: as for ask.
        """
        chosen = metric or self.manifest.metric
        require_query(1, chosen)
        require_parts([part])
        require_explainable(self.manifest.fingerprint, chosen)
        return self._describer.explained(part, number, chosen)

    def compare(
        self, part: Part, number: int, *, metric: Metric | None = None
    ) -> tuple[Hit, Timings]:
        """Measure how like a picture an image of the index is, whatever a search finds.

        Args:
            part: of a question; its sign does not matter.
            number: id of the image.
            metric: of the distance; None for the index's own.

        Returns:
            the image with its distance and similarity, of rank 1, and what decoding and encoding
            the picture took.

        Raises:
            UnknownImage: there is no such id.
            BadQuery, ImageGone, ImageError, EncoderBusy: as for ask.
        """
        chosen = metric or self.manifest.metric
        require_query(1, chosen)
        require_parts([part])
        self._describer.stored(number)
        feature, timings = self._describer.part(part)
        return self._answerer.measured(feature, number, chosen), timings

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
        return self._describer.stored(number)

    def image_path(self, number: int) -> Path:
        """Return the file of an image, if it still is what was indexed.

        Raises:
            UnknownImage: there is no such id.
            ImageGone: the file is absent, leads out of the gallery, or has changed.
        """
        return self._describer.file(number)

    def _all_but(self, number: int) -> Mask:
        allowed = np.ones(self.count, np.bool_)
        allowed[number] = False
        return allowed
