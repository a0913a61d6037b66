"""Faces in a query's picture, as a page draws them over it."""

from dataclasses import dataclass

from models.types import Box


@dataclass(frozen=True)
class Face:
    """A face: its place in percent of the picture, and the address of the search with it."""

    address: str
    left: str
    top: str
    width: str
    height: str


def drawn(box: Box, address: str) -> Face:
    """Return a face for a page.

    Args:
        box: its edges, as shares of the picture's width and height.
        address: of the search with it.
    """
    left, top, right, bottom = box
    return Face(address, *map(_percent, (left, top, right - left, bottom - top)))


def _percent(share: float) -> str:
    return f"{100 * share:.4g}"
