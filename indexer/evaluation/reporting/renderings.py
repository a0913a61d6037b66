"""Makes small renderings of pictures for a report, each once, in threads."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from indexer.evaluation.tasks import Picture
from indexer.types import DEFAULT_LIMITS, Pixels
from indexer.variants.distortions import DISTORTIONS
from models.errors import ImageError
from models.images import decode, inspect, reencode
from models.parallel import in_order, worker_count
from models.types import Limits

log = logging.getLogger(__name__)

FOLDER = "pictures"  # of a report
MAX_SIDE = 160
QUALITY = 80  # of the JPEG


@dataclass(frozen=True)
class Rendering:
    """A small JPEG of a picture.

    Attributes:
        file: its path within the report's folder, with "/"; "" where the picture cannot be read.
        width, height: in pixels.
    """

    file: str
    width: int
    height: int


MISSING = Rendering("", 0, 0)


def render(
    pictures: Iterable[Picture],
    folder: Path,
    *,
    max_side: int = MAX_SIDE,
    limits: Limits = DEFAULT_LIMITS,
    workers: int = 0,
) -> Mapping[Picture, Rendering]:
    """Write a small JPEG of each picture, cropped and distorted as it is meant.

    Those that are there already, from other tables of the same report, stay.

    Args:
        pictures: of a task; each is made once, however often it comes.
        folder: of the report.
        max_side: the longer side is reduced to this many pixels.
        limits: what is refused before any pixel is decoded.
        workers: threads; 0 for one on each core.

    Returns:
        Where each is; MISSING for those that can no longer be read.
    """
    wanted = list(dict.fromkeys(pictures))
    named: dict[str, Picture] = {_name(each): each for each in wanted}
    (folder / FOLDER).mkdir(exist_ok=True)
    threads = worker_count(workers)
    made = in_order(
        lambda entry: _rendered(entry[1], folder / FOLDER / entry[0], max_side, limits),
        named.items(),
        workers=threads,
        ahead=2 * threads,
    )
    by_name = dict(zip(named, made, strict=True))
    return {each: by_name[_name(each)] for each in wanted}


def _rendered(picture: Picture, file: Path, max_side: int, limits: Limits) -> Rendering:
    """Write one rendering, or find the one that is there."""
    try:
        if not file.is_file():
            file.write_bytes(_small(picture, max_side, limits))
        header = inspect(file)
    except (ImageError, OSError) as error:
        log.warning("%s is not shown: %s", picture.name, error)
        return MISSING
    return Rendering(f"{FOLDER}/{file.name}", header.width, header.height)


def _small(picture: Picture, max_side: int, limits: Limits) -> bytes:
    if picture.crop is None and not picture.distortion:
        return reencode(picture.file, max_side=max_side, quality=QUALITY, limits=limits)
    pixels = decode(picture.file, crop=picture.crop, limits=limits)
    if picture.distortion:
        pixels = DISTORTIONS[picture.distortion](pixels)
    return _jpeg(pixels, max_side)


def _jpeg(pixels: Pixels, max_side: int) -> bytes:
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((max_side, max_side), Image.Resampling.BILINEAR, reducing_gap=2.0)
    content = BytesIO()
    image.save(content, "JPEG", quality=QUALITY)
    return content.getvalue()


def _name(picture: Picture) -> str:
    """Name a rendering by the content that is shown, and by what was done to it."""
    if picture.crop is None and not picture.distortion and picture.sha256:
        return f"{picture.sha256[:16]}.jpg"
    done = repr((picture.sha256 or str(picture.file), picture.crop, picture.distortion))
    return f"{sha256(done.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}.jpg"
