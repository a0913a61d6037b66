"""Makes picture files for the tests, also such as no program would write."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tests.conftest import draw_picture

ORIENTATION = 0x0112
TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""Orientation -> how the upright picture is turned to be stored with it."""


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Return a picture as a file of the kind that Pillow calls so."""
    content = BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def photo(seed: int = 0, height: int = 60, width: int = 80) -> Image.Image:
    """Return a drawn picture of mode RGB, wider than high, as smooth as a photograph."""
    drawn = Image.fromarray(draw_picture(seed, height, width))
    return drawn.filter(ImageFilter.GaussianBlur(height / 20))


def turned(image: Image.Image, orientation: int, kind: str) -> bytes:
    """Store a picture turned, with the EXIF orientation that turns it back."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    turn = TURNS[orientation]
    stored = image if turn is None else image.transpose(turn)
    return encoded(stored, kind, exif=exif)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, raw: bytes, *, depth: int = 8, colour: int = 2) -> bytes:
    """Return a PNG file of any header over any filtered rows; colour 0 is grey, 2 is RGB."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(raw, 9))
        + png_chunk(b"IEND", b"")
    )


def png16(samples: NDArray[np.uint16]) -> bytes:
    """Return a 16-bit PNG of grey (h, w) or RGB (h, w, 3) samples."""
    height, width = samples.shape[:2]
    rows = (b"\x00" + row.astype(">u2").tobytes() for row in samples)
    return png(width, height, b"".join(rows), depth=16, colour=2 if samples.ndim == 3 else 0)


def bmp(width: int, height: int) -> bytes:
    """Return the header of a BMP file of 24 bits, and next to no pixels."""
    head = b"BM" + struct.pack("<IHHI", 100, 0, 0, 54)
    return head + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, *(0,) * 6) + bytes(46)


def gif(screen: tuple[int, int], frame: tuple[int, int]) -> bytes:
    """Return a GIF file with a header and a first frame of these sizes, and next to no pixels."""
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0xF0, 0, 0) + bytes(6)
    return head + b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x02\x44\x01\x00;"
