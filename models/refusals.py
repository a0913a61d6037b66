"""Refuses pictures that cost too much or cannot be read, each with its cause and cure."""

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
from models.types import Limits

_STARVED = "out of memory"  # so begins what Pillow says where a decoder of its own gets no memory


def check_bytes(length: int, limits: Limits, name: str) -> None:
    """Refuse a file that is empty, or of more bytes than are allowed."""
    if length == 0:
        raise EmptyImage(f"{name} is empty: it has not a single byte. Was the copy complete?")
    if length > limits.max_bytes:
        raise ImageTooLarge(
            f"{name} is larger than the {limits.max_bytes:,} bytes that are allowed. Save it "
            "smaller, or raise the limit."
        )


def check_size(image: Image.Image, limits: Limits, name: str) -> None:
    """Refuse an opened picture of no pixels, or of more than are allowed, before it is decoded."""
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


def explained(error: Exception, head: bytes, name: str) -> ImageError:
    """Return the error that people see for whatever Pillow raised."""
    if isinstance(error, MemoryError) or str(error).startswith(_STARVED):
        return out_of_memory(name)
    known = recognise(head)
    if known not in FORMATS:
        return UnsupportedImage(f"{name} {refusal(head)}")
    cause = "its header cannot be read" if isinstance(error, UnidentifiedImageError) else error
    return DamagedImage(
        f"{name} is a damaged or truncated {known} picture: {cause}. Copy or save it again."
    )


def out_of_memory(name: str) -> OutOfMemory:
    """Return the error that people see where memory does not suffice for a picture."""
    return OutOfMemory(
        f"{name} needs more memory than there is at the moment. Try again later, or send it "
        "smaller."
    )
