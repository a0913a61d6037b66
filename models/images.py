"""A picture from outside becomes upright uint8 RGB here and nowhere else, within limits."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.cropping import WHOLE, PixelBox, pixels_within, shares
from models.errors import ImageTooLarge, LikenessError, NoFace
from models.faces import enlarged, largest_face, reduced
from models.formats import FORMATS, recognise
from models.integrity import jpeg_has_end, sound_png
from models.pixels import orientation, srgb, to_rgb
from models.refusals import check_bytes, check_size, explained, out_of_memory
from models.types import Box, Crop, Limits, Shares

__all__ = ["FORMATS", "ImageHeader", "Look", "decode", "inspect", "look", "reencode"]

# Set once, on import: Pillow's warning of a decompression bomb is an error, and its remarks on
# odd metadata, which do not touch the pixels, are not shown.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

_DEFAULTS = Limits()


@dataclass(frozen=True)
class ImageHeader:
    """What a picture's header says.

    Attributes:
        format: Pillow's name, one of FORMATS.
        width, height: of the upright picture, in pixels.
    """

    format: str
    width: int
    height: int


@dataclass(frozen=True)
class Look:
    """What is seen of a picture.

    Attributes:
        pixels: uint8 (height, width, 3), upright RGB, as decode gives it.
        shown: the part of the upright picture that they show, all of it or what was cut out.
    """

    pixels: NDArray[np.uint8]
    shown: Shares


def decode(
    source: bytes | Path,
    size: int | None = None,
    *,
    crop: Box | Crop | None = None,
    limits: Limits = _DEFAULTS,
    name: str = "",
) -> NDArray[np.uint8]:
    """Decode a picture, or a part of it, to upright RGB.

    EXIF orientation is applied, transparency laid on white, samples of more than 8 bits scaled,
    the ICC profile converted to sRGB; of several frames or pages the first is taken. With `size`
    the whole picture is squashed to a square by Pillow's antialiased bilinear filter, after
    reduction by whole factors to no less than twice the size (JPEG: by its own scaled decoding).
    A part is cut out of the upright picture at its full size, and squashed as a whole picture is.

    Args:
        source: the file's content, or its path.
        size: side of the square that is returned, in pixels; None keeps the picture's own size.
        crop: the part that is taken, its edges rounded to whole pixels, or "faces" for the
            largest face and a margin; None or "" for all of it. A box that overhangs the picture
            by a pixel or less is clipped.
        limits: what is refused before any pixel is decoded.
        name: how messages call the picture; the path, or "The uploaded picture", by default.

    Returns:
        uint8 (height, width, 3), or (size, size, 3).

    Raises:
        EmptyImage, UnsupportedImage, DamagedImage, ImageTooLarge: naming the file and the cause.
        BadCrop: the part lies outside of the picture, or holds none of its pixels.
        NoFace: a face was to be taken, and none is found.
        DetectorMissing: the same, and OpenCV is not installed.
        OutOfMemory: there is too little memory for it at the moment.
        OSError: the path cannot be read at all.
    """
    return look(source, size, crop=crop, limits=limits, name=name).pixels


def look(
    source: bytes | Path,
    size: int | None = None,
    *,
    crop: Box | Crop | None = None,
    limits: Limits = _DEFAULTS,
    name: str = "",
) -> Look:
    """Decode a picture, or a part of it, as decode does, and say which part that is.

    Args, Raises: as in decode.
    """
    find, shown = _finder(crop, name or _name(source)), WHOLE

    def cut(upright: Image.Image) -> Image.Image:
        nonlocal shown
        box = find(upright)
        shown = shares(box, *upright.size)
        return upright.crop(box)

    with _opened(source, limits, name) as image:
        if size and not crop:
            image.draft(None, (2 * size, 2 * size))
        rgb = to_rgb(image, square=size, cut=cut if crop else None)
        return Look(np.array(rgb, dtype=np.uint8), shown)


def decode_small(
    source: bytes | Path, short_side: int, *, limits: Limits = _DEFAULTS, name: str = ""
) -> NDArray[np.uint8]:
    """Decode a picture and shrink it, in its own proportions, for training.

    Args:
        source, limits, name: as in decode.
        short_side: length of the shorter side afterwards, in pixels; smaller pictures stay.

    Returns:
        uint8 (height, width, 3).

    Raises:
        as decode.
    """
    with _opened(source, limits, name) as image:
        image.draft(None, (2 * short_side, 2 * short_side))
        rgb = to_rgb(image)
        scale = min(1.0, short_side / min(rgb.size))
        width, height = (max(1, round(length * scale)) for length in rgb.size)
        small = rgb.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
        return np.array(small, dtype=np.uint8)


def squash(picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Squash decoded pixels to a square, as decode squashes the picture of a file.

    Args:
        picture: uint8 (height, width, 3), sRGB.
        size: side of the square that is returned, in pixels.

    Returns:
        uint8 (size, size, 3).
    """
    return np.array(to_rgb(Image.fromarray(picture), square=size), dtype=np.uint8)


def inspect(source: bytes | Path, *, limits: Limits = _DEFAULTS, name: str = "") -> ImageHeader:
    """Read a picture's header, and check every limit, without decoding its pixels.

    Args, Raises: as in decode.
    """
    with _opened(source, limits, name) as image:
        width, height = image.size
        # Pillow gives a TIFF's size as it is after its orientation.
        if image.format != "TIFF" and orientation(image) >= 5:
            width, height = height, width
        return ImageHeader(_format(image), width, height)


def reencode(
    source: bytes | Path,
    *,
    max_side: int,
    quality: int = 90,
    limits: Limits = _DEFAULTS,
    name: str = "",
) -> bytes:
    """Make a clean JPEG of a picture: upright sRGB, without EXIF, XMP, ICC profile or comments.

    Args:
        source, limits, name: as in decode.
        max_side: the longer side is reduced to this many pixels; smaller pictures keep theirs.
        quality: of the JPEG, 1 to 95.

    Returns:
        the JPEG file's content.

    Raises:
        as decode.
    """
    with _opened(source, limits, name) as image:
        image.draft(None, (max_side, max_side))
        rgb = to_rgb(image)
        rgb.thumbnail((max_side, max_side), Image.Resampling.BILINEAR, reducing_gap=2.0)
        content = BytesIO()
        rgb.save(content, "JPEG", quality=quality)
        return content.getvalue()


def _finder(crop: Box | Crop | None, name: str) -> Callable[[Image.Image], PixelBox]:
    """Return what finds the pixels of an upright picture that are to be cut out."""
    if crop and not isinstance(crop, str):
        return lambda upright: pixels_within(crop, *upright.size, name)
    return partial(_face, name=name)


def _face(upright: Image.Image, name: str) -> PixelBox:
    """Find the largest face, which is looked for in a small copy: colours cost time."""
    small = srgb(reduced(upright))
    box = largest_face(np.asarray(small))
    if box is None:
        raise NoFace(
            f"No face was found in {name}. Take a picture with a face that looks at the camera, "
            "upright and not too small."
        )
    return pixels_within(enlarged(box, small.size, upright.size), *upright.size, name)


@contextmanager
def _opened(source: bytes | Path, limits: Limits, name: str) -> Iterator[Image.Image]:
    """Open a picture within limits; whatever is wrong with it becomes an ImageError."""
    name = name or _name(source)
    data = source if isinstance(source, bytes) else _read(source, limits, name)
    check_bytes(len(data), limits, name)
    try:
        content = sound_png(data) if recognise(data[:64]) == "PNG" else data
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            check_size(image, limits, name)
            _check_complete(image, data)
            yield image
    except LikenessError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        allowed = min(limits.max_pixels, Image.MAX_IMAGE_PIXELS or limits.max_pixels)
        raise ImageTooLarge(
            f"{name} announces too many pixels; at most {allowed:,} are allowed. Send it smaller."
        ) from error
    except Exception as error:
        # Hostile files make Pillow raise SyntaxError, ValueError, struct.error and more.
        raise explained(error, data[:64], name) from error


def _name(source: bytes | Path) -> str:
    if isinstance(source, bytes):
        return "The uploaded picture"
    return str(source).encode("utf-8", "backslashreplace").decode()


def _read(path: Path, limits: Limits, name: str) -> bytes:
    """Read a whole file, one byte over the limit at most."""
    with path.open("rb") as file:
        try:
            return file.read(limits.max_bytes + 1)
        except MemoryError as error:
            raise out_of_memory(name) from error


def _check_complete(image: Image.Image, data: bytes) -> None:
    """Refuse a JPEG whose end was cut off: libjpeg would fill the rest with grey, silently."""
    if _format(image) == "JPEG" and not jpeg_has_end(data):
        raise OSError("the end of the file is missing")


def _format(image: Image.Image) -> str:
    """Return the format's name; a JPEG of several pictures (MPO) is a JPEG to us."""
    return "JPEG" if image.format in (None, "MPO") else str(image.format)
