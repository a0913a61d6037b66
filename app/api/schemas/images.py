"""The JSON that tells of an indexed image."""

from dataclasses import dataclass

from flask import url_for

from app.search.presenters import content
from app.thumbnails import SIDES
from indexer.text import readable
from indexer.types import ImageRecord


@dataclass(frozen=True)
class ImageLinks:
    """Addresses on this server that show an image.

    Attributes:
        small, medium, large: JPEG renderings of at most 320, 640 and 1280 pixels a side.
        similar: of the search for its like.
    """

    small: str
    medium: str
    large: str
    similar: str


@dataclass(frozen=True)
class Image:
    """What is known of an indexed image.

    Attributes:
        index: that holds it.
        id: of the image, until its index is built again.
        content: first digits of its SHA-256, which outlive a rebuild.
        path: of its file, relative to the gallery.
        label: its class, or null.
        sha256: of the file, in hexadecimal.
        bytes: the file's size.
        width, height: of the upright picture, in pixels.
        format: as Pillow names it.
        distractor: whether it is there only to make searches harder.
        links: where it can be seen.
    """

    index: str
    id: int
    content: str
    path: str
    label: str | None
    sha256: str
    bytes: int
    width: int
    height: int
    format: str
    distractor: bool
    links: ImageLinks


def image_of(index: str, number: int, record: ImageRecord) -> Image:
    """Return what is known of an image, with its addresses; within a request alone."""
    mark = content(record)
    small, medium, large = (
        url_for("gallery.picture", index=index, image_id=number, size=size, v=mark)
        for size in SIDES
    )
    similar = url_for("search.similar", index=index, image_id=number, v=mark)
    return Image(
        index=index,
        id=number,
        content=mark,
        path=readable(record.path),
        label=None if record.label is None else readable(record.label),
        sha256=record.sha256,
        bytes=record.bytes,
        width=record.width,
        height=record.height,
        format=record.format,
        distractor=record.distractor,
        links=ImageLinks(small, medium, large, similar),
    )
