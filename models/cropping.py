"""Says which pixels of a picture a box holds, and refuses boxes that hold none or lie outside."""

from math import isfinite

from models.errors import BadCrop
from models.types import Box, Shares

OVERHANG = 1.0
"""Pixels by which a box may overhang; it is clipped then. Published ground truth has such boxes."""

PixelBox = tuple[int, int, int, int]
"""Left, top, right and bottom: the last two are the first column and row that are left out."""

WHOLE: Shares = (0.0, 0.0, 1.0, 1.0)
"""All of a picture."""


def shares(box: PixelBox, width: int, height: int) -> Shares:
    """Return which part of a picture, width x height, some of its pixels are."""
    left, top, right, bottom = box
    return left / width, top / height, right / width, bottom / height


def pixels_within(box: Box, width: int, height: int, name: str) -> PixelBox:
    """Return the pixels that a box holds: its edges clipped to the picture and rounded.

    Edges are rounded to the nearest whole number, halves to the even one, as Pillow's crop and so
    the evaluation of the revisited Oxford and Paris round them (Radenović et al., "Revisiting
    Oxford and Paris: Large-Scale Image Retrieval Benchmarking", CVPR 2018).

    Args:
        box: the edges, in pixels.
        width, height: of the upright picture, in pixels.
        name: how messages call the picture.

    Returns:
        the pixels, one at least.

    Raises:
        BadCrop: the box is not of finite numbers, lies outside by more than a pixel, or holds no
            pixel.
    """
    left, top, right, bottom = box
    if not all(isfinite(edge) for edge in box):
        raise _refused(box, width, height, name, "is not of finite numbers")
    if right <= left or bottom <= top:
        raise _refused(box, width, height, name, "is empty, or its edges are swapped")
    over = max(-left, -top, right - width, bottom - height)
    if over > OVERHANG:
        raise _refused(box, width, height, name, f"overhangs it by {over:g} pixels")
    found = (
        round(max(left, 0.0)),
        round(max(top, 0.0)),
        round(min(right, float(width))),
        round(min(bottom, float(height))),
    )
    if found[2] <= found[0] or found[3] <= found[1]:
        raise _refused(box, width, height, name, "holds no whole pixel of it")
    return found


def _refused(box: Box, width: int, height: int, name: str, why: str) -> BadCrop:
    edges = ", ".join(f"{edge:g}" for edge in box)
    return BadCrop(
        f"{name} is {width} x {height} pixels, and the box ({edges}) {why}. Give left, top, right "
        "and bottom in pixels of the upright picture; is it the picture that the box was drawn on?"
    )
