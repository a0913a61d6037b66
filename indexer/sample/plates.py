"""What the engravings show: castles and ships; and skies, water, rocks and trees for all."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from indexer.sample import shapes
from indexer.sample.canvas import Rng, grid, noise, smoothstep
from indexer.sample.scene import Scene
from indexer.sample.shapes import Points, moved, smooth


@dataclass(frozen=True)
class Plate:
    """What a motif is cut into: its generators and a scene of tones."""

    plan: Rng
    rng: Rng
    scene: Scene

    def lines(self, lines: Iterable[ArrayLike], width: float = 1.0) -> None:
        """Cut single lines (n, points, 2), given in units of the picture's height."""
        for line in lines:
            self.scene.line(line, width)


def sky(p: Plate, low: float = 0.06, high: float = 0.5, horizon: float = 0.7) -> None:
    """Rule a sky, darker towards the top, with bright clouds."""
    _, y = grid(p.scene.shape)
    clouds = smoothstep(-0.3, 1.1, noise(p.plan, p.scene.shape, 130, 4, 0.55) + 0.2)
    shade = noise(p.plan, p.scene.shape, 90, 3)
    fade = np.clip(1 - y / horizon, 0, 1)
    p.scene.value[:] = low + high * fade * (1 - clouds) + 0.12 * clouds * smoothstep(0, 1.5, shade)


def water(p: Plate, level: float, tone: float = 0.5) -> None:
    """Lay calm or choppy water below a level, with streaks of light."""
    shape = p.scene.shape
    _, y = grid(shape)
    streaks = noise(p.plan, (shape[0] * 3, shape[1] // 3 + 2), 34, 3)
    ripples = np.asarray(np.repeat(streaks[::1], 3, 1)[: shape[0], : shape[1]]) * 0.22
    depth = np.clip((y - level) * 0.9, 0, 0.4)
    p.scene.fill([(-1, level), (4, level), (4, 2), (-1, 2)], tone, width=0.7)
    below = np.broadcast_to(y > level, shape) & (p.scene.owner == len(p.scene.angles) - 1)
    p.scene.value[below] = np.clip(tone - 0.2 + depth + ripples, 0.02, 1)[below]


def rock(
    p: Plate, outline: Points, tone: float = 0.2, angle: float = 1.0, puff: float = 0.05
) -> None:
    """Lay a rough, lit mass: a cliff, a hill, a heap of rubble."""
    p.scene.fill(
        outline,
        tone,
        0.95,
        puff=puff,
        angle=angle,
        texture=lambda box: 0.24 * noise(p.rng, box, 44, 4, 0.6),
    )


def castle(p: Plate) -> None:
    """Cut a castle on its rock above a river."""
    plan, wide = p.plan, p.scene.width
    sky(p)
    rock(p, shapes.ground(shapes.ridge(plan, wide, 0.64, 0.05, 0.5)), 0.12, 0.4)
    x = wide * plan.uniform(0.42, 0.6)
    cliff = [
        (x - 0.5, 1.2),
        (x - 0.44, 0.78),
        (x - 0.33, 0.68),
        (x - 0.30, 0.56),
        (x + 0.28, 0.54),
        (x + 0.34, 0.66),
        (x + 0.5, 0.74),
        (x + 0.6, 1.2),
    ]
    towers = [(-0.24, 0.09, 0.20), (-0.09, 0.11, 0.36), (0.05, 0.08, 0.27), (0.20, 0.10, 0.20)]
    for dx, w, h in towers:
        dx, h = dx + plan.normal(0, 0.012), h * plan.uniform(0.85, 1.15)
        _tower(p, x + dx, 0.59, w, h, bool(plan.random() < 0.6))
    wall = [(x - 0.29, 0.60), (x - 0.29, 0.49), (x + 0.27, 0.49), (x + 0.27, 0.60)]
    p.scene.fill(wall, 0.22, angle=0.0, width=1.0)
    _merlons(p, x - 0.29, x + 0.27, 0.49)
    p.scene.fill(
        np.concatenate(
            [shapes.arc(x, 0.555, 0.03, 0.04, -np.pi, 0), [(x + 0.03, 0.62), (x - 0.03, 0.62)]]
        ),
        0.95,
    )
    rock(p, np.array(cliff) + plan.normal(0, 0.012, (8, 2)), 0.16, 1.25, 0.07)
    water(p, plan.uniform(0.82, 0.86))
    near = shapes.ridge(plan, wide, 0.97, 0.03, 0.5)
    rock(p, shapes.ground(near), 0.5, 0.4, 0.03)
    tree(p, wide * plan.choice((0.10, 0.9)), 0.97, plan.uniform(0.30, 0.42))


def _tower(p: Plate, x: float, y: float, w: float, h: float, pointed: bool) -> None:
    top, r = y - h, w / 2
    p.scene.fill(
        [(x - r, y), (x - r, top), (x + r, top), (x + r, y)], 0.05, 0.85, puff=r * 0.9, angle=0.0
    )
    if pointed:
        roof = [(x - r * 1.2, top), (x, top - w * 1.25), (x + r * 1.2, top)]
        p.scene.fill(roof, 0.35, 0.95, puff=r * 0.7, angle=1.3)
        p.lines(np.array([[(x, top - w * 1.2), (x, top - w * 1.6)]]))
    else:
        _merlons(p, x - r * 1.15, x + r * 1.15, top)
    for v in np.arange(0.25, 0.8, 0.22):
        slit = [(-0.006, -0.02), (0.006, -0.02), (0.006, 0.02), (-0.006, 0.02)]
        p.scene.fill(
            shapes.place(slit, x + p.plan.normal(0, r * 0.3), top + v * h), 0.98, width=0.6
        )


def _merlons(p: Plate, left: float, right: float, y: float) -> None:
    steps = np.arange(left, right, 0.022)
    for x in steps:
        p.scene.fill(
            [(x, y + 0.012), (x, y - 0.014), (x + 0.012, y - 0.014), (x + 0.012, y + 0.012)],
            0.3,
            width=0.7,
        )


def tree(p: Plate, x: float, y: float, height: float) -> None:
    """Cut a leafy tree, as a framing mass at the picture's side."""
    plan = p.plan
    trunk = smooth([(x - 0.02, y), (x - 0.012, y - height * 0.5), (x + 0.01, y - height)])
    p.scene.fill(
        np.concatenate([trunk, (moved(trunk, 0.022, 0))[::-1]]), 0.5, 0.9, puff=0.01, angle=1.4
    )
    for _ in range(11):
        dx, dy = plan.normal(0, height * 0.20), plan.uniform(-1.15, -0.5) * height
        r = height * plan.uniform(0.12, 0.22)
        outline = shapes.blob(plan, x + dx, y + dy, r * 1.15, r * 0.8, 0.4)
        p.scene.fill(
            outline,
            0.15,
            1.0,
            puff=r * 0.6,
            angle=-0.6,
            width=0.6,
            texture=lambda box: 0.3 * noise(p.rng, box, 9, 2),
        )


def ship(p: Plate) -> None:
    """Cut a three-master under sail on a rough sea."""
    plan, wide = p.plan, p.scene.width
    sky(p, 0.08, 0.65, 0.85)
    size, x, y = plan.uniform(0.92, 1.05), wide / 2 + plan.normal(0, 0.04), 0.765
    heel = plan.normal(0.03, 0.025)

    def put(points: object) -> Points:
        return shapes.place(np.asarray(points), x, y, size, heel)

    rock(p, shapes.ground(shapes.ridge(plan, wide, 0.745, 0.02, 0.5)), 0.2, 0.2, 0.02)
    water(p, 0.75, 0.42)
    for mast, top in ((-0.24, 0.50), (0.0, 0.62), (0.22, 0.54)):
        p.scene.fill(
            put([(mast - 0.006, 0), (mast - 0.004, -top), (mast + 0.004, -top), (mast + 0.006, 0)]),
            0.8,
        )
        shrouds = [[(mast + dx, -0.02), (mast, -top * 0.8)] for dx in (-0.08, -0.05, 0.05, 0.08)]
        p.lines(np.array([put(line) for line in shrouds]), 0.6)
        for low, high, half in ((0.10, 0.30, 0.105), (0.31, 0.46, 0.085), (0.47, 0.58, 0.06)):
            low, high = low * top / 0.6, high * top / 0.6
            b = 0.025
            sail = smooth(
                [
                    (mast - half, -low),
                    (mast - half * 0.9 + b, -(low + high) / 2),
                    (mast - half * 0.8, -high),
                ],
                steps=6,
            )
            other = smooth(
                [
                    (mast + half * 0.8, -high),
                    (mast + half * 1.0 + b, -(low + high) / 2),
                    (mast + half, -low),
                    (mast + b, -low - 0.028),
                ],
                steps=6,
            )
            p.scene.fill(
                put(np.concatenate([sail, other])), 0.0, 0.7, puff=0.05, angle=1.35, width=0.9
            )
        flag = [
            (mast, -top),
            (mast + 0.05, -top - 0.012),
            (mast + 0.09, -top + 0.005),
            (mast + 0.05, -top + 0.012),
            (mast, -top + 0.02),
        ]
        p.scene.fill(put(smooth(flag)), 0.6, width=0.7)
    jib = [(0.25, -0.42), (0.47, -0.12), (0.27, -0.10)]
    p.scene.fill(put(smooth(jib)), 0.05, 0.6, puff=0.04, angle=1.1)
    p.lines(
        np.array([put([(0.3, -0.05), (0.52, -0.14)]), put([(0.22, -0.52), (0.52, -0.14)])]), 1.2
    )
    hull = [
        (-0.40, -0.165),
        (-0.385, -0.02),
        (-0.33, 0.05),
        (0.25, 0.055),
        (0.34, 0.0),
        (0.38, -0.07),
        (0.28, -0.045),
        (0.0, -0.03),
        (-0.22, -0.06),
        (-0.24, -0.12),
    ]
    p.scene.fill(put(hull), 0.35, 0.95, puff=0.06, angle=0.05, width=1.2)
    for dy in (-0.015, 0.01):
        p.lines(put([(-0.375, -0.05 + dy), (0.0, 0.005 + dy), (0.34, -0.04 + dy)])[None], 1.6)
    for u in np.linspace(-0.31, 0.25, 10):
        p.scene.fill(
            put(np.array([(u, -0.012), (u + 0.02, -0.012), (u + 0.02, 0.006), (u, 0.006)])),
            1.0,
            width=0.6,
        )
    _waves(p, wide)


def _waves(p: Plate, wide: float) -> None:
    for y in np.linspace(0.80, 1.04, 6):
        t = np.linspace(-0.1, wide + 0.1, 120)
        phase = p.plan.uniform(0, 6)
        size = 0.012 + 0.09 * (y - 0.78)
        crest = size * (
            np.abs(np.sin(t * 6.5 / (0.5 + y - 0.7) + phase)) ** 1.5 + 0.4 * np.sin(t * 9 + phase)
        )
        p.scene.fill(
            shapes.ground(np.stack([t, y - crest], 1)),
            0.05,
            0.95,
            puff=0.022 + size * 0.5,
            angle=-0.2,
            texture=lambda box: 0.25 * noise(p.rng, box, 30, 3),
            width=0.8,
        )
