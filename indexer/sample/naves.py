"""What the engravings show: the insides of great churches."""

import numpy as np

from indexer.sample import shapes
from indexer.sample.plates import Plate
from indexer.sample.shapes import Points, moved, smooth, trace


def nave(p: Plate) -> None:
    """Cut the inside of a great church, looking down its nave."""
    plan, wide = p.plan, p.scene.width
    centre = np.array([wide / 2 + plan.normal(0, 0.05), plan.uniform(0.58, 0.66)])
    half, rise, bays = wide * 0.56, plan.uniform(0.42, 0.5), int(plan.integers(6, 8))
    p.scene.value[:] = 0.62
    p.scene.fill([(-1, 2), (-1, centre[1]), (4, centre[1]), (4, 2)], 0.18, width=0)
    for k in range(bays):
        near = 0.80**k
        deep = 0.25 + 0.5 * k / bays
        _bay(p, centre, half * near, rise * near, near, deep if k < bays - 1 else 0.0, k % 2 == 0)
    _floor(p, centre, half)


def _bay(
    p: Plate, c: Points, half: float, rise: float, near: float, deep: float, even: bool
) -> None:
    spring, floor = c[1] - 0.16 * near, c[1] + 0.46 * near
    inner = half * 0.80
    pointed = smooth(
        trace("-1,0 -0.93,-0.42 -0.62,-0.83 0,-1.12 0.62,-0.83 0.93,-0.42 1,0"), steps=6
    )
    arch = pointed * (inner, rise) + (c[0], spring)
    opening = np.concatenate([arch, [(c[0] + inner, floor), (c[0] - inner, floor)]])
    p.scene.fill(opening, deep * 0.9, angle=0.9 if even else -0.9, width=1.0)
    for line in (0.93, 1.05):
        p.lines((pointed * (inner * line, rise * line) + (c[0], spring))[None], 0.8 * near + 0.2)
    for side in (-1, 1):
        x = c[0] + side * inner
        r = 0.05 * near * p.scene.width
        p.scene.fill(
            [(x - r, floor), (x - r, spring), (x + r, spring), (x + r, floor)],
            0.02,
            0.95,
            puff=r * 0.8,
            angle=0.0,
        )
        for y, size in ((spring, 1.45), (floor - 0.02 * near, 1.5)):
            box = np.array(
                [(-r, 0.018 * near), (-r, -0.018 * near), (r, -0.018 * near), (r, 0.018 * near)]
            ) * (size, 1)
            p.scene.fill(moved(box, x, y), 0.1, 0.7, puff=0.012, angle=0.0)


def _floor(p: Plate, c: Points, half: float) -> None:
    for u in np.linspace(-2.2, 2.2, 13):
        p.lines(
            np.array([[(c[0] + u * half * 0.22, c[1] + 0.11), (c[0] + u * half, c[1] + 0.5)]]), 0.5
        )
    for k in range(6):
        y = c[1] + 0.46 * 0.8**k
        p.lines(
            np.array([[(c[0] - half * 0.74 * 0.8**k, y), (c[0] + half * 0.74 * 0.8**k, y)]]), 0.5
        )
    for _ in range(p.plan.integers(2, 5)):
        x, near = c[0] + p.plan.uniform(-0.2, 0.2), p.plan.uniform(0.35, 0.6)
        _walker(p, x, c[1] + 0.46 * near, 0.26 * near)


def _walker(p: Plate, x: float, y: float, height: float) -> None:
    cloak = smooth(trace("-0.1,-0.8 0.1,-0.8 0.2,-0.3 0.22,0 -0.2,0 -0.18,-0.35"), closed=True)
    shadow = shapes.place(trace("-0.2,0 0.2,0 0.9,0.12 0.6,0.16"), x, y, height)
    p.scene.fill(shadow, 0.7, width=0, angle=0.1)
    p.scene.fill(shapes.place(cloak, x, y, height), 0.4, 1.0, puff=height * 0.1, angle=1.4)
    p.scene.fill(
        shapes.place(shapes.ellipse(0, -0.88, 0.075, 0.095), x, y, height),
        0.2,
        0.9,
        puff=height * 0.05,
    )
