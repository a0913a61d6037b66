"""What the drawings show: old trees and fishing boats."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from indexer.sample import shapes
from indexer.sample.canvas import Rng, noise, smoothstep
from indexer.sample.pen import Pen
from indexer.sample.scene import Scene
from indexer.sample.shapes import Points, moved, smooth, trace


@dataclass(frozen=True)
class Sheet:
    """What a motif draws on: its generators, a scene of tones, and a pen for single strokes."""

    plan: Rng
    rng: Rng
    scene: Scene
    pen: Pen

    def strokes(self, lines: Iterable[ArrayLike], width: float = 1.0, dark: float = 1.0) -> None:
        """Draw curves, each (points, 2), given in units of the picture's height."""
        self.pen.pressed([self.scene.pixels(line) for line in lines], width, dark)


def tree(s: Sheet) -> None:
    """Draw an old tree on a hillock."""
    plan, wide = s.plan, s.scene.width
    hill = shapes.ridge(plan, wide, 0.90, 0.012, 0.4)
    far = shapes.ridge(plan, wide, 0.80, 0.02, 0.4)
    s.scene.fill(shapes.ground(far), 0.08, 0.3, puff=0.03, width=0.5)
    s.scene.fill(shapes.ground(hill), 0.12, 0.5, puff=0.05, angle=0.1, width=0.8)
    x, lean = wide * plan.uniform(0.42, 0.58), plan.normal(-np.pi / 2, 0.1)
    grown = shapes.branches(
        plan, x, 0.91, plan.uniform(0.21, 0.25), lean, 6, plan.uniform(0.4, 0.6)
    )
    leafy = plan.random() < 0.55
    if leafy:
        for line, level in grown:
            if level == 2:
                bx, by = line[-1]
                r = plan.uniform(0.05, 0.085)
                outline = shapes.blob(plan, bx, by, r * 1.2, r, 0.4)
                s.scene.fill(outline, 0.12, 0.85, puff=0.035, angle=-0.7, width=0)
                s.strokes([outline[plan.integers(0, 24) :][:22]], 1.0, 0.8)
    for line, level in grown:
        if leafy and level < 3 and s.rng.random() < 0.7:
            continue
        width = 0.5 + 0.46 * level**1.75
        s.pen.stroke(s.scene.pixels(smooth(line, steps=4)), width, 0.42 if level > 3 else 0.75)
        side = moved(s.scene.pixels(smooth(line, steps=4)), width / 2, 0)
        s.pen.stroke(side, min(1.5, 0.3 + width / 3), 0.9)
    tufts = np.stack([plan.uniform(0, wide, 60), plan.uniform(0.9, 1, 60)], 1)
    blades = np.array(trace("0,0 0.004,-0.015 0.012,-0.028"))
    s.strokes(tufts[:, None] + blades * plan.uniform(0.5, 1.3, (60, 1, 1)), 0.8, 0.8)


def sailboat(s: Sheet) -> None:
    """Draw fishing boats off a coast."""
    plan, wide = s.plan, s.scene.width
    sea = plan.uniform(0.60, 0.68)
    cliff = shapes.ridge(plan, wide, sea - 0.05, 0.03, 0.45)
    s.scene.fill(shapes.ground(cliff), 0.10, 0.35, puff=0.03, angle=1.1, width=0.6)
    s.scene.fill([(-1, sea), (3, sea), (3, 2), (-1, 2)], 0.14, width=0)
    height, width = s.scene.shape
    low = np.clip(1 - np.arange(height) / height / sea, 0, 1)[:, None].astype(np.float32)
    cloud = smoothstep(-0.2, 0.9, noise(plan, (height * 2, width), 120, 4)[::2])
    s.scene.value[:] = np.where(s.scene.owner == 0, 0.34 * low * (1 - cloud) + 0.02, s.scene.value)
    s.scene.angles[0] = -0.7
    for size, x, y in (
        (0.5, plan.uniform(0.1, 0.25), sea + 0.03),
        (1.0, plan.uniform(0.52, 0.6), 0.82),
    ):
        _boat(s, wide * x, y, size)
    rows = plan.uniform(0, 1, 90) ** 0.7
    low_y = sea + 0.02 + (1 - sea) * rows
    left = plan.uniform(-0.1, wide, 90)
    reach = np.linspace(0, 1, 7)[None, :] * (0.05 + 0.22 * rows * plan.random(90))[:, None]
    swell = 0.005 * np.sin(reach * 60 + left[:, None] * 30)
    s.strokes(np.stack([left[:, None] + reach, low_y[:, None] + swell], -1), 0.9, 0.55)
    for _ in range(plan.integers(2, 6)):
        bird = smooth(trace("-0.022,-0.008 -0.01,-0.014 0,0 0.012,-0.016 0.026,-0.008"))
        s.strokes(
            shapes.place(bird, plan.uniform(0.1, wide), plan.uniform(0.08, 0.35), 0.8)[None], 1.1
        )


def _boat(s: Sheet, x: float, y: float, size: float) -> None:
    plan = s.plan

    def put(points: object) -> Points:
        return shapes.place(np.asarray(points), x, y, size)

    tilt = plan.normal(0.0, 0.02)
    mast = np.array([(0.0, 0.0), (0.01 + tilt, -0.62)])
    sail = smooth(trace("0.015,-0.58 0.13,-0.42 0.235,-0.14 0.11,-0.09 0.015,-0.1"), steps=6)
    jib = smooth(trace("-0.005,-0.56 -0.09,-0.33 -0.21,-0.08 -0.1,-0.075 -0.012,-0.1"), steps=6)
    s.scene.fill(put(jib), 0.0, 0.35, puff=0.09 * size, angle=1.2)
    s.scene.fill(put(sail), 0.03, 0.55, puff=0.11 * size, angle=1.2)
    s.strokes(put(mast)[None], 2.4 * size)
    hull = smooth(trace("-0.27,-0.065 -0.2,0.02 -0.05,0.045 0.14,0.035 0.235,-0.05"))
    deck = smooth(trace("0.235,-0.05 0.1,-0.03 -0.1,-0.03 -0.27,-0.065"))
    s.scene.fill(
        put(np.concatenate([hull, deck])), 0.45, 0.95, puff=0.05 * size, angle=0.25, width=1.3
    )
    for low in (0.012, 0.026):
        s.strokes(put(hull[3:-3] - (0, low))[None], 0.7)
    mirror = np.linspace(0, 1, 26)[:, None] * (0, 0.24)
    half = 0.22 * (1 - np.linspace(0, 0.8, 26)) * plan.uniform(0.6, 1, 26)
    steps = np.linspace(-1, 1, 6)[None, :, None] * np.stack([half, 0 * half], 1)[:, None]
    wave = plan.normal(0, 0.004, (26, 6, 2))
    s.strokes(
        put((steps + mirror[:, None] + (0, 0.045) + wave).reshape(-1, 2)).reshape(26, 6, 2),
        1.0,
        0.8,
    )
