"""Turns the pictures of a question into features of one index."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from indexer.catalog import Catalog
from indexer.errors import BadQuery, UnknownImage
from indexer.opening import Generation
from indexer.serving.answering import NO_TIME
from indexer.serving.asking import Part
from indexer.serving.encoding import EncoderSlot, Gate
from indexer.serving.originals import original
from indexer.serving.queries import require_vector
from indexer.serving.why import Explanation, explain
from indexer.text import readable
from indexer.types import Float32, Metric, Timings
from models.images import decode, inspect, look
from models.types import Box, Crop, Limits

logger = logging.getLogger(__name__)

UPLOAD = "The uploaded picture"


class Describer:
    """Describes pictures as one generation describes its own."""

    def __init__(
        self, generation: Generation, encoder: EncoderSlot, gate: Gate, limits: Limits
    ) -> None:
        """Take what is needed for it.

        Args:
            generation: open.
            encoder: of the generation.
            gate: that pictures pass through.
            limits: what a picture may cost.
        """
        self._generation = generation
        self._encoder = encoder
        self._gate = gate
        self._limits = limits
        self._roots = generation.catalog.roots()

    def part(self, part: Part) -> tuple[Float32, Timings]:
        """Return the feature of one picture of a question, float32 (dim,), and what it took.

        Raises:
            UnknownImage, ImageGone: there is no such image, or, of a part, its file is gone.
            ImageError: the picture cannot be used, or has no such part, or no face.
            BadQuery: a feature has not the right shape.
            EncoderBusy: too many searches at once.
        """
        source = part.source
        if isinstance(source, int) and part.box is None:
            return self.stored(source), NO_TIME
        if not isinstance(source, int | bytes | Path):
            self.require_feature(source)
            return source, NO_TIME
        return self._described(seen := self._seen(part), seen.pixels())

    def explained(self, part: Part, number: int, metric: Metric) -> Explanation:
        """Tell which places of a picture and of an image make them alike.

        Args:
            part: of a question.
            number: id of the image.
            metric: of the search that found it.

        Raises:
            UnknownImage, ImageGone, ImageError, EncoderBusy: as for part.
            BadQuery: the part is a feature, which has no places.
        """
        asked, found = self._seen(part), _Seen(*self._indexed(number))
        crop = asked.pixels()
        with self._gate.entered():
            encoder = self._encoder.get()
            opened = perf_counter()
            query, hit = (
                look(
                    each.source,
                    encoder.size,
                    crop=part or encoder.crop,
                    limits=each.limits,
                    name=each.title,
                )
                for each, part in ((asked, crop), (found, None))
            )
            decoded = perf_counter()
            told = explain(encoder, query, hit, self._generation.reduction, metric)
            encoded = perf_counter()
        return replace(told, timings=Timings((decoded - opened) * 1e3, (encoded - decoded) * 1e3))

    def picture(
        self, source: bytes | Path, crop: Box | Crop | None, name: str = ""
    ) -> tuple[Float32, Timings]:
        """Return the feature of a picture, float32 (dim,), and what it took.

        Args:
            source: its bytes, or its file.
            crop: the part that is meant, in pixels; None for what the index takes of pictures.
            name: how messages call it.

        Raises:
            ImageError: the picture cannot be used, or has no such part, or no face.
            EncoderBusy: too many searches at once.
        """
        title = name or (UPLOAD if isinstance(source, bytes) else str(source))
        return self._described(_Seen(source, title, self._limits), crop)

    def _described(self, seen: "_Seen", crop: Box | Crop | None) -> tuple[Float32, Timings]:
        with self._gate.entered():
            start = perf_counter()
            encoder = self._encoder.get()
            opened = perf_counter()
            pixels = decode(
                seen.source,
                encoder.size,
                crop=crop or encoder.crop,
                limits=seen.limits,
                name=seen.title,
            )
            decoded = perf_counter()
            feature = self._generation.reduced(encoder.encode(pixels[None]))[0]
            encoded = perf_counter()
        logger.debug("the encoder was ready after %.1f ms", (opened - start) * 1e3)
        return feature, Timings((decoded - opened) * 1e3, (encoded - decoded) * 1e3)

    def stored(self, number: int) -> Float32:
        """Return a copy of the stored feature of an image, float32 (dim,).

        Raises:
            UnknownImage: there is no such id.
        """
        count = self._catalog.count
        if not 0 <= number < count:
            raise UnknownImage(f"There is no image {number}: ids go from 0 to {count - 1}.")
        return self._generation.store.row(number)

    def file(self, number: int) -> Path:
        """Return the file of an image, if it still is what was indexed.

        Raises:
            UnknownImage: there is no such id.
            ImageGone: the file is absent, leads out of the gallery, or has changed.
        """
        record = self._catalog.image(number)
        return original(record, self._roots[record.root])

    def require_feature(self, feature: Float32) -> None:
        """Refuse a feature that is none of this index.

        Raises:
            BadQuery: it has not the right shape, or is not finite.
        """
        require_vector(
            feature,
            None,
            name=self._generation.manifest.name,
            count=self._catalog.count,
            dim=self._generation.store.dim,
        )

    @property
    def _catalog(self) -> Catalog:
        return self._generation.catalog

    def _seen(self, part: Part) -> "_Seen":
        """Return a part's picture, and what is to be known before it is opened."""
        source = part.source
        if isinstance(source, int):
            return _Seen(*self._indexed(source), part.box)
        if not isinstance(source, bytes | Path):
            raise BadQuery("A feature alone is no picture: it has no places. Give its picture.")
        title = part.name or (UPLOAD if isinstance(source, bytes) else str(source))
        return _Seen(source, title, self._limits, part.box)

    def _indexed(self, number: int) -> tuple[Path, str, Limits]:
        """Return the file of an image, its path in the gallery, and limits that let it pass."""
        record = self._catalog.image(number)
        most = max(self._limits.max_bytes, record.bytes)
        return self.file(number), readable(record.path), replace(self._limits, max_bytes=most)


@dataclass(frozen=True)
class _Seen:
    """A picture before it is opened: what messages call it, its limits, and the part of it."""

    source: bytes | Path
    title: str
    limits: Limits
    box: Box | None = None

    def pixels(self) -> Box | None:
        """Return the box in pixels."""
        if self.box is None:
            return None
        header = inspect(self.source, limits=self.limits, name=self.title)
        width, height = header.width, header.height
        left, upper, right, lower = self.box
        return left * width, upper * height, right * width, lower * height
