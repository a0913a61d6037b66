"""Hours of the day, skies, hills, trees and houses for the painted pictures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from indexer.sample import shapes
from indexer.sample.canvas import Rng, grid, mix, noise, smoothstep, vary
from indexer.sample.scene import Scene, Texture
from indexer.sample.shapes import Points, smooth, trace


@dataclass(frozen=True)
class Hours:
    """The colours of an hour of the day, from the zenith down to the trees, and the sun's glow."""

    zenith: tuple[float, float, float]
    horizon: tuple[float, float, float]
    cloud: tuple[float, float, float]
    shade: tuple[float, float, float]
    haze: tuple[float, float, float]
    grass: tuple[float, float, float]
    trees: tuple[float, float, float]
    glow: tuple[float, float, float]


NOON = Hours(
    (0.29, 0.50, 0.76),
    (0.74, 0.84, 0.90),
    (0.98, 0.97, 0.93),
    (0.62, 0.68, 0.77),
    (0.55, 0.66, 0.78),
    (0.55, 0.62, 0.24),
    (0.16, 0.28, 0.13),
    (1.0, 0.97, 0.85),
)


GOLD = Hours(
    (0.42, 0.55, 0.68),
    (0.97, 0.84, 0.58),
    (1.0, 0.90, 0.70),
    (0.70, 0.58, 0.52),
    (0.66, 0.60, 0.58),
    (0.70, 0.58, 0.20),
    (0.27, 0.25, 0.10),
    (1.0, 0.90, 0.60),
)


DUSK = Hours(
    (0.22, 0.25, 0.46),
    (0.95, 0.55, 0.36),
    (0.96, 0.66, 0.50),
    (0.42, 0.34, 0.48),
    (0.45, 0.38, 0.52),
    (0.36, 0.34, 0.20),
    (0.13, 0.15, 0.14),
    (1.0, 0.78, 0.45),
)


STORM = Hours(
    (0.36, 0.41, 0.46),
    (0.72, 0.74, 0.70),
    (0.82, 0.82, 0.79),
    (0.33, 0.36, 0.41),
    (0.45, 0.50, 0.53),
    (0.44, 0.47, 0.25),
    (0.14, 0.20, 0.13),
    (0.93, 0.92, 0.80),
)


HOURS = (NOON, GOLD, DUSK, STORM)


@dataclass(frozen=True)
class Easel:
    """What a motif is painted on: its generators, a scene of colours, and the hour's colours."""

    plan: Rng
    rng: Rng
    scene: Scene
    hour: Hours


def sky(e: Easel, horizon: float, sun: float | None = None) -> None:
    """Paint a sky with lit clouds down to the horizon, and a low sun at x = `sun`."""
    shape = e.scene.shape
    x, y = grid(shape)
    fade = np.broadcast_to(np.clip(y / horizon, 0, 1) ** 1.3, shape)
    air = mix(e.hour.zenith, e.hour.horizon, fade)
    if sun is not None:
        near = np.hypot(x - sun, (y - horizon + 0.10) * 1.2)
        air = mix(air, e.hour.glow, np.exp(-near * 5.0) * 0.8)
        air = mix(air, (1.0, 0.98, 0.85), smoothstep(0.046, 0.034, near))
    tall = noise(e.plan, (shape[0] * 2, shape[1]), 150, 5, 0.55)[::2]
    cover = smoothstep(0.1, 1.0, tall + e.plan.uniform(-0.3, 0.35))
    under = smoothstep(-0.3, 0.5, np.roll(tall, -9, 0) - tall + 0.4 * noise(e.plan, shape, 30, 2))
    clouds = mix(e.hour.cloud, e.hour.shade, under)
    e.scene.value[:] = mix(air, clouds, cover * 0.85 * (1 - 0.55 * fade**3))
    e.scene.flow[:] = 0.35 * noise(e.plan, shape, 120, 2)


def speckle(e: Easel, cell: float, strength: float) -> Texture:
    """Return a texture for a shape: spots of light and shade."""
    return lambda shape: np.float32(strength) * noise(e.rng, shape, cell, 3, 0.6)


def hills(
    e: Easel, levels: tuple[float, ...], height: float, colour: ArrayLike, rough: float = 0.42
) -> None:
    """Paint ranges of hills, the far ones lost in haze."""
    for i, level in enumerate(levels):
        far = 1 - (i + 0.3) / len(levels)
        tone = np.asarray(colour) * (1 - far) + np.asarray(e.hour.haze) * far
        line = shapes.ridge(e.plan, e.scene.width, level, height * (0.4 + 0.6 * far), rough)
        e.scene.fill(
            shapes.ground(line),
            vary(e.plan, tone + 0.06),
            tone * 0.72,
            puff=0.05,
            angle=0.15,
            texture=speckle(e, 40, 0.12),
        )


def foliage(
    e: Easel, x: float, y: float, r: float, light: ArrayLike, dark: ArrayLike, n: int = 7
) -> None:
    """Paint a tree's crown as heaps of leaves."""
    dots = speckle(e, 7, 0.22)
    for k in range(n):
        dx, dy = e.plan.normal(0, 0.42 * r), e.plan.uniform(-0.55, 0.45) * r
        outline = shapes.blob(e.plan, x + dx, y + dy, r * 0.62, r * 0.48, 0.35)
        lift = 0.75 + 0.25 * k / n
        e.scene.fill(
            outline,
            np.asarray(light) * lift,
            np.asarray(dark) * lift,
            puff=r * 0.42,
            angle=-0.6,
            texture=dots,
        )


def trunk(e: Easel, x: float, y: float, height: float, wide: float, colour: ArrayLike) -> None:
    """Paint a trunk from the ground at y upwards."""
    line = smooth(
        [
            (x, y),
            (x + e.plan.normal(0, 0.01), y - height * 0.5),
            (x + e.plan.normal(0, 0.01), y - height),
        ]
    )
    side = np.linspace(1, 0.5, len(line))[:, None] * (wide, 0)
    e.scene.fill(
        np.concatenate([line - side, (line + side)[::-1]]),
        colour,
        np.asarray(colour) * 0.4,
        puff=wide,
        angle=1.5,
    )


def cottage(e: Easel, x: float, y: float, size: float, wall: ArrayLike, roof: ArrayLike) -> None:
    """Paint a small house with its lower left corner at (x, y)."""

    def put(points: ArrayLike) -> Points:
        return shapes.place(points, x, y, size)

    e.scene.fill(put(trace("0,0 0,-0.5 0.35,-0.85 0.7,-0.5 0.7,0")), wall, angle=1.5)
    e.scene.fill(put(trace("0.7,0 0.7,-0.5 1.5,-0.5 1.5,0")), np.asarray(wall) * 0.72, angle=1.5)
    e.scene.fill(put(trace("0.3,-0.92 0.74,-0.45 1.56,-0.45 1.2,-0.92")), roof, angle=0.9)
    e.scene.fill(put(trace("-0.06,-0.44 0.33,-0.92 0.37,-0.86 0,-0.4")), np.asarray(roof) * 0.7)
    e.scene.fill(put(trace("1,-0.9 1,-1.2 1.14,-1.2 1.14,-0.9")), np.asarray(roof) * 0.8)
    for u in (0.25, 0.9, 1.2):
        e.scene.fill(
            put([(u, -0.15), (u, -0.38), (u + 0.16, -0.38), (u + 0.16, -0.15)]), (0.16, 0.13, 0.13)
        )
