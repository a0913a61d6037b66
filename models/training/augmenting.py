"""Shows pictures otherwise than they are: mirrored, cropped, turned, and in other colours.

A layer of Keras does it while a network learns; variants of pictures that are kept on disk are
made by Pillow, which takes a tenth of the time. What is drawn and how it is meant is the same for
both, in functions that compute with NumPy or with Keras, whichever they are handed. Where a turned
picture has no pixels, its own are mirrored.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.engines.base import UInt8
from models.engines.keras import import_keras

VERSION = 1
"""Raised whenever variants would be others, so that those kept on disk are not used again."""

DRAWN = 9
"""Numbers that chance draws for each picture."""

RATIO = 4 / 3
"""Greatest width to height of what a crop shows, and the inverse of the least."""

GREY = np.array([0.299, 0.587, 0.114], np.float32)
"""What red, green and blue count in a pixel's brightness: ITU-R BT.601."""

Move = tuple[float, float, float]


@dataclass(frozen=True)
class Strength:
    """How much pictures are changed.

    Attributes:
        flip: whether half of them are mirrored, left to right.
        crop: least part of the area that is shown, above 0; 1 for all of it always.
        colour: by which part brightness, contrast and saturation are raised or lowered at most.
        degrees: by which pictures are turned at most, either way.
    """

    flip: bool = True
    crop: float = 0.5
    colour: float = 0.2
    degrees: float = 10.0


NORMAL = Strength()


def variants(
    pictures: UInt8, variant: int, seed: int, strength: Strength = NORMAL
) -> NDArray[np.uint8]:
    """Return a variant of each picture.

    It depends on the picture itself, the variant and the seed, and on nothing else: neither on
    the picture's place nor on the others.

    Args:
        pictures: uint8 (n, size, size, 3).
        variant: number of the variant; 0 for the pictures as they are.
        seed: of all chance, not negative.
        strength: how much they are changed.

    Returns:
        uint8 (n, size, size, 3).
    """
    if variant == 0:
        return pictures
    changed = np.empty_like(pictures)
    for at, picture in enumerate(pictures):
        changed[at] = changed_picture(picture, _chance(picture, variant, seed), strength)
    return changed


def augmentation(strength: Strength, seed: int) -> Any:
    """Return a Keras layer that changes pictures while a network learns, and never otherwise.

    It takes and gives uint8 (n, size, size, 3), and is put before a whole encoder.

    Args:
        strength: how much they are changed.
        seed: of all chance; where chance is belongs to the layer's variables.
    """
    keras = import_keras()

    class Augmentation(keras.layers.Layer):  # type: ignore[misc, name-defined]
        """Changes pictures while a network learns."""

        def __init__(self) -> None:
            super().__init__(name="augmentation", dtype="uint8")
            self.chance = keras.random.SeedGenerator(seed)

        def call(self, pictures: Any, training: bool = False) -> Any:
            """Return the pictures, changed where the network learns."""
            if not training:
                return pictures
            shape = (keras.ops.shape(pictures)[0], DRAWN)
            drawn = keras.random.uniform(shape, dtype="float32", seed=self.chance)
            return changed_tensor(pictures, drawn, strength)

        def compute_output_shape(self, input_shape: Any) -> Any:
            """Return the shape of what comes in."""
            return input_shape

    return Augmentation()


def changed_picture(
    picture: UInt8, drawn: NDArray[np.float32], strength: Strength
) -> NDArray[np.uint8]:
    """Change a picture by what chance has drawn for it, in Pillow.

    Args:
        picture: uint8 (size, size, 3).
        drawn: float32 (9,) in [0, 1).
        strength: how much it is changed.

    Returns:
        uint8 (size, size, 3).
    """
    seen = picture
    if _moves_any(strength):
        (a, b, left, c, d, top, *_), *_ = _moves(np, drawn[:, None], len(picture), strength)
        seen = _moved(picture, (a, b, left), (c, d, top))
    if strength.colour:
        pixels = _coloured(np, seen[None].astype(np.float32), drawn[6:, None], strength.colour)[0]
        seen = np.rint(pixels.clip(0, 255)).astype(np.uint8)
    return seen


def changed_tensor(pictures: Any, drawn: Any, strength: Strength) -> Any:
    """Change pictures as `changed_picture` does, in Keras.

    Args:
        pictures: Keras tensor or array (n, size, size, 3), 0 to 255.
        drawn: (n, 9) in [0, 1).
        strength: how much they are changed.

    Returns:
        Keras tensor uint8 (n, size, size, 3).
    """
    from keras import ops

    pixels = ops.cast(pictures, "float32")
    drawn = ops.transpose(ops.cast(drawn, "float32"))
    if _moves_any(strength):
        pixels = ops.image.affine_transform(
            pixels,
            _moves(ops, drawn, int(pictures.shape[1]), strength),
            interpolation="bilinear",
            fill_mode="reflect",
            data_format="channels_last",
        )
    if strength.colour:
        pixels = _coloured(ops, pixels, drawn[6:], strength.colour)
    return ops.cast(ops.round(ops.clip(pixels, 0, 255)), "uint8")


def _moves_any(strength: Strength) -> bool:
    return strength.flip or strength.crop < 1 or strength.degrees > 0


def _moves(ops: Any, drawn: Any, size: int, strength: Strength) -> Any:
    """Return (n, 8), by which Keras finds for each pixel the place that it shows.

    Source of the crop: Szegedy et al., "Going Deeper with Convolutions", 2015, section 6.

    Args:
        ops: numpy or keras.ops.
        drawn: (9, n) in [0, 1).
        size: of the pictures, in pixels.
        strength: how much they are changed.
    """
    area = strength.crop + (1 - strength.crop) * drawn[1]
    # Of the full area no other shape than the square can be shown.
    ratio = ops.power(ops.minimum(RATIO, 1 / area), 2 * drawn[2] - 1)
    width, height = ops.sqrt(area * ratio), ops.sqrt(area / ratio)
    middle = (size - 1) / 2
    left = middle + (2 * drawn[3] - 1) * (1 - width) * size / 2
    top = middle + (2 * drawn[4] - 1) * (1 - height) * size / 2
    mirrored = ops.where(drawn[0] < (0.5 if strength.flip else 0.0), -1.0, 1.0)
    angle = (2 * drawn[5] - 1) * float(np.deg2rad(strength.degrees))
    cosine, sine = ops.cos(angle), ops.sin(angle)
    a, b = width * cosine * mirrored, -width * sine
    c, d = height * sine * mirrored, height * cosine
    left, top = left - middle * (a + b), top - middle * (c + d)
    nothing = ops.zeros_like(area)
    return ops.stack([a, b, left, c, d, top, nothing, nothing], axis=1)


def _moved(picture: UInt8, across: Move, down: Move) -> NDArray[np.uint8]:
    """Show for each pixel (x, y) the place (a·x + b·y + c for each of two moves) of a picture."""
    size = len(picture)
    corners = [(x, y) for x in (0, size - 1) for y in (0, size - 1)]
    places = [a * x + b * y + c for a, b, c in (across, down) for x, y in corners]
    over = max(0, int(np.ceil(max(-min(places), max(places) - (size - 1)))) + 1)
    wider = np.pad(picture, ((over, over), (over, over), (0, 0)), mode="symmetric")
    # Pillow counts places from the corner of the first pixel, and not from its middle.
    coefficients = [
        value for a, b, c in (across, down) for value in (a, b, c + over + 0.5 - (a + b) / 2)
    ]
    seen = Image.fromarray(wider).transform(
        (size, size), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(seen)


def _coloured(ops: Any, pixels: Any, drawn: Any, most: float) -> Any:
    """Raise or lower brightness, contrast and saturation (3, n) of pixels (n, size, size, 3)."""
    factors = (1 + most * (2 * drawn - 1))[:, :, None, None, None]
    brightness, contrast, saturation = factors[0], factors[1], factors[2]
    grey = ops.sum(pixels * GREY, axis=-1, keepdims=True)
    pixels = grey + saturation * (pixels - grey)
    mean = ops.mean(grey, axis=(1, 2), keepdims=True)
    return brightness * (mean + contrast * (pixels - mean))


def _chance(picture: UInt8, variant: int, seed: int) -> NDArray[np.float32]:
    """Return what chance draws for a variant of a picture, (9,)."""
    content = int.from_bytes(blake2b(picture.tobytes(), digest_size=16).digest(), "big")
    return np.random.default_rng((seed, variant, content)).random(DRAWN, np.float32)
