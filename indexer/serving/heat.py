"""Draws the parts of a likeness as a picture to be laid over the one whose places they are of.

The scale is even to the eye: from violet over red to yellow, in steps that are all of one size in
the colour space Oklab (Björn Ottosson, "A perceptual color space for image processing", 2020).
Lightness rises all the way, so that it can be read without colour vision, and stays clear of black
and of white, so that it stands out on dark and on bright pictures.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.types import Float32

SIDE = 112
"""Pixels of a drawn map's longer side: it is smooth enough to be stretched further."""

LEVELS = 256
OPAQUE = 0.8
"""How much the greatest part covers of what is below it."""

LIGHTNESS = (0.42, 0.82)
CHROMA = 0.15
HUES = (295.0, 440.0)
"""Of the least and the greatest part, in degrees."""

_TO_CONES = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@dataclass(frozen=True)
class Heat:
    """A drawn map.

    Attributes:
        png: of (h, w) places the picture, RGBA by a palette, clear where nothing is brought in.
            It is to be stretched over the part of the picture that was shown to the network.
        clipped: sum of the negative parts, which are not drawn; 0 where there are none.
    """

    png: bytes
    clipped: float


def draw(parts: Float32, most: float | None = None, side: int = SIDE) -> Heat:
    """Draw how much each place brings in; the same parts give the same bytes.

    Args:
        parts: float32 (h, w).
        most: the part that gets the end of the scale, and with it all greater ones; None for the
            greatest of these.
        side: pixels of the longer side.
    """
    top = float(parts.max()) if most is None else most
    drawn = np.clip(parts / top, 0, 1) if top > 0 else np.zeros_like(parts)
    scale = side / max(parts.shape)
    height, width = (max(1, round(scale * count)) for count in parts.shape)
    # In floats, of which the smooth curve may leave what is between the places' own.
    smooth = Image.fromarray(drawn.astype(np.float32)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    levels = np.rint(np.clip(np.asarray(smooth), 0, 1) * (LEVELS - 1)).astype(np.uint8)
    picture = Image.fromarray(levels, "P")
    colours = scale_of_colours()
    picture.putpalette(colours[:, :3].tobytes())
    content = BytesIO()
    picture.save(content, "PNG", transparency=colours[:, 3].tobytes(), optimize=True)
    return Heat(content.getvalue(), float(np.minimum(parts, 0).sum()))


def scale_of_colours() -> NDArray[np.uint8]:
    """Return the scale from nothing to the greatest part, uint8 (256, 4), sRGB and opacity."""
    level = np.linspace(0, 1, LEVELS)
    hue = np.radians(np.interp(level, (0, 1), HUES))
    lightness = np.interp(level, (0, 1), LIGHTNESS)
    oklab = np.stack([lightness, CHROMA * np.cos(hue), CHROMA * np.sin(hue)], axis=1)
    linear = np.clip((oklab @ _TO_CONES.T) ** 3 @ _TO_RGB.T, 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    opacity = OPAQUE * level**0.75
    scale: NDArray[np.uint8] = np.rint(255 * np.column_stack([srgb, opacity])).astype(np.uint8)
    return scale
