"""Turns pictures, and cuts off what turning leaves empty."""

from math import cos, radians, sin

import numpy as np
from PIL import Image

from models.engines.base import UInt8


def turned(
    picture: UInt8, degrees: float, resampling: Image.Resampling = Image.Resampling.BILINEAR
) -> UInt8:
    """Turn a picture counter-clockwise about its centre, cut to what holds no empty corners.

    That is the largest upright rectangle about the centre, of whatever proportions, in whole
    pixels.

    Args:
        picture: uint8 (height, width, 3).
        degrees: by which it is turned, either way.
        resampling: how pixels are interpolated.

    Returns:
        uint8 (lower height, lower width, 3), one pixel at least.
    """
    height, width = picture.shape[:2]
    # The little more makes whole what is whole but for float noise.
    sides = inscribed(width, height, degrees)
    cut_width, cut_height = (max(1, int(side + 1e-6)) for side in sides)
    cosine, sine = cos(radians(degrees)), sin(radians(degrees))
    # From a place in the cut-out to the one in the picture, centre to centre.
    across = (cosine, -sine, (width - cosine * cut_width + sine * cut_height) / 2)
    down = (sine, cosine, (height - sine * cut_width - cosine * cut_height) / 2)
    seen = Image.fromarray(picture).transform(
        (cut_width, cut_height),
        Image.Transform.AFFINE,
        (*across, *down),
        resampling,
    )
    return np.array(seen, dtype=np.uint8)


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
