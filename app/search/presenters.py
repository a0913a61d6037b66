"""Turns answers into what pages show: numbers as people read them, and addresses by id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

from app import figures
from app.figures import number
from app.search.marks import Mark
from app.search.patterns import of_images
from app.thumbnails import SIDES
from app.words import ngettext
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
        small, large, more: addresses of a small and a large rendering, and of the search for
            more like it.
        srcset: all renderings that differ, with their widths, or "" where one is all there is.
        width, height: of the small rendering, in pixels.
    """

    name: str
    path: str
    label: str
    small: str
    large: str
    srcset: str
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
        self._renderings = {
            size: of_images("gallery.picture", index=index, size=size) for size in SIDES
        }
        self._more = of_images("search.similar", index=index, **parameters)

    def of(self, number: int, image: ImageRecord) -> Thumbnail:
        """Return an indexed picture for a page."""
        return Thumbnail(**self.fields(number, image))

    def fields(self, number: int, image: ImageRecord) -> dict[str, Any]:
        """Return the fields of a thumbnail."""
        path, its = readable(image.path), content(image)
        width, height = fitted(image.width, image.height, SIDES["small"])
        renderings = {size: of(number, its) for size, of in self._renderings.items()}
        return {
            "name": path.rsplit("/", 1)[-1],
            "path": path,
            "label": readable(image.label or ""),
            "small": renderings["small"],
            "large": renderings["large"],
            "srcset": srcset(renderings, image.width, image.height),
            "more": self._more(number, its),
            "width": width,
            "height": height,
        }


def fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """Return a picture's size when its longer side is reduced to `side`, in pixels."""
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def srcset(renderings: Mapping[str, str], width: int, height: int) -> str:
    """Return the renderings among which a browser chooses, as HTML's `srcset` has them.

    What is smaller than a rendering's side is not enlarged, so that rendering and all larger ones
    are alike, and the first of them stands for all.

    Args:
        renderings: their addresses by their names in SIDES, from the smallest on.
        width, height: of the picture that they are made of, in pixels.

    Returns:
        each with its width in pixels; "" where one is all there is.
    """
    longer, chosen, before = max(width, height), [], 0
    for size, address in renderings.items():
        if longer > before:
            chosen.append(f"{address} {fitted(width, height, SIDES[size])[0]}w")
        before = SIDES[size]
    return ", ".join(chosen) if len(chosen) > 1 else ""


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
        return figures.percent(value, ".2g")
    if value <= 99 or value == 100:
        return figures.percent(value, ".0f")
    return figures.percent(floor(10 * value) / 10, ".1f")


def milliseconds(value: float) -> str:
    """Return a time as people read it."""
    return number(value, ".1f" if value < 1 else ",.0f")


def figure(value: float) -> str:
    """Return a distance or similarity with four digits; what rounds to nothing is 0."""
    form = ".4f" if abs(value) < 10 else ",.1f"
    return number(value, form) if float(format(value, form).replace(",", "")) else "0"


def choices_of_k(most: int, chosen: int) -> Sequence[tuple[int, str]]:
    """Return the numbers of hits that a page offers, and how they are written."""
    return [(k, number(k)) for k in sorted({10, 20, 50, 100, chosen}) if k <= most]


def bits(count: float) -> str:
    """Return a distance between hash codes."""
    return ngettext("%(count)s bit", "%(count)s bits", round(count))


def mark_of(number: int, image: ImageRecord) -> Mark:
    """Return what addresses name an indexed image by."""
    return Mark(number, content(image))


def content(image: ImageRecord) -> str:
    """Return what addresses name an image's content by, so that they outlive a rebuild."""
    return image.sha256[:CONTENT_DIGITS]
