"""Distorts pictures as copies are distorted on their way through the world.

All are pure functions of a picture, uint8 (height, width, 3), to another.
"""

from collections.abc import Callable, Mapping
from io import BytesIO

import numpy as np
from PIL import Image

from indexer.types import Pixels
from models.images import decode
from models.turning import turned

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
    return turned(picture, degrees, Image.Resampling.BICUBIC)


DISTORTIONS: Mapping[str, Distortion] = {
    "mirrored": mirrored,
    "cropped": cropped,
    "recompressed": recompressed,
    "darkened": darkened,
    "rotated": rotated,
}
"""Name -> what is done to a picture."""
