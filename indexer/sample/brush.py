"""Brush strokes: repaints a scene of colours with thousands of loaded, oriented strokes."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from indexer.sample.canvas import BOX, Field, Rng, Shape, blur, noise, resize, slopes
from indexer.sample.scene import Scene

Reals = NDArray[np.float64]
Whole = NDArray[np.int64]

TURNS = 24
KINDS = 6


@dataclass(frozen=True)
class Stamp:
    """All footprints of one brush: turned TURNS ways, in KINDS kinds.

    Attributes:
        dx, dy: int32 (TURNS * KINDS, pixels), offsets from the stroke's middle.
        paint: float32 of that shape, thickness of the paint.
    """

    dx: NDArray[np.int32]
    dy: NDArray[np.int32]
    paint: Field


@dataclass(frozen=True)
class Layer:
    """One pass over the canvas.

    Attributes:
        radius, length: half width and half length of a stroke, in pixels.
        cover: how often the canvas is covered.
        focus: 0 paints everywhere, 1 only where there is detail.
    """

    radius: float
    length: float
    cover: float
    focus: float


@lru_cache(maxsize=32)
def stamp(radius: float, length: float) -> Stamp:
    """Cut the footprints of a brush of half width `radius` and half length `length`, in pixels."""
    rng = np.random.default_rng([int(radius * 100), int(length * 100)])
    half = int(length + radius + 2)
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    found = []
    for turn in range(TURNS):
        angle = np.pi * turn / TURNS
        u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        for kind in range(KINDS):
            bend = (kind % 3 - 1) * 0.16 * radius
            w = (v + bend * ((u / length) ** 2 - 0.4) * 2) / radius
            bristle = np.interp(w, np.linspace(-1, 1, 9), rng.uniform(0.2, 1, 9))
            # Bristles lift one after the other, so that both ends are ragged.
            reach = np.interp(w, np.linspace(-1, 1, 9), rng.uniform(0.72, 1.0, 9))
            inside = (np.abs(w) <= 1) & (np.abs(u) <= length * reach)
            paint = bristle * (1 - 0.45 * (u / length)) * (1.05 - 0.35 * w**2)
            found.append((x[inside], y[inside], paint[inside]))
    most = max(len(one[0]) for one in found)
    dx, dy, paint = (np.stack([np.resize(one[i], most) for one in found]) for i in range(3))
    return Stamp(dx.astype(np.int32), dy.astype(np.int32), paint.astype(np.float32))


def repaint(
    scene: Scene, rng: Rng, layers: tuple[Layer, ...], lively: float, scale: float = 1.4
) -> tuple[Field, Field]:
    """Paint a scene of colours stroke by stroke.

    Args:
        scene: with colours (height, width, 3).
        rng: generator of the strokes.
        layers: passes, coarse to fine; sizes in pixels of the picture.
        lively: how much neighbouring strokes differ in colour.
        scale: the work is done on a canvas larger by this factor.

    Returns:
        The colours (height, width, 3), and the thickness of the paint (height, width).
    """
    height, width = round(scene.shape[0] * scale), round(scene.shape[1] * scale)
    pad = 64
    row = width + 2 * pad
    top = np.zeros((height + 2 * pad) * row, dtype=np.int32)
    bump = np.zeros(top.shape, dtype=np.float32)
    colours = [np.zeros((1, 3), dtype=np.float32)]
    direction, detail = _directions(scene), _detail(scene)
    used = 1
    for layer in layers:
        x, y, here = _positions(scene.shape, layer, detail, rng)
        brush = stamp(layer.radius * scale, layer.length * scale)
        turn = direction[here] + rng.normal(0, 0.13, len(x))
        kind = np.mod(np.rint(turn / np.pi * TURNS), TURNS).astype(np.int64) * KINDS
        kind += rng.integers(0, KINDS, len(x))
        start = ((y * scale).astype(np.int32) + pad) * row + (x * scale).astype(np.int32) + pad
        at = (start[:, None] + (brush.dy * row + brush.dx)[kind]).ravel()
        top[at] = np.arange(used, used + len(x), dtype=np.int32).repeat(brush.dx.shape[1])
        bump[at] = brush.paint[kind].ravel() * np.float32(0.5 + 0.2 * layer.radius)
        colours.append(_load(scene.value[here], rng, lively))
        used += len(x)
    inner = np.s_[pad : pad + height, pad : pad + width]
    which = top.reshape(-1, row)[inner]
    seen = np.concatenate(colours).astype(np.float32)[which]
    bare = np.nonzero(which == 0)
    seen[bare] = scene.value[(bare[0] / scale).astype(int), (bare[1] / scale).astype(int)]
    thick = bump.reshape(-1, row)[inner]
    seen = np.stack([resize(seen[..., c], scene.shape, BOX) for c in range(3)], -1)
    return seen, resize(thick, scene.shape, BOX)


def _positions(
    shape: Shape, layer: Layer, detail: Field, rng: Rng
) -> tuple[Reals, Reals, tuple[Whole, Whole]]:
    """Scatter strokes; return x, y and the pixels (rows, columns) that they start from."""
    area = 4 * layer.radius * layer.length
    count = int(layer.cover * shape[0] * shape[1] / area)
    x, y = rng.uniform(0, shape[1], count), rng.uniform(0, shape[0], count)
    here = y.astype(np.int64), x.astype(np.int64)
    keep = rng.random(count) < 1 - layer.focus * (1 - detail[here])
    return x[keep], y[keep], (here[0][keep], here[1][keep])


def _directions(scene: Scene) -> Field:
    """Follow the roundness of shapes where there is some, the layer's own direction elsewhere."""
    slope_y, slope_x = slopes(scene.relief)
    along = np.arctan2(slope_x, -slope_y)
    steep = np.hypot(slope_x, slope_y) > 0.012
    return np.where(steep, along, scene.directions()).astype(np.float32)


def _detail(scene: Scene) -> Field:
    """Return 1 where colours change within a few pixels, 0 where they are calm."""
    tone = scene.value.mean(-1)
    change = np.abs(tone - blur(tone, 5)) + np.abs(
        scene.value[..., 0] - blur(scene.value[..., 0], 5)
    )
    return np.clip(blur(change, 3) * 16, 0, 1)


def _load(colours: Field, rng: Rng, lively: float) -> Field:
    """Vary the colour that each stroke (n, 3) carries."""
    bright = rng.normal(0, 0.045, (len(colours), 1))
    tint = rng.normal(0, 0.035, (len(colours), 3))
    return np.asarray(
        colours * (1 + lively * bright) + lively * (0.4 * bright + tint) * 0.9, dtype=np.float32
    )


def varnish(
    colour: Field, thick: Field, rng: Rng, *, relief: float, weave: float, amber: float
) -> Field:
    """Light the paint from the upper left, let the canvas show, and age the varnish.

    Args:
        colour: float32 (height, width, 3).
        thick: thickness of the paint, float32 (height, width).
        rng: generator.
        relief: strength of the light on the paint's ridges.
        weave: strength of the canvas's threads.
        amber: yellowing, 0 to 1.
    """
    height, width = thick.shape
    slope_y, slope_x = slopes(thick)
    light = np.clip((slope_x + slope_y) * relief, -0.2, 0.3)
    threads = np.sin(np.arange(width) * 2.2)[None, :] * np.sin(np.arange(height) * 2.2)[:, None]
    light = light + weave * threads * np.clip(1.1 - thick, 0.2, 1)
    light += 0.012 * noise(rng, thick.shape, 150, 2)
    tint = 1 - amber * np.array([0.02, 0.09, 0.26], dtype=np.float32)
    return (
        np.asarray(
            colour * (1 + light[..., None]) + 0.25 * light[..., None] * 0.3, dtype=np.float32
        )
        * tint
    )
