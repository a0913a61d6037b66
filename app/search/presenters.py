"""Turns answers into what pages show: numbers as people read them, and addresses by id."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

from flask import url_for

from app.thumbnails import SIDES
from indexer.serving.wishes import Wish
from indexer.text import readable
from indexer.types import Hit, ImageRecord, SearchResult


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


@dataclass(frozen=True)
class Card(Thumbnail):
    """One hit on a page: a picture with its rank and figures, and its bar's length in percent."""

    rank: int
    distance: str
    similarity: str
    percent: str


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
    return Thumbnail(**_shown(index, number, image, parameters))


def cards(result: SearchResult, parameters: dict[str, Any]) -> list[Card]:
    """Return the hits of an answer for a page, best first."""
    return [_card(result, hit, parameters) for hit in result.hits]


def line(result: SearchResult, wish: Wish, decode: float, encode: float) -> str:
    """Say what was searched, what that finds, and how long it took.

    Args:
        result: the answer.
        wish: how it was asked for.
        decode, encode: milliseconds that the query's upload took; 0 for an indexed picture.
    """
    times = [("decode", decode), ("encode", encode), ("search", result.timings.search)]
    total = milliseconds(sum(time for _, time in times))
    stages = ", ".join(f"{name} {milliseconds(time)}" for name, time in times if time)
    detail = f" ({stages})" if decode or encode else ""
    return f"{_looked(result, wish)}. {total} ms{detail}"


def _looked(result: SearchResult, wish: Wish) -> str:
    """Say at how much of the gallery a search has looked, and what that finds."""
    share = result.visited / result.gallery
    parts = f"in {result.probes:,} {'bucket' if result.probes == 1 else 'buckets'}"
    looked = f"Looked at {result.visited:,} of {result.gallery:,} images ({percent(share)}) {parts}"
    if result.exact and result.probes:
        return f"{looked}: exact"
    if result.exact:
        size = "the one image" if result.gallery == 1 else f"all {result.gallery:,} images"
        nothing_less = wish.recall is not None and wish.recall < 1
        why = f", as nothing less is known to find {percent(wish.recall or 1)}"
        return f"Looked at {size}: exact{why if nothing_less else ''}"
    looked = f"{looked}, measured {result.measured:,}"
    if result.recall is None:
        return looked
    return f"{looked}; finds {percent(result.recall)} of the nearest, as measured"


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


def _card(result: SearchResult, hit: Hit, parameters: dict[str, Any]) -> Card:
    percent = 100 * min(1.0, max(0.0, hit.similarity))
    return Card(
        **_shown(result.index, hit.id, hit.image, parameters),
        rank=hit.rank,
        distance=(bits if result.metric == "hamming" else figure)(hit.distance),
        similarity=figure(hit.similarity),
        percent=f"{percent:.1f}",
    )


def _shown(
    index: str, number: int, image: ImageRecord, parameters: dict[str, Any]
) -> dict[str, Any]:
    path = readable(image.path)
    width, height = fitted(image.width, image.height, SIDES["small"])
    small, large = (_address(index, number, image, size) for size in ("small", "large"))
    return {
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "label": readable(image.label or ""),
        "small": small,
        "large": large,
        "more": url_for(
            "search.similar", index=index, image_id=number, **parameters, v=content(image)
        ),
        "width": width,
        "height": height,
    }


def _address(index: str, number: int, image: ImageRecord, size: str) -> str:
    # The content lets browsers keep the picture for ever: an id may change at a rebuild.
    return url_for("gallery.picture", index=index, image_id=number, size=size, v=content(image))


def content(image: ImageRecord) -> str:
    """Return what addresses name an image's content by, so that they outlive a rebuild."""
    return image.sha256[:12]
