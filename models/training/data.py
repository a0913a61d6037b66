"""Pictures for training: decoded once, then shown as ever different crops."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL.Image import Image, Resampling, fromarray

from models.engines.base import Float32, UInt8
from models.errors import ImageError
from models.images import decode

log = logging.getLogger(__name__)

CROP_AREA = (0.15, 1.0)
"""Least and greatest part of a picture's area that a crop shows."""

CROP_RATIO = (3 / 4, 4 / 3)
"""Least and greatest width to height of what a crop shows."""


def load_pictures(sources: Sequence[Path], side: int) -> list[Image]:
    """Decode every picture below some folders and shrink it to a short side.

    Args:
        sources: folders; one that is named twice counts twice, which is how a small set is
            given more weight.
        side: the short side kept in memory, in pixels; smaller pictures stay as they are.

    Returns:
        Pillow images in RGB, in the order of the folders and of the names in them, without the
        files that are no picture.
    """
    files = [file for source in sources for file in sorted(source.rglob("*")) if file.is_file()]
    distinct = sorted(set(files))
    with ThreadPoolExecutor() as pool:
        loaded = pool.map(lambda file: _load(file, side), distinct)
        pictures = dict(zip(distinct, loaded, strict=True))
    return [picture for file in files if (picture := pictures[file]) is not None]


def _load(file: Path, side: int) -> Image | None:
    try:
        picture = fromarray(decode(file))
    except ImageError as error:
        log.info("left out: %s", error)
        return None
    scale = min(1.0, side / min(picture.size))
    width, height = (round(length * scale) for length in picture.size)
    return picture.resize((width, height), Resampling.BICUBIC)


def batches(
    pictures: Sequence[Image], *, size: int, batch_size: int, generator: np.random.Generator
) -> Iterator[Float32]:
    """Show every picture once, in random order, as random crops.

    Args:
        pictures: Pillow images in RGB.
        size: side of the crops, in pixels.
        batch_size: crops in a batch; the last few pictures that fill none are left out.
        generator: the source of all chance.

    Yields:
        Crops (batch_size, size, size, 3), float32 in [-1, 1].
    """
    order = generator.permutation(len(pictures))
    chunks = [order[i : i + batch_size] for i in range(0, len(order) - batch_size + 1, batch_size)]
    seeds = generator.integers(2**32, size=len(chunks))

    def prepare(chunk: np.ndarray, seed: int) -> Float32:
        chance = np.random.default_rng(seed)
        crops = np.stack([random_crop(pictures[i], size, chance) for i in chunk])
        return crops.astype(np.float32) / np.float32(127.5) - 1

    # One batch is prepared while the one before it is learnt from.
    with ThreadPoolExecutor(1) as pool:
        ahead = None
        for chunk, seed in zip(chunks, seeds, strict=True):
            following = pool.submit(prepare, chunk, seed)
            if ahead is not None:
                yield ahead.result()
            ahead = following
        if ahead is not None:
            yield ahead.result()


def random_crop(picture: Image, size: int, generator: np.random.Generator) -> UInt8:
    """Cut a random part out of a picture, squash it to a square, mirror it half of the time.

    Args:
        picture: Pillow image in RGB.
        size: side of the crop, in pixels.
        generator: the source of chance.

    Returns:
        Crop (size, size, 3), uint8. Source: Szegedy et al., "Going Deeper with Convolutions", 2015.
    """
    width, height = picture.size
    area = width * height * generator.uniform(*CROP_AREA)
    ratio = np.exp(generator.uniform(*np.log(CROP_RATIO)))
    crop_width = min(width, np.sqrt(area * ratio))
    crop_height = min(height, np.sqrt(area / ratio))
    left = generator.uniform(0, width - crop_width)
    top = generator.uniform(0, height - crop_height)
    box = (left, top, left + crop_width, top + crop_height)
    crop: UInt8 = np.asarray(picture.resize((size, size), Resampling.BILINEAR, box=box))
    return crop[:, ::-1] if generator.random() < 0.5 else crop
