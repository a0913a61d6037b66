"""Fields, noise, paper and light: what every drawn sample picture is made of."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

Rng = np.random.Generator
Field = NDArray[np.float32]
Shape = tuple[int, int]

BICUBIC = Image.Resampling.BICUBIC
BOX = Image.Resampling.BOX


def frame(plan: Rng, rng: Rng, aspects: tuple[float, ...]) -> Shape:
    """Choose a picture's height and width, in pixels; variants differ by a few pixels of crop.

    Args:
        plan: the composition's generator.
        rng: the picture's generator.
        aspects: widths over heights to choose from.
    """
    long_side = int(plan.integers(346, 421)) - int(rng.integers(0, 20))
    aspect = float(plan.choice(aspects)) * float(rng.uniform(0.97, 1.03))
    if aspect >= 1:
        return round(long_side / aspect), long_side
    return long_side, round(long_side * aspect)


def grid(shape: Shape) -> tuple[Field, Field]:
    """Return open grids x (1, width) and y (height, 1) in units of the picture's height."""
    height, width = shape
    x = (np.arange(width, dtype=np.float32) + np.float32(0.5)) / np.float32(height)
    y = (np.arange(height, dtype=np.float32) + np.float32(0.5)) / np.float32(height)
    return x[None, :], y[:, None]


def resize(field: Field, shape: Shape, how: Image.Resampling = BICUBIC) -> Field:
    """Resample a float32 field (height, width) to another shape."""
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), how), dtype=np.float32)


def noise(rng: Rng, shape: Shape, cell: float, octaves: int = 4, gain: float = 0.5) -> Field:
    """Make smooth noise of mean 0 and standard deviation near 1.

    Args:
        rng: generator.
        shape: height and width, in pixels.
        cell: size of the largest spots, in pixels.
        octaves: how many times the spots are halved and added.
        gain: weight of an octave against the one before.

    Returns:
        float32 (height, width).
    """
    # One draw whatever the shape, and cells dealt from a larger sheet: variants of slightly
    # different size then keep the same clouds, and all that is drawn after them.
    cells_of = np.random.default_rng(int(rng.integers(2**62)))
    sheet = [128 * (side // 128 + 1) for side in shape]
    total = np.zeros(shape, dtype=np.float32)
    power = 0.0
    for octave in range(octaves):
        size = cell / 2**octave
        if size < 1:
            break
        rows, columns = (int(side / size) + 3 for side in sheet)
        cells = cells_of.standard_normal((rows, columns), dtype=np.float32)
        seen = cells[: int(shape[0] / size) + 3, : int(shape[1] / size) + 3]
        total += gain**octave * resize(seen, shape)
        power += gain ** (2 * octave)
    return total / np.float32(0.75 * max(power, 1e-6) ** 0.5)


def blur(field: Field, radius: float) -> Field:
    """Blur a field by a Gaussian of about `radius` pixels, on a coarser grid where it is wide."""
    height, width = field.shape
    step = max(1.0, radius / 2)
    coarse = (max(2, round(height / step)), max(2, round(width / step)))
    small = resize(field, coarse, BOX) if step > 1 else field
    taps = np.exp(-0.5 * (np.arange(-4, 5) * step / radius) ** 2).astype(np.float32)
    small = _columns(_columns(small, taps / taps.sum()).T, taps / taps.sum()).T
    return resize(small, (height, width)) if step > 1 else small


def _columns(field: Field, taps: Field) -> Field:
    """Weigh each pixel with those above and below it; the border repeats."""
    rows, reach = len(field), len(taps) // 2
    padded = field[np.clip(np.arange(-reach, rows + reach), 0, rows - 1)]
    total = padded[:rows] * taps[0]
    for i, weight in enumerate(taps[1:], 1):
        total += padded[i : i + rows] * weight
    return np.asarray(total, dtype=np.float32)


def slopes(field: Field) -> tuple[Field, Field]:
    """Return how a field rises per pixel, downwards and to the right."""
    down, right = np.empty_like(field), np.empty_like(field)
    down[1:-1] = (field[2:] - field[:-2]) * np.float32(0.5)
    down[0], down[-1] = field[1] - field[0], field[-1] - field[-2]
    right[:, 1:-1] = (field[:, 2:] - field[:, :-2]) * np.float32(0.5)
    right[:, 0], right[:, -1] = field[:, 1] - field[:, 0], field[:, -1] - field[:, -2]
    return down, right


def smoothstep(low: float, high: float, value: Field) -> Field:
    """Rise from 0 at `low` to 1 at `high`, softly at both ends."""
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def mix(first: ArrayLike, second: ArrayLike, weight: NDArray[np.floating]) -> Field:
    """Blend two colours (3,) or pictures (height, width, 3) by a weight (height, width)."""
    a, b = np.asarray(first, dtype=np.float32), np.asarray(second, dtype=np.float32)
    mixed = np.empty((*weight.shape, 3), dtype=np.float32)
    # One channel at a time: NumPy is slow where the last axis is short.
    for channel in range(3):
        start, stop = a[..., channel], b[..., channel]
        mixed[..., channel] = start + (stop - start) * weight
    return mixed


def vary(rng: Rng, colour: ArrayLike, amount: float = 0.03) -> Field:
    """Return a colour near the given one, in its brightness and in each channel."""
    shift = rng.normal(0, amount) + rng.normal(0, amount / 3, 3)
    return np.clip(np.asarray(colour) + shift, 0, 1).astype(np.float32)


def paper(rng: Rng, shape: Shape, colour: ArrayLike, stain: float = 0.03) -> tuple[Field, Field]:
    """Make a sheet of old paper.

    Returns:
        The sheet, float32 (height, width, 3) in [0, 1], and its grain, float32 (height, width)
        of mean 0 and deviation 1, into which chalk bites.
    """
    grain = rng.standard_normal(shape, dtype=np.float32)
    grain = grain + np.roll(grain, 1, 0) + np.roll(grain, 1, 1)
    grain = (grain / np.float32(1.73)) + 0.5 * noise(rng, shape, 5, 2)
    tone = stain * noise(rng, shape, 160, 4) + 0.010 * grain - 0.10 * edge(shape) ** 3
    warm = np.array([0.8, 1.0, 1.35], dtype=np.float32)
    return np.asarray(colour, dtype=np.float32) + tone[..., None] * warm, grain


def edge(shape: Shape) -> Field:
    """Return 0 in the middle of a picture, rising to 1 at its corners."""
    x = np.linspace(-1, 1, shape[1], dtype=np.float32)
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)
    return np.asarray(np.sqrt((x[None, :] ** 2 + y[:, None] ** 2) / 2), dtype=np.float32)


def cracks(rng: Rng, shape: Shape, cell: float, width: float = 1.0) -> Field:
    """Draw the net of fine cracks of old paint, as the borders of random cells.

    Args:
        rng: generator.
        shape: height and width, in pixels.
        cell: distance between cracks, in pixels.
        width: their width, in pixels.

    Returns:
        float32 (height, width), 1 on a crack and 0 beside it.
    """
    field = noise(rng, shape, cell, 3, 0.6)
    other = noise(rng, shape, cell * 1.3, 3, 0.6)
    lines = np.zeros(shape, dtype=np.float32)
    for one in (field, other):
        slope = np.hypot(*slopes(one)) + np.float32(1e-4)
        lines = np.maximum(lines, 1 - np.abs(one) / (slope * np.float32(width)))
    return np.clip(lines, 0, 1) * (noise(rng, shape, cell * 3, 2) > -0.4)


def to_image(colour: Field) -> Image.Image:
    """Turn float colours in [0, 1], (height, width, 3), into an RGB picture."""
    return Image.fromarray(
        (np.clip(np.asarray(colour, dtype=np.float32), 0, 1) * 255 + 0.5).astype(np.uint8), "RGB"
    )
