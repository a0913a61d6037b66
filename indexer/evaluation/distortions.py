"""Distorts pictures as copies are distorted on their way through the world.

All are pure functions of a picture, uint8 (height, width, 3), to another.
"""

from collections.abc import Callable, Mapping
from io import BytesIO
from math import cos, radians, sin

import numpy as np
from PIL import Image

from indexer.types import Pixels
from models.images import decode

Distortion = Callable[[Pixels], Pixels]


def mirrored(picture: Pixels) -> Pixels:
    """Swap left and right."""
    return np.ascontiguousarray(picture[:, ::-1])


def cropped(picture: Pixels, share: float = 0.7) -> Pixels:
    """Cut out the middle, `share` of each side, to the nearest pixel and one at least."""
    height, width = (max(1, round(share * side)) for side in picture.shape[:2])
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return np.ascontiguousarray(picture[top : top + height, left : left + width])


def recompressed(picture: Pixels, quality: int = 30) -> Pixels:
    """Store as a JPEG of `quality` (1 to 95, by libjpeg's scale; colours halved) and read it."""
    content = BytesIO()
    Image.fromarray(picture).save(content, "JPEG", quality=quality)
    return decode(content.getvalue(), name="The recompressed picture")


def darkened(picture: Pixels, factor: float = 0.6) -> Pixels:
    """Multiply the sRGB values by `factor`, from 0 to 1."""
    table = np.rint(factor * np.arange(256)).astype(np.uint8)
    darker: Pixels = table[picture]
    return darker


def rotated(picture: Pixels, degrees: float = 10.0) -> Pixels:
    """Turn counter-clockwise about the centre, and cut to what holds no filling of the corners.

    That is the largest upright rectangle about the centre, of whatever proportions, in whole
    pixels; for a square picture it is a square. Pixels are interpolated bicubically.
    """
    height, width = picture.shape[:2]
    # The little more makes whole what is whole but for float noise.
    sides = inscribed(width, height, degrees)
    cut_width, cut_height = (max(1, int(side + 1e-6)) for side in sides)
    cosine, sine = cos(radians(degrees)), sin(radians(degrees))
    # From a place in the cut-out to the one in the picture, centre to centre.
    across = (cosine, -sine, (width - cosine * cut_width + sine * cut_height) / 2)
    down = (sine, cosine, (height - sine * cut_width - cosine * cut_height) / 2)
    turned = Image.fromarray(picture).transform(
        (cut_width, cut_height),
        Image.Transform.AFFINE,
        (*across, *down),
        Image.Resampling.BICUBIC,
    )
    return np.array(turned, dtype=np.uint8)


def inscribed(width: float, height: float, degrees: float) -> tuple[float, float]:
    """Return width and height of the largest upright rectangle in a turned one.

    A rectangle a x b about the same centre lies in the turned one, width x height, where

        a·cos + b·sin <= width   and   a·sin + b·cos <= height

    The area a·b is largest where both are equalities, or, for a picture so long or turned so far
    that its short side alone is in the way, in the middle of that side's constraint, where both
    terms are half of it. This closed form is well known; it follows from the two constraints by
    setting the derivative of the area to zero.

    Args:
        width, height: of the turned rectangle, positive.
        degrees: by which it is turned, either way.
    """
    cosine, sine = abs(cos(radians(degrees))), abs(sin(radians(degrees)))
    short = min(width, height)
    # The little more keeps float noise away from the division below, which 45 degrees would make
    # one by zero; where it matters, both cases agree.
    if short <= (2 * sine * cosine + 1e-9) * max(width, height):
        by_sine, by_cosine = short / (2 * sine), short / (2 * cosine)
        return (by_sine, by_cosine) if width >= height else (by_cosine, by_sine)
    apart = cosine**2 - sine**2
    return (width * cosine - height * sine) / apart, (height * cosine - width * sine) / apart


DISTORTIONS: Mapping[str, Distortion] = {
    "mirrored": mirrored,
    "cropped": cropped,
    "recompressed": recompressed,
    "darkened": darkened,
    "rotated": rotated,
}
"""Name -> what is done to a picture."""
