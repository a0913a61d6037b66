"""Writes the sample gallery's odd files, so that cleaning is seen at work."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

Draw = Callable[[str, str, int], Image.Image]
"""Draws a picture of a class, a motif and a variant."""

ORIENTATION = 0x0112
"""EXIF's tag for how a picture must be turned before it is shown."""


def draw_odd(directory: Path, draw: Draw) -> tuple[str, ...]:
    """Write a handful of broken and unusual files into the gallery's root.

    Args:
        directory: the gallery's folder.
        draw: makes a sound picture to start from.

    Returns:
        Their names, sorted.
    """
    makers: dict[str, Callable[[Path], None]] = {
        "odd-animated.gif": lambda path: _animated(path, draw),
        "odd-cmyk.jpg": lambda path: draw("painting", "fruit", 1).convert("CMYK").save(path),
        "odd-depth16.png": lambda path: _depth16(path, draw("engraving", "portrait", 1)),
        "odd-empty.jpg": lambda path: _bytes(path, b""),
        "odd-rotated.jpg": lambda path: _rotated(path, draw("painting", "portrait", 1)),
        "odd-text.jpg": lambda path: _bytes(path, b"This is a text that calls itself a picture.\n"),
        "odd-transparent.png": lambda path: _transparent(path, draw("drawing", "sprig", 1)),
        "odd-truncated.jpg": lambda path: _truncated(path, draw("sculpture", "bust", 1)),
    }
    for name, make in makers.items():
        make(directory / name)
    return tuple(makers)


def _bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _animated(path: Path, draw: Draw) -> None:
    """Show a statue from a few sides in turn."""
    frames = [draw("sculpture", "cat", variant) for variant in range(4)]
    frames = [frame.resize(frames[0].size) for frame in frames]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=500, loop=0)


def _depth16(path: Path, picture: Image.Image) -> None:
    """Keep 16 bits of grey for each pixel."""
    grey = np.asarray(picture.convert("F"), dtype=np.float32) * 257
    Image.fromarray(grey.astype(np.uint16)).save(path)


def _rotated(path: Path, picture: Image.Image) -> None:
    """Lay the picture on its side, and say so in its EXIF data."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    picture.transpose(Image.Transpose.ROTATE_90).save(path, quality=88, exif=exif)


def _transparent(path: Path, picture: Image.Image) -> None:
    """Leave the ink alone on a sheet of glass."""
    ink = np.asarray(picture.convert("RGBA")).copy()
    grey = np.asarray(picture.convert("L"), dtype=np.float32)
    ink[..., 3] = np.clip((np.median(grey) - 12 - grey) * 4, 0, 255).astype(np.uint8)
    Image.fromarray(ink).save(path)


def _truncated(path: Path, picture: Image.Image) -> None:
    """Stop writing halfway."""
    whole = BytesIO()
    picture.save(whole, "JPEG", quality=88)
    path.write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
