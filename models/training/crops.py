"""What a student is shown: ever different crops of pictures, in batches, always repeatable."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.engines.base import UInt8
from models.parallel import in_order, worker_count
from models.training.pictures import Pictures
from models.turning import turned

CROP_AREA = (0.25, 1.0)
"""Least and greatest part of a picture's area that a crop shows."""

CROP_RATIO = (3 / 4, 4 / 3)
"""Least and greatest width to height of what a crop shows."""

TURNED_SHARE = 0.5
"""Part of the crops that are of a turned picture."""

MOST_TURNED = 15.0
"""By how many degrees pictures are turned at most, either way."""

DARKENED_SHARE = 0.5
"""Part of the crops that are darkened."""

DARKEST = 0.5
"""What the values of a darkened crop are multiplied by at least."""

AHEAD = 4
"""Batches, at least, that are prepared while one is learnt from: more where there are more cores,
since each batch is one core's work."""


Sizes = tuple[int, int]
"""Sides in pixels of what student and teacher see of the same crop."""


def batches(
    pictures: Pictures,
    order: NDArray[np.int64],
    *,
    sizes: Sizes,
    batch_size: int,
    seed: tuple[int, ...],
    start: int = 0,
) -> Iterator[tuple[UInt8, UInt8, NDArray[np.int64]]]:
    """Show two random crops of each picture, in batches.

    Args:
        pictures: where they are taken from.
        order: which of them are shown, one behind the other; the last few that fill no batch
            are left out.
        sizes: sides of the two views of each crop, in pixels.
        batch_size: crops in a batch, an even number.
        seed: the same seed gives the same crops, batch by batch.
        start: the first batch that is wanted.

    Yields:
        The student's and the teacher's view, uint8 (batch_size, size, size, 3) each, and which
        picture each crop is of, int64 (batch_size,).
    """

    at_once = batch_size // 2

    def prepare(batch: int) -> tuple[UInt8, UInt8, NDArray[np.int64]]:
        generator = np.random.default_rng((*seed, batch))
        chosen = np.repeat(order[batch * at_once : (batch + 1) * at_once], 2)
        crops = [random_crop(pictures[at], generator) for at in chosen.tolist()]
        return *views(crops, sizes), chosen

    numbers, threads = range(start, len(order) // at_once), worker_count(0)
    return in_order(prepare, numbers, workers=threads, ahead=max(AHEAD, threads))


@dataclass(frozen=True)
class Crop:
    """A part of a picture.

    Attributes:
        picture: uint8 (height, width, 3).
        box: left, top, right and bottom in the picture, in pixels.
        mirrored: whether left and right change places.
        brightness: what its values are multiplied by, at most 1.
    """

    picture: UInt8
    box: tuple[float, float, float, float]
    mirrored: bool
    brightness: float = 1.0

    def at(self, size: int) -> UInt8:
        """Return the crop squashed to a square (size, size, 3)."""
        image = Image.fromarray(self.picture)
        seen = np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=self.box))
        seen = seen[:, ::-1] if self.mirrored else seen
        return seen if self.brightness == 1 else _darkened(seen, self.brightness)


def random_crop(picture: UInt8, generator: np.random.Generator) -> Crop:
    """Choose a random part of a picture (height, width, 3), as copies differ from each other.

    It is mirrored half of the time, and often of the turned picture, or darkened. Source of the
    part: Szegedy et al., "Going Deeper with Convolutions", 2015, section 6.
    """
    if generator.random() < TURNED_SHARE:
        picture = turned(picture, generator.uniform(-MOST_TURNED, MOST_TURNED))
    height, width = picture.shape[:2]
    area = width * height * generator.uniform(*CROP_AREA)
    ratio = np.exp(generator.uniform(*np.log(CROP_RATIO)))
    crop_width = min(width, np.sqrt(area * ratio))
    crop_height = min(height, np.sqrt(area / ratio))
    left = generator.uniform(0, width - crop_width)
    top = generator.uniform(0, height - crop_height)
    box = (left, top, left + crop_width, top + crop_height)
    mirrored = bool(generator.random() < 0.5)
    darkened = generator.random() < DARKENED_SHARE
    return Crop(picture, box, mirrored, generator.uniform(DARKEST, 1) if darkened else 1.0)


def _darkened(seen: UInt8, brightness: float) -> UInt8:
    table = np.rint(brightness * np.arange(256)).astype(np.uint8)
    darker: UInt8 = table[seen]
    return darker


def whole(picture: UInt8) -> Crop:
    """Return all of a picture (height, width, 3), as an index reads it."""
    return Crop(picture, (0, 0, picture.shape[1], picture.shape[0]), False)


def views(crops: Sequence[Crop], sizes: Sizes) -> tuple[UInt8, UInt8]:
    """Return what student and teacher see of crops: uint8 (n, size, size, 3) each."""
    shown, described = (np.stack([crop.at(size) for crop in crops]) for size in sizes)
    return shown, described
