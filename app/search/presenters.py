"""Turns answers into what pages show: numbers as people read them, and addresses by id."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

from app.search.patterns import of_images
from app.thumbnails import SIDES
from indexer.text import readable
from indexer.types import ImageRecord

CONTENT_DIGITS = 12
"""Of the SHA-256 of a file's content, by which addresses name it."""


@dataclass(frozen=True)
class Thumbnail:
    """One indexed picture on a page.

    Attributes:
        name: the file's name without its folders.
        path: relative to the gallery.
        label: its class, or "".
        small, large, more: addresses of its renderings, and of the search for more like it.
        width, height: of the small rendering, in pixels.
    """

    name: str
    path: str
    label: str
    small: str
    large: str
    more: str
    width: int
    height: int


class Thumbnails:
    """Makes the thumbnails of one page.

    Args:
        index: the index's name.
        parameters: how a search for more like one of them is to be made.
    """

    def __init__(self, index: str, parameters: dict[str, Any]) -> None:
        # The content lets browsers keep a picture for ever: an id may change at a rebuild.
        self._small = of_images("gallery.picture", index=index, size="small")
        self._large = of_images("gallery.picture", index=index, size="large")
        self._more = of_images("search.similar", index=index, **parameters)

    def of(self, number: int, image: ImageRecord) -> Thumbnail:
        """Return an indexed picture for a page."""
        return Thumbnail(**self.fields(number, image))

    def fields(self, number: int, image: ImageRecord) -> dict[str, Any]:
        """Return the fields of a thumbnail."""
        path, its = readable(image.path), content(image)
        width, height = fitted(image.width, image.height, SIDES["small"])
        return {
            "name": path.rsplit("/", 1)[-1],
            "path": path,
            "label": readable(image.label or ""),
            "small": self._small(number, its),
            "large": self._large(number, its),
            "more": self._more(number, its),
            "width": width,
            "height": height,
        }


def fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """Return a picture's size when its longer side is reduced to `side`, in pixels."""
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def thumbnail(index: str, number: int, image: ImageRecord, parameters: dict[str, Any]) -> Thumbnail:
    """Return an indexed picture for a page.

    Args:
        index: the index's name.
        number: the picture's id.
        image: what is known of it.
        parameters: how a search for more like it is to be made.
    """
    return Thumbnails(index, parameters).of(number, image)


def percent(share: float) -> str:
    """Return a share as people read it; what is not all is never shown as all."""
    value = 100 * share
    if value < 1:
        return f"{value:.2g} %"
    return f"{value:.0f} %" if value <= 99 or value == 100 else f"{floor(10 * value) / 10:.1f} %"


def images(count: int) -> str:
    """Return the word for so many images."""
    return "image" if count == 1 else "images"


def milliseconds(value: float) -> str:
    """Return a time as people read it."""
    return f"{value:.1f}" if value < 1 else f"{value:,.0f}"


def figure(value: float) -> str:
    """Return a distance or similarity with four digits; what rounds to nothing is 0."""
    rounded = f"{value:.4f}" if abs(value) < 10 else f"{value:,.1f}"
    return "0" if float(rounded.replace(",", "")) == 0 else rounded


def choices_of_k(most: int, chosen: int) -> Sequence[int]:
    """Return the numbers of hits that a page offers."""
    return sorted({k for k in (10, 20, 50, 100, chosen) if k <= most})


def bits(count: float) -> str:
    """Return a distance between hash codes."""
    return f"{count:,.0f} {'bit' if count == 1 else 'bits'}"


def content(image: ImageRecord) -> str:
    """Return what addresses name an image's content by, so that they outlive a rebuild."""
    return image.sha256[:CONTENT_DIGITS]
