"""What a student is shown: ever different crops of pictures, in batches, always repeatable."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.engines.base import UInt8
from models.parallel import in_order, worker_count
from models.training.pictures import Pictures

CROP_AREA = (0.15, 1.0)
"""Least and greatest part of a picture's area that a crop shows."""

CROP_RATIO = (3 / 4, 4 / 3)
"""Least and greatest width to height of what a crop shows."""

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
) -> Iterator[tuple[UInt8, UInt8]]:
    """Show pictures as random crops, in batches.

    Args:
        pictures: where they are taken from.
        order: which of them are shown, one behind the other; the last few that fill no batch
            are left out.
        sizes: sides of the two views of each crop, in pixels.
        batch_size: crops in a batch.
        seed: the same seed gives the same crops, batch by batch.
        start: the first batch that is wanted.

    Yields:
        The student's and the teacher's view: uint8 (batch_size, size, size, 3) each.
    """

    def prepare(batch: int) -> tuple[UInt8, UInt8]:
        generator = np.random.default_rng((*seed, batch))
        chosen = order[batch * batch_size : (batch + 1) * batch_size]
        crops = [random_crop(pictures[at], generator) for at in chosen]
        return views(crops, sizes)

    numbers, threads = range(start, len(order) // batch_size), worker_count(0)
    return in_order(prepare, numbers, workers=threads, ahead=max(AHEAD, threads))


@dataclass(frozen=True)
class Crop:
    """A part of a picture.

    Attributes:
        picture: uint8 (height, width, 3).
        box: left, top, right and bottom in the picture, in pixels.
        mirrored: whether left and right change places.
    """

    picture: UInt8
    box: tuple[float, float, float, float]
    mirrored: bool

    def at(self, size: int) -> UInt8:
        """Return the crop squashed to a square (size, size, 3)."""
        image = Image.fromarray(self.picture)
        seen = np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=self.box))
        return seen[:, ::-1] if self.mirrored else seen


def random_crop(picture: UInt8, generator: np.random.Generator) -> Crop:
    """Choose a random part of a picture (height, width, 3), mirrored half of the time.

    Source: Szegedy et al., "Going Deeper with Convolutions", 2015, section 6.
    """
    height, width = picture.shape[:2]
    area = width * height * generator.uniform(*CROP_AREA)
    ratio = np.exp(generator.uniform(*np.log(CROP_RATIO)))
    crop_width = min(width, np.sqrt(area * ratio))
    crop_height = min(height, np.sqrt(area / ratio))
    left = generator.uniform(0, width - crop_width)
    top = generator.uniform(0, height - crop_height)
    box = (left, top, left + crop_width, top + crop_height)
    return Crop(picture, box, bool(generator.random() < 0.5))


def whole(picture: UInt8) -> Crop:
    """Return all of a picture (height, width, 3), as an index reads it."""
    return Crop(picture, (0, 0, picture.shape[1], picture.shape[0]), False)


def views(crops: Sequence[Crop], sizes: Sizes) -> tuple[UInt8, UInt8]:
    """Return what student and teacher see of crops: uint8 (n, size, size, 3) each."""
    shown, described = (np.stack([crop.at(size) for crop in crops]) for size in sizes)
    return shown, described
