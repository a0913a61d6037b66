"""Starry nights and poppy fields for the painted pictures."""

import numpy as np

from indexer.sample import shapes
from indexer.sample.canvas import grid, mix, noise, smoothstep, vary
from indexer.sample.shapes import smooth, trace
from indexer.sample.vistas import Easel, cottage, foliage, hills, sky, speckle, trunk


def night(e: Easel) -> None:
    """Paint a night whose stars set the whole sky turning."""
    plan, wide, shape = e.plan, e.scene.width, e.scene.shape
    x, y = grid(shape)
    deep = vary(
        e.rng, plan.choice(((0.08, 0.13, 0.36), (0.06, 0.18, 0.32), (0.12, 0.10, 0.34))), 0.02
    )
    swirl = noise(plan, shape, 70, 3) + 0.5 * np.sin(14 * y + 3 * noise(plan, shape, 150, 1))
    air = mix(deep * 0.75, deep * 1.5 + (0.10, 0.20, 0.22), smoothstep(-1.2, 1.4, swirl))
    air = mix(
        air,
        (0.55, 0.68, 0.66),
        0.55 * smoothstep(0.35, 0.75, np.broadcast_to(y, shape)) * smoothstep(-0.6, 0.8, swirl),
    )
    flow = 0.3 * noise(plan, shape, 110, 2)
    stars = np.stack(
        [
            plan.uniform(0.05, wide - 0.05, 11),
            plan.uniform(0.05, 0.5, 11),
            plan.uniform(0.012, 0.026, 11),
        ],
        1,
    )
    stars[0] = wide * plan.choice((0.15, 0.85)), 0.16, 0.05
    for sx, sy, r in stars.tolist():
        near = np.hypot(x - sx, y - sy)
        off = np.arctan2(y - sy, x - sx) + np.float32(np.pi / 2) - flow
        off -= np.float32(np.pi) * np.rint(off * np.float32(1 / np.pi))
        flow = flow + np.exp(-((near / (r * 4.5)) ** 2)) * off
        rings = 0.75 + 0.25 * np.cos(near * (3.2 / r))
        air = mix(
            air, (0.98, 0.86, 0.38), np.clip(1.1 * np.exp(-((near / (r * 1.9)) ** 2)) * rings, 0, 1)
        )
        air = mix(air, (1.0, 0.96, 0.78), smoothstep(r * 0.9, r * 0.5, near))
    e.scene.value[:] = air
    e.scene.flow[:] = flow
    hills(e, (0.66, 0.72), 0.07, deep * 1.3 + (0.04, 0.10, 0.06), 0.40)
    e.scene.fill(
        shapes.ground(shapes.ridge(plan, wide, 0.80, 0.015, 0.4)),
        deep * 0.9 + (0.03, 0.10, 0.03),
        deep * 0.4,
        puff=0.06,
    )
    for _ in range(11):
        hx, hy, size = (
            wide * plan.uniform(0.2, 0.95),
            plan.uniform(0.80, 0.95),
            plan.uniform(0.055, 0.085),
        )
        cottage(e, hx, hy, size, deep * 1.1 + 0.10, deep * 0.8 + (0.05, 0.03, 0.0))
        window = [(0.85, -0.12), (0.85, -0.34), (1.05, -0.34), (1.05, -0.12)]
        e.scene.fill(shapes.place(window, hx, hy, size), (1.0, 0.78, 0.28))
    cx = wide * plan.uniform(0.14, 0.26)
    for k in range(3):
        tip = 0.10 + 0.14 * k + plan.uniform(0, 0.1)
        dx = cx + (0, -0.06, 0.07)[k]
        flame = smooth(
            [
                (dx - 0.055, 1.05),
                (dx - 0.075, 0.8),
                (dx - 0.03, 0.5),
                (dx + 0.005, tip),
                (dx + 0.03, 0.48),
                (dx + 0.075, 0.8),
                (dx + 0.06, 1.05),
            ]
        )
        e.scene.fill(
            flame,
            (0.10, 0.19, 0.12),
            (0.03, 0.05, 0.06),
            puff=0.03,
            angle=1.5,
            texture=speckle(e, 14, 0.2),
        )


def poppies(e: Easel) -> None:
    """Paint a field of poppies, with poplars and a walker under a parasol."""
    plan, wide = e.plan, e.scene.width
    horizon = plan.uniform(0.40, 0.48)
    sky(e, horizon)
    hills(e, (horizon, horizon + 0.03), 0.035, np.asarray(e.hour.grass) * 0.7)
    dark = np.asarray(e.hour.trees)
    for x in np.linspace(0.02, wide, 9) + plan.normal(0, 0.04, 9):
        height = plan.uniform(0.12, 0.3)
        crown = smooth(
            [
                (x - 0.025, horizon + 0.05),
                (x - 0.035, horizon - height * 0.4),
                (x, horizon - height),
                (x + 0.035, horizon - height * 0.4),
                (x + 0.025, horizon + 0.05),
            ],
            closed=True,
        )
        e.scene.fill(
            crown, dark * 1.8 + 0.06, dark * 0.8, puff=0.03, angle=1.5, texture=speckle(e, 9, 0.25)
        )
    if plan.random() < 0.6:
        cottage(
            e,
            wide * plan.uniform(0.2, 0.8),
            horizon + 0.06,
            0.10,
            (0.92, 0.86, 0.74),
            (0.70, 0.34, 0.22),
        )
    grass = vary(e.rng, np.asarray(e.hour.grass) * 1.05 + 0.03, 0.02)
    e.scene.fill(
        shapes.ground(shapes.ridge(plan, wide, horizon + 0.06, 0.008, 0.4)),
        grass,
        grass * 0.55,
        puff=0.25,
        angle=-1.2,
        texture=speckle(e, 30, 0.3),
    )
    _walker(
        e,
        wide * plan.uniform(0.3, 0.7),
        horizon + plan.uniform(0.24, 0.34),
        plan.uniform(0.17, 0.22),
    )
    red = plan.choice(
        ((0.86, 0.16, 0.10), (0.90, 0.30, 0.12), (0.62, 0.30, 0.66), (0.95, 0.80, 0.25))
    )
    near = np.sort(plan.uniform(0, 1, 240) ** 0.8)
    drift = noise(plan, e.scene.shape, 110, 2)
    for u in near:
        x, y = wide * plan.random(), horizon + 0.09 + (0.93 - horizon) * u
        spot = drift[
            min(int(y * e.scene.shape[0]), e.scene.shape[0] - 1),
            int(x / wide * (e.scene.shape[1] - 1)),
        ]
        if spot > -0.2:
            r = 0.004 + 0.016 * u
            e.scene.fill(shapes.ellipse(x, y, r, r * 0.7, n=8), vary(e.rng, red, 0.07))
    if plan.random() < 0.5:
        x = wide * plan.choice((0.08, 0.92))
        trunk(e, x, 0.95, 0.5, 0.016, (0.34, 0.25, 0.18))
        foliage(e, x, 0.36, 0.2, dark * 2.0 + 0.08, dark * 0.8, 10)


def _walker(e: Easel, x: float, y: float, size: float) -> None:
    """Paint a woman in a white dress under a parasol."""
    dress = smooth(trace("-0.1,-0.62 -0.12,-0.42 -0.28,0 0.28,0 0.12,-0.42 0.1,-0.62"), closed=True)
    e.scene.fill(
        shapes.place(shapes.ellipse(-0.3 * np.sign(e.scene.light[0]), 0.02, 0.5, 0.06), x, y, size),
        (0.16, 0.20, 0.12),
        opacity=0.6,
    )
    e.scene.fill(
        shapes.place(dress, x, y, size),
        (0.97, 0.95, 0.92),
        (0.58, 0.60, 0.72),
        puff=size * 0.15,
        angle=1.4,
    )
    e.scene.fill(
        shapes.place(shapes.ellipse(0, -0.72, 0.075, 0.09, n=14), x, y, size), (0.88, 0.66, 0.52)
    )
    e.scene.fill(
        shapes.place(shapes.ellipse(0, -0.79, 0.13, 0.05, n=14), x, y, size), (0.82, 0.66, 0.34)
    )
    e.scene.fill(
        shapes.place(trace("0.1,-0.5 0.24,-1 0.26,-1 0.13,-0.5"), x, y, size), (0.35, 0.24, 0.16)
    )
    shade = np.concatenate([shapes.arc(0.22, -0.98, 0.36, 0.24, np.pi, 2 * np.pi), [(0.22, -1.02)]])
    e.scene.fill(
        shapes.place(shade, x, y, size, 0.1),
        (0.95, 0.92, 0.80),
        (0.60, 0.66, 0.52),
        puff=size * 0.15,
    )
