"""Bowls of fruit and bunches of flowers for the painted pictures."""

import numpy as np
from numpy.typing import ArrayLike

from indexer.sample import shapes
from indexer.sample.canvas import grid, noise, smoothstep, vary
from indexer.sample.shapes import smooth, trace
from indexer.sample.vistas import Easel, speckle

CLOTHS = ((0.88, 0.86, 0.80), (0.45, 0.12, 0.12), (0.16, 0.26, 0.40), (0.30, 0.34, 0.22))


WALLS = (
    (0.24, 0.18, 0.13),
    (0.30, 0.30, 0.24),
    (0.20, 0.24, 0.30),
    (0.46, 0.38, 0.27),
    (0.55, 0.60, 0.62),
)


def wall(e: Easel) -> None:
    """Paint a plain wall, lit from the side."""
    x, y = grid(e.scene.shape)
    wide = e.scene.width
    colour = vary(e.rng, WALLS[e.plan.integers(len(WALLS))], 0.02)
    near = 0.5 + 0.5 * np.clip(
        (x / wide - 0.5) * np.sign(e.scene.light[0]) * 1.6 - (y - 0.4) * 0.7, -1, 1
    )
    mood = near + 0.12 * noise(e.plan, e.scene.shape, 110, 3)
    e.scene.value[:] = colour * (0.45 + 0.95 * mood)[..., None]
    e.scene.flow[:] = 0.8 + 0.6 * noise(e.plan, e.scene.shape, 110, 2)


def table(e: Easel, level: float) -> None:
    """Lay a table, and a cloth that falls over its edge."""
    wide, plan = e.scene.width, e.plan
    wood = vary(plan, (0.36, 0.22, 0.13), 0.03)
    e.scene.fill(
        [(-1, level), (4, level), (4, 2), (-1, 2)],
        wood * 1.2,
        wood * 0.6,
        puff=0.06,
        angle=0.02,
        texture=speckle(e, 20, 0.08),
    )
    cloth = np.asarray(CLOTHS[plan.integers(len(CLOTHS))])
    left, right = wide * plan.uniform(-0.2, 0.25), wide * plan.uniform(0.7, 1.2)
    outline = smooth(
        [
            (left + 0.08, level + 0.06),
            (right - 0.1, level + 0.05),
            (right, level + 0.16),
            (right + 0.02, 1.1),
            (left - 0.05, 1.1),
            (left - 0.02, level + 0.2),
        ],
        closed=True,
    )
    x, _ = grid(e.scene.shape)
    folds = (
        0.22
        * np.sin(x * 24 + 2.2 * noise(plan, e.scene.shape, 130, 2))
        * smoothstep(level + 0.1, level + 0.3, grid(e.scene.shape)[1])
    )
    e.scene.fill(
        outline,
        vary(e.rng, cloth),
        cloth * 0.45,
        puff=0.07,
        angle=1.3,
        texture=np.asarray(folds, dtype=np.float32),
    )


def _cast(e: Easel, x: float, y: float, r: float) -> None:
    """Let something of width r cast its shadow away from the light."""
    shift = -np.sign(e.scene.light[0]) * r * 0.7
    e.scene.fill(shapes.ellipse(x + shift, y, r * 1.35, r * 0.28), (0.07, 0.05, 0.05), opacity=0.6)


def _ball(e: Easel, x: float, y: float, r: float, colour: ArrayLike, squeeze: float = 1.0) -> None:
    """Paint a round fruit, its reflected light and its highlight."""
    c = np.asarray(colour)
    _cast(e, x, y + r * 0.8, r)
    e.scene.fill(
        shapes.ellipse(x, y, r * squeeze, r),
        np.clip(c * 1.25 + 0.04, 0, 1),
        c * 0.22,
        puff=r * 0.85,
        texture=speckle(e, 16, 0.05),
    )
    spot = x + e.scene.light[0] * r * 0.55 * squeeze, y + e.scene.light[1] * r * 0.6
    e.scene.fill(shapes.ellipse(*spot, r * 0.17, r * 0.12, 0.6), (1.0, 0.97, 0.88), opacity=0.75)


def _apple(e: Easel, x: float, y: float, r: float) -> None:
    colour = e.plan.choice(((0.72, 0.12, 0.09), (0.62, 0.62, 0.16), (0.80, 0.42, 0.12)))
    _ball(e, x, y, r, vary(e.plan, colour), 1.05)
    e.scene.fill(shapes.ellipse(x, y - r * 0.72, r * 0.34, r * 0.15), colour * 0.35)
    stalk = np.array(trace("0,-0.72 0.05,-1.05 0.2,-1.3 0.28,-1.26 0.14,-1 0.08,-0.7"))
    e.scene.fill(shapes.place(stalk, x, y, r), (0.22, 0.14, 0.08))


def _grapes(e: Easel, x: float, y: float, r: float) -> None:
    colour = e.plan.choice(((0.28, 0.12, 0.30), (0.55, 0.62, 0.24), (0.20, 0.16, 0.36)))
    _cast(e, x, y + r * 2.4, r * 3)
    for k in range(26):
        row = k // 5
        gx = (
            x + r * (k % 5 - 2 + 0.5 * (row % 2)) * (1.55 - 0.15 * row) + e.plan.normal(0, r * 0.25)
        )
        gy = y + r * (row * 1.1 - 2.2) + e.plan.normal(0, r * 0.3)
        c = vary(e.plan, colour, 0.05)
        e.scene.fill(
            shapes.ellipse(gx, gy, r, r * 1.08, n=16), c * 1.5 + 0.06, c * 0.3, puff=r * 0.8
        )
        e.scene.fill(
            shapes.ellipse(
                gx + e.scene.light[0] * r * 0.5,
                gy + e.scene.light[1] * r * 0.5,
                r * 0.22,
                r * 0.22,
                n=10,
            ),
            (0.95, 0.95, 1.0),
        )


def fruit(e: Easel) -> None:
    """Paint a bowl of fruit on a table."""
    wide, plan = e.scene.width, e.plan
    level = plan.uniform(0.58, 0.64)
    wall(e)
    table(e, level)
    x, y, r = wide * plan.uniform(0.38, 0.5), level + 0.18, plan.uniform(0.24, 0.28)
    _cast(e, x, y, r)
    heap = [(-0.62, -0.62), (0.60, -0.62), (0.0, -0.66), (-0.30, -0.98), (0.32, -0.98)]
    for dx, dy in heap[: plan.integers(4, 6)][::-1]:
        if plan.random() < 0.3:
            _ball(e, x + dx * r, y + dy * r, r * 0.36, vary(plan, (0.92, 0.52, 0.10)))
        else:
            _apple(e, x + dx * r, y + dy * r, r * plan.uniform(0.33, 0.38))
    glaze = vary(plan, plan.choice(((0.72, 0.74, 0.78), (0.26, 0.36, 0.52), (0.62, 0.36, 0.20))))
    bowl = shapes.lathe(
        x,
        [
            (y - r * 0.58, r * 1.02),
            (y - r * 0.48, r * 1.0),
            (y - r * 0.12, r * 0.66),
            (y, r * 0.36),
            (y + r * 0.06, r * 0.40),
        ],
    )
    e.scene.fill(bowl, glaze * 1.2, glaze * 0.25, puff=r * 0.5, angle=0.0)
    e.scene.fill(
        shapes.lathe(x, [(y - r * 0.61, r * 1.04), (y - r * 0.54, r * 1.03)]),
        glaze * 1.3,
        glaze * 0.6,
        puff=0.01,
    )
    for _ in range(plan.integers(1, 4)):
        side = plan.choice((-1, 1))
        _apple(
            e,
            x + side * r * plan.uniform(1.15, 1.6),
            y + plan.uniform(-0.01, 0.08),
            r * plan.uniform(0.30, 0.36),
        )
    if plan.random() < 0.6:
        _grapes(e, x + r * plan.uniform(-0.2, 0.4), y + 0.02, 0.026)


def flowers(e: Easel) -> None:
    """Paint a bunch of flowers in a vase."""
    wide, plan = e.scene.width, e.plan
    level = plan.uniform(0.76, 0.80)
    wall(e)
    table(e, level)
    x, foot = wide / 2 + plan.normal(0, 0.02), level + 0.10
    _cast(e, x, foot, 0.13)
    greens = ((0.30, 0.42, 0.18), (0.20, 0.34, 0.22), (0.42, 0.50, 0.22))
    for _ in range(26):
        turn, reach = plan.uniform(-2.9, -0.25), plan.uniform(0.2, 0.40)
        green = vary(plan, greens[plan.integers(3)], 0.04)
        leaf = smooth(trace("0,0 0.5,0.16 1,0 0.5,-0.14"), closed=True)
        e.scene.fill(
            shapes.place(leaf, x, 0.50, reach, turn), green * plan.uniform(0.5, 1.2), angle=turn
        )
    glaze = vary(
        plan,
        plan.choice(
            ((0.20, 0.32, 0.46), (0.78, 0.74, 0.66), (0.50, 0.24, 0.16), (0.24, 0.40, 0.36))
        ),
    )
    vase = shapes.lathe(
        x,
        [
            (foot - 0.38, 0.085),
            (foot - 0.33, 0.07),
            (foot - 0.16, plan.uniform(0.12, 0.15)),
            (foot - 0.04, 0.09),
            (foot, 0.075),
        ],
    )
    e.scene.fill(vase, glaze * 1.3 + 0.03, glaze * 0.22, puff=0.08, angle=1.5)
    e.scene.fill(
        shapes.ellipse(x + e.scene.light[0] * 0.08, foot - 0.2, 0.014, 0.035),
        (1, 1, 0.95),
        opacity=0.7,
    )
    kinds = plan.permutation(5)[:3]
    blooms = plan.uniform(0, 1, (25, 2))
    for a, b in blooms:
        turn, reach = np.pi * (1.05 + 0.9 * a), 0.32 * np.sqrt(b)
        _bloom(
            e,
            x + 1.05 * reach * np.cos(turn),
            0.45 + 1.05 * reach * np.sin(turn),
            plan.uniform(0.045, 0.08),
            int(plan.choice(kinds)),
        )


def _bloom(e: Easel, x: float, y: float, r: float, kind: int) -> None:
    """Paint one flower: rose, daisy, tulip, iris or sunflower."""
    colours = (
        (0.86, 0.45, 0.48),
        (0.95, 0.93, 0.88),
        (0.82, 0.16, 0.12),
        (0.36, 0.30, 0.66),
        (0.95, 0.70, 0.12),
    )
    colour = vary(e.plan, colours[kind], 0.05)
    rings = ((1.0, 7), (0.72, 6), (0.42, 4)) if kind in (0, 2) else ((1.0, 9), (0.75, 7))
    for k, (size, petals) in enumerate(rings):
        for turn in np.linspace(0, 2 * np.pi, petals, endpoint=False) + e.plan.uniform(0, 1):
            px, py = x + r * size * 0.6 * np.cos(turn), y + r * size * 0.55 * np.sin(turn)
            tone = (
                0.86
                + 0.16 * k
                + 0.2 * (e.scene.light[0] * np.cos(turn) + e.scene.light[1] * np.sin(turn))
            )
            petal = shapes.ellipse(px, py, r * size * 0.48, r * size * 0.26, turn, 14)
            e.scene.fill(petal, np.clip(colour * tone * (0.72 + 0.16 * k), 0, 1), angle=turn)
    middle = (0.35, 0.20, 0.08) if kind in (1, 3, 4) else colour * 0.5
    e.scene.fill(shapes.ellipse(x, y, r * 0.24, r * 0.22, n=14), middle)
