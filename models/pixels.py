"""Whatever a picture's pixels are made of, they become upright 8-bit sRGB on white."""

import logging
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

log = logging.getLogger(__name__)

_PROFILE_SPACES = {"RGB": "RGB ", "RGBA": "RGB ", "L": "GRAY", "CMYK": "CMYK"}
_MAX_PROFILE_BYTES = 4 * 2**20
_CUSTOMARY_WHITES = (1.0, 255.0, 65535.0)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Cut = Callable[[Image.Image], Image.Image]
"""Takes a part of an upright picture."""


def to_rgb(
    opened: Image.Image,
    square: int | None = None,
    cut: Cut | None = None,
) -> Image.Image:
    """Return an opened picture as upright 8-bit sRGB, its transparency laid on white.

    Args:
        opened: any mode that Pillow reads; its EXIF orientation and ICC profile are applied.
        square: side in pixels to which the picture is squashed, or None to keep its size. It is
            done before the colours are converted, so that few pixels have to be.
        cut: takes a part of the upright picture, whose mode is L, RGB, RGBA or CMYK, before that
            is squashed; None for all of it.

    Returns:
        a picture of mode "RGB" that carries no metadata.
    """
    # Decoded first of all: a PNG may tell its orientation last, and a TIFF is turned by Pillow.
    opened.load()
    image = _eight_bits(_upright(opened))
    # The white of wide samples is that of the whole picture, whatever part of it is taken.
    image = image if cut is None else cut(image)
    resized = image
    if square is not None:
        resized = image.resize((square, square), Image.Resampling.BILINEAR, reducing_gap=2.0)
    flat = srgb(resized)
    own = flat.copy() if flat is opened else flat
    own.info = {}
    return own


def srgb(image: Image.Image) -> Image.Image:
    """Return a picture of mode L, RGB, RGBA or CMYK in sRGB, by its own profile, on white."""
    return _on_white(_managed(image, image.info.get("icc_profile")))


def orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8, without decoding; 1 where there is none to read."""
    try:
        # The base class's method, because PNG's own decodes the whole picture first.
        value = Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1)
    except Exception as error:
        log.debug("unreadable EXIF ignored: %s", error)
        return 1
    return value if value in range(1, 9) else 1


def _upright(image: Image.Image) -> Image.Image:
    turn = _TURNS.get(orientation(image))
    return image if turn is None else image.transpose(turn)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Bring a picture to one of the modes L, RGB, RGBA and CMYK; the info goes with it."""
    info = image.info
    if image.mode == "F" or image.mode.startswith("I"):
        result = _scaled(image)
    elif image.has_transparency_data:
        # La and RGBa (premultiplied) reach RGBA only by way of LA and RGBA themselves.
        result = image.convert("LA").convert("RGBA") if image.mode == "La" else image
        result = result.convert("RGBA")
    elif image.mode == "LAB":
        result = _lab_to_rgb(image)
    elif image.mode in _PROFILE_SPACES:
        result = image
    else:
        result = image.convert("L" if image.mode == "1" else "RGB")
    result.info = info
    return result


def _scaled(image: Image.Image) -> Image.Image:
    """Scale samples of 16 or 32 bits, or floats, to 8 bits.

    16-bit samples are divided by 257. For wider ones, whose white is written nowhere, white is
    the lowest customary one (1 for floats, 255, 65535) that holds the largest sample, or else the
    largest sample itself. Where some are negative, all are stretched from the least to the largest.
    """
    samples = np.asarray(image)
    if samples.dtype.kind == "u" and samples.dtype.itemsize == 2:
        grey = ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)
    else:
        grey = _stretched(samples.astype(np.float32))
    return Image.fromarray(_transparent_to_white(grey, samples, image))


def _stretched(samples: NDArray[np.float32]) -> NDArray[np.uint8]:
    if not np.isfinite(samples).all():
        samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    lowest, largest = float(samples.min()), float(samples.max())
    if lowest < 0:
        black, white = lowest, largest
    else:
        black, white = 0.0, next((w for w in _CUSTOMARY_WHITES if largest <= w), largest)
    scaled = (samples - black) * (255.0 / max(white - black, 1e-30))
    return np.asarray(np.rint(scaled), dtype=np.uint8)


def _transparent_to_white(
    grey: NDArray[np.uint8], samples: NDArray[np.generic], image: Image.Image
) -> NDArray[np.uint8]:
    """Make white the one grey level that a 16-bit PNG may declare to be transparent."""
    level = image.info.get("transparency")
    return np.where(samples == level, 255, grey).astype(np.uint8) if level is not None else grey


def _lab_to_rgb(image: Image.Image) -> Image.Image:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    return image.convert("RGB") if converted is None else converted


def _managed(image: Image.Image, profile: object) -> Image.Image:
    """Bring the colours to sRGB by the picture's own ICC profile, where it has a usable one."""
    if not isinstance(profile, bytes) or not 0 < len(profile) <= _MAX_PROFILE_BYTES:
        return image
    try:
        transform = _transform(profile, image.mode)
        return image if transform is None else transform.apply(image)
    except Exception as error:
        # A broken profile says nothing about the pixels: they are taken as sRGB, as browsers do.
        log.debug("unusable ICC profile ignored: %s", error)
        return image


@lru_cache(maxsize=8)
def _transform(data: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return what leads from a profile's colours to sRGB, or None where it is for other modes."""
    profile = ImageCms.ImageCmsProfile(BytesIO(data))
    if profile.profile.xcolor_space != _PROFILE_SPACES[mode]:
        return None
    output = "RGBA" if mode == "RGBA" else "RGB"
    return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, output)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image if image.mode == "RGB" else image.convert("RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image)
    return white
