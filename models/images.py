"""A picture from outside becomes upright uint8 RGB here and nowhere else, within limits."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from models.errors import (
    DamagedImage,
    EmptyImage,
    ImageError,
    ImageTooLarge,
    OutOfMemory,
    UnsupportedImage,
)
from models.formats import FORMATS, recognise, refusal
from models.integrity import jpeg_has_end, sound_png
from models.pixels import orientation, to_rgb
from models.types import Limits

__all__ = ["FORMATS", "ImageHeader", "decode", "inspect", "reencode"]

# Set once, on import: Pillow's warning of a decompression bomb is an error, and its remarks on
# odd metadata, which do not touch the pixels, are not shown.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

_DEFAULTS = Limits()
_STARVED = "out of memory"  # so begins what Pillow says where a decoder of its own gets no memory


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


def decode(
    source: bytes | Path,
    size: int | None = None,
    *,
    limits: Limits = _DEFAULTS,
    name: str = "",
) -> NDArray[np.uint8]:
    """Decode a picture to upright RGB.

    EXIF orientation is applied, transparency laid on white, samples of more than 8 bits scaled,
    the ICC profile converted to sRGB; of several frames or pages the first is taken. With `size`
    the whole picture is squashed to a square by Pillow's antialiased bilinear filter, after
    reduction by whole factors to no less than twice the size (JPEG: by its own scaled decoding).

    Args:
        source: the file's content, or its path.
        size: side of the square that is returned, in pixels; None keeps the picture's own size.
        limits: what is refused before any pixel is decoded.
        name: how messages call the picture; the path, or "The uploaded picture", by default.

    Returns:
        uint8 (height, width, 3), or (size, size, 3).

    Raises:
        EmptyImage, UnsupportedImage, DamagedImage, ImageTooLarge: naming the file and the cause.
        OutOfMemory: there is too little memory for it at the moment.
        OSError: the path cannot be read at all.
    """
    with _opened(source, limits, name) as image:
        if size:
            image.draft(None, (2 * size, 2 * size))
        return np.array(to_rgb(image, square=size), dtype=np.uint8)


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


@contextmanager
def _opened(source: bytes | Path, limits: Limits, name: str) -> Iterator[Image.Image]:
    """Open a picture within limits; whatever goes wrong inside becomes an ImageError."""
    name = name or _name(source)
    data = source if isinstance(source, bytes) else _read(source, limits, name)
    _check_bytes(len(data), limits, name)
    try:
        content = sound_png(data) if recognise(data[:64]) == "PNG" else data
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            _check_size(image, limits, name)
            _check_complete(image, data)
            yield image
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        allowed = min(limits.max_pixels, Image.MAX_IMAGE_PIXELS or limits.max_pixels)
        raise ImageTooLarge(
            f"{name} announces too many pixels; at most {allowed:,} are allowed. Send it smaller."
        ) from error
    except Exception as error:
        # Hostile files make Pillow raise SyntaxError, ValueError, struct.error and more.
        raise _explained(error, data[:64], name) from error


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
            raise _out_of_memory(name) from error


def _check_bytes(length: int, limits: Limits, name: str) -> None:
    if length == 0:
        raise EmptyImage(f"{name} is empty: it has not a single byte. Was the copy complete?")
    if length > limits.max_bytes:
        raise ImageTooLarge(
            f"{name} is larger than the {limits.max_bytes:,} bytes that are allowed. Save it "
            "smaller, or raise the limit."
        )


def _check_size(image: Image.Image, limits: Limits, name: str) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise DamagedImage(f"{name} announces no pixels: {width} x {height}.")
    if width * height > limits.max_pixels:
        raise ImageTooLarge(
            f"{name} has {width} x {height} = {width * height:,} pixels; at most "
            f"{limits.max_pixels:,} are allowed. Send it smaller."
        )
    if max(width, height) > limits.max_side:
        raise ImageTooLarge(
            f"{name} is {width} x {height} pixels; no side may be longer than "
            f"{limits.max_side:,}. Crop or reduce it."
        )


def _check_complete(image: Image.Image, data: bytes) -> None:
    """Refuse a JPEG whose end was cut off: libjpeg would fill the rest with grey, silently."""
    if _format(image) == "JPEG" and not jpeg_has_end(data):
        raise OSError("the end of the file is missing")


def _format(image: Image.Image) -> str:
    """Return the format's name; a JPEG of several pictures (MPO) is a JPEG to us."""
    return "JPEG" if image.format in (None, "MPO") else str(image.format)


def _explained(error: Exception, head: bytes, name: str) -> ImageError:
    """Return the error that people see for whatever Pillow raised."""
    if isinstance(error, MemoryError) or str(error).startswith(_STARVED):
        return _out_of_memory(name)
    known = recognise(head)
    if known not in FORMATS:
        return UnsupportedImage(f"{name} {refusal(head)}")
    cause = "its header cannot be read" if isinstance(error, UnidentifiedImageError) else error
    return DamagedImage(
        f"{name} is a damaged or truncated {known} picture: {cause}. Copy or save it again."
    )


def _out_of_memory(name: str) -> OutOfMemory:
    return OutOfMemory(
        f"{name} needs more memory than there is at the moment. Try again later, or send it "
        "smaller."
    )
