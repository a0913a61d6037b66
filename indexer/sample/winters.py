"""Frozen villages for the painted pictures."""

import numpy as np
from numpy.typing import ArrayLike

from indexer.sample import shapes
from indexer.sample.canvas import mix, vary
from indexer.sample.shapes import Points, smooth, trace
from indexer.sample.vistas import Easel, cottage, sky, speckle


def winter(e: Easel) -> None:
    """Paint skaters on a frozen pond below a village in the snow."""
    plan, wide = e.plan, e.scene.width
    sky(e, 0.40)
    e.scene.value[:] = mix(
        e.scene.value, (0.84, 0.80, 0.72), np.full(e.scene.shape, 0.45, dtype=np.float32)
    )
    snow, shade = vary(e.rng, (0.93, 0.93, 0.92), 0.015), np.array([0.62, 0.68, 0.76])
    for level, height in ((0.42, 0.06), (0.50, 0.03), (0.57, 0.015)):
        line = shapes.ridge(plan, wide, level, height, 0.45)
        e.scene.fill(
            shapes.ground(line),
            snow * (0.85 + 0.25 * (level - 0.4)),
            shade,
            puff=0.05,
            angle=0.1,
            texture=speckle(e, 40, 0.2),
        )
    for hx in np.sort(plan.uniform(0.02, 0.9, 5)):
        cottage(
            e,
            wide * hx,
            plan.uniform(0.55, 0.62),
            plan.uniform(0.07, 0.11),
            vary(plan, (0.58, 0.42, 0.30), 0.04),
            snow,
        )
    _church(e, wide * plan.uniform(0.3, 0.65), 0.56, plan.uniform(0.16, 0.2), snow)
    ice = smooth(
        [
            (-0.3, 0.70),
            (wide * 0.4, 0.64),
            (wide + 0.3, 0.69),
            (wide + 0.3, 0.95),
            (wide * 0.55, 0.90),
            (-0.3, 0.98),
        ],
        closed=True,
    )
    e.scene.fill(
        ice,
        (0.74, 0.80, 0.80),
        (0.55, 0.64, 0.68),
        puff=0.05,
        angle=0.0,
        texture=speckle(e, 50, 0.25),
    )
    order = np.sort(plan.uniform(0.70, 0.93, 22))
    for y in order:
        _skater(e, wide * plan.uniform(0.03, 0.97), y, 0.075 + 0.22 * (y - 0.68))
    bank = shapes.ridge(plan, wide, 0.98, 0.02, 0.45)
    e.scene.fill(shapes.ground(bank), snow, shade, puff=0.04, angle=0.1)
    for tx in (wide * plan.uniform(0.04, 0.14), wide * plan.uniform(0.84, 0.96)):
        _bare(e, tx, 0.99, plan.uniform(0.20, 0.26))


def _church(e: Easel, x: float, y: float, size: float, snow: ArrayLike) -> None:
    """Paint a village church with a pointed tower."""
    stone = np.array([0.55, 0.47, 0.42])

    def put(points: ArrayLike) -> Points:
        return shapes.place(points, x, y, size)

    e.scene.fill(put(trace("0.2,0 0.2,-0.42 1.1,-0.42 1.1,0")), stone * 0.8, angle=1.5)
    e.scene.fill(put(trace("0.15,-0.38 0.35,-0.72 1,-0.72 1.16,-0.38")), snow, angle=0.9)
    e.scene.fill(put(trace("-0.15,0 -0.15,-0.9 0.22,-0.9 0.22,0")), stone, angle=1.5)
    e.scene.fill(
        put(trace("-0.19,-0.88 0.035,-1.75 0.26,-0.88")), stone * (0.5, 0.55, 0.65), angle=1.4
    )
    for u, v in ((0.035, -0.72), (0.4, -0.22), (0.65, -0.22), (0.9, -0.22)):
        e.scene.fill(
            put([(u - 0.05, v), (u - 0.05, v - 0.13), (u + 0.05, v - 0.13), (u + 0.05, v)]),
            (0.16, 0.14, 0.15),
        )


def _skater(e: Easel, x: float, y: float, size: float) -> None:
    plan = e.plan
    coat = plan.choice(
        (
            (0.20, 0.13, 0.11),
            (0.48, 0.12, 0.09),
            (0.14, 0.18, 0.26),
            (0.34, 0.26, 0.12),
            (0.10, 0.09, 0.09),
        )
    )
    lean, side = plan.normal(0, 0.12), plan.choice((-1, 1))
    legs = [
        (-0.08, -0.45),
        (-0.2 * side, 0.0),
        (-0.1 * side, 0.0),
        (0.02, -0.3),
        (0.24 * side, -0.02),
        (0.32 * side, -0.02),
        (0.1, -0.48),
    ]
    e.scene.fill(shapes.place(legs, x, y, size, lean), (0.12, 0.09, 0.08))
    body = smooth(
        trace("-0.13,-0.42 -0.15,-0.72 0,-0.84 0.15,-0.72 0.14,-0.4"), closed=True, steps=4
    )
    e.scene.fill(shapes.place(body, x, y, size, lean), coat * 1.3, coat * 0.7)
    arm = [(0.1 * side, -0.74), (0.40 * side, -0.60), (0.38 * side, -0.54), (0.08 * side, -0.62)]
    e.scene.fill(shapes.place(arm, x, y, size, lean), coat)
    e.scene.fill(
        shapes.place(shapes.ellipse(0, -0.93, 0.085, 0.10, n=12), x, y, size, lean),
        (0.82, 0.62, 0.48),
    )
    e.scene.fill(
        shapes.place(shapes.ellipse(0, -1.0, 0.10, 0.055, n=12), x, y, size, lean),
        (0.14, 0.10, 0.09),
    )


def _bare(e: Easel, x: float, y: float, length: float) -> None:
    for line, level in shapes.branches(
        e.plan, x, y, length, -np.pi / 2 + e.plan.normal(0, 0.08), 4, 0.5
    ):
        half = 0.0022 + 0.0014 * level**1.4
        curve = smooth(line, steps=3)
        side = np.linspace(1, 0.7, len(curve))[:, None] * (half, half * 0.3)
        e.scene.fill(
            np.concatenate([curve - side, (curve + side)[::-1]]), (0.20, 0.15, 0.13), angle=1.4
        )
