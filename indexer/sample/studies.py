"""What the drawings show: jugs with fruit, and botanical studies."""

import numpy as np

from indexer.sample import shapes
from indexer.sample.shapes import Points, moved, smooth, trace
from indexer.sample.sketches import Sheet

JUGS = (
    (
        (-0.50, 0.090),
        (-0.46, 0.075),
        (-0.40, 0.065),
        (-0.30, 0.11),
        (-0.18, 0.165),
        (-0.06, 0.14),
        (0.0, 0.085),
    ),
    (
        (-0.46, 0.055),
        (-0.42, 0.045),
        (-0.34, 0.05),
        (-0.28, 0.12),
        (-0.15, 0.18),
        (-0.04, 0.15),
        (0.0, 0.10),
    ),
    (
        (-0.56, 0.07),
        (-0.50, 0.05),
        (-0.40, 0.045),
        (-0.28, 0.10),
        (-0.20, 0.125),
        (-0.08, 0.09),
        (0.0, 0.07),
    ),
)


def jug(s: Sheet) -> None:
    """Draw a jug with fruit on the edge of a table."""
    plan, wide = s.plan, s.scene.width
    table = plan.uniform(0.66, 0.72)
    s.scene.fill([(-1, -1), (4, -1), (4, table), (-1, table)], 0.13, width=0, angle=-0.9)
    s.scene.fill([(-1, table), (4, table), (4, 2), (-1, 2)], 0.02, width=0.9)
    x, y = wide * plan.uniform(0.38, 0.5), table + 0.12
    body = JUGS[plan.integers(len(JUGS))]
    _shadow(s, x + 0.2, y + 0.01, 0.28)
    top, lip = body[0]
    ear = plan.uniform(0.12, 0.17)
    handle = smooth(
        [
            (lip, top + 0.03),
            (lip + ear, top + 0.05),
            (lip + ear, top + 0.2),
            (body[4][1] - 0.02, body[3][0] + 0.04),
        ]
    )
    for shift in (0.0, 0.024):
        s.strokes((handle - (shift, -shift * 0.6) + (x, y))[None], 1.5)
    s.scene.fill(
        shapes.lathe(x, [(y + v, r) for v, r in body]), 0.02, 0.95, puff=0.10, angle=-0.9, width=1.3
    )
    s.scene.fill(shapes.ellipse(x, y + top, lip, 0.022), 0.9, angle=0.1)
    for v, r in body[2:5:2]:
        s.strokes(shapes.arc(x, y + v, r, 0.03, 0.2, 2.9)[None], 0.9)
    spots = ((-0.27, 0.04, 0.075), (0.25, 0.05, 0.08), (0.39, 0.035, 0.07), (0.13, 0.10, 0.075))
    for dx, dy, r in spots[: plan.integers(2, 5)]:
        fruit(s, x + dx + plan.normal(0, 0.01), y + dy, r * plan.uniform(0.9, 1.15))


def fruit(s: Sheet, x: float, y: float, r: float) -> None:
    """Draw an apple with its stalk and its shadow."""
    _shadow(s, x + r * 0.9, y + r * 0.8, r * 1.3)
    outline = smooth(
        trace("0,-0.86 0.5,-1 1,-0.45 0.9,0.35 0.4,0.9 0,0.84 -0.4,0.9 -0.9,0.35 -1,-0.45 -0.5,-1"),
        closed=True,
        steps=5,
    )
    s.scene.fill(shapes.place(outline, x, y, r), 0.0, 0.9, puff=r * 0.75, angle=-0.8, width=1.2)
    stalk = shapes.place(trace("0,-0.8 0.05,-1.1 0.25,-1.35"), x, y, r)
    s.strokes(smooth(stalk)[None], 1.6)
    s.strokes(shapes.arc(x, y - r * 0.86, r * 0.35, r * 0.14, 0.2, 3.0)[None], 1.0)


def _shadow(s: Sheet, x: float, y: float, r: float) -> None:
    s.scene.fill(shapes.ellipse(x, y, r, r * 0.2), 0.62, width=0, angle=0.15)


def leaf(s: Sheet, at: Points, length: float, turn: float, fat: float = 0.26) -> None:
    half = smooth([(0, 0), (0.3, fat), (0.65, fat * 0.8), (1, 0)], steps=5)
    outline = np.concatenate([half, (half * (1, -1))[::-1]])
    x, y = at
    s.scene.fill(
        shapes.place(outline, x, y, length, turn),
        0.03,
        0.75,
        puff=length * 0.16,
        angle=turn + 0.8,
        width=0.9,
    )
    rib = np.linspace(0.15, 0.8, 6)
    veins = np.stack(
        [np.stack([rib, 0 * rib], 1), np.stack([rib + 0.14, fat * 0.75 * (1.1 - rib)], 1)], 1
    )
    both = np.concatenate([veins, veins * (1, -1), [[(0, 0), (1, 0)]]])
    s.strokes(shapes.place(both.reshape(-1, 2), x, y, length, turn).reshape(-1, 2, 2), 0.7, 0.7)


def sprig(s: Sheet) -> None:
    """Draw a botanical study: a stem with its leaves, berries or a flower."""
    plan, wide = s.plan, s.scene.width
    bend = plan.uniform(-0.16, 0.16)
    stem = smooth(
        [
            (wide / 2 - bend, 0.97),
            (wide / 2 + bend * 0.4, 0.7),
            (wide / 2 + bend, 0.4),
            (wide / 2, 0.14),
        ],
        steps=12,
    )
    s.strokes(np.stack([stem, moved(stem, 0.009, 0)]), 1.2)
    fat, slope, size = plan.uniform(0.16, 0.38), plan.uniform(0.5, 0.9), plan.uniform(0.21, 0.29)
    pairs = int(plan.integers(4, 7))
    for i, u in enumerate(np.linspace(0.14, 0.80, pairs)):
        at = stem[int(u * (len(stem) - 1))]
        for side in (-1, 1):
            turn = -np.pi / 2 + side * (slope + 0.35 - 0.4 * u) + plan.normal(0, 0.08)
            leaf(s, moved(at, 0, 0.03 * side * (i % 2)), size * (1.15 - 0.55 * u), turn, fat)
    if plan.random() < 0.5:
        _berries(s, stem[-1])
    else:
        _flower(s, stem[-1], plan.uniform(0.12, 0.16))


def _berries(s: Sheet, at: Points) -> None:
    for _ in range(9):
        x, y = moved(at, s.plan.normal(0, 0.055), s.plan.uniform(-0.05, 0.09))
        s.strokes(np.array([moved(at, 0, 0.12), (x, y)])[None], 0.8)
        s.scene.fill(shapes.ellipse(x, y, 0.024, 0.026), 0.0, 0.95, puff=0.02, angle=-0.8)


def _flower(s: Sheet, at: Points, r: float) -> None:
    for ring, size in ((9, 1.0), (7, 0.66)):
        for k in np.linspace(0, 2 * np.pi, ring, endpoint=False) + s.plan.uniform(0, 1):
            leaf(s, at, r * size * (0.86 + 0.14 * np.sin(k)), float(k), 0.34)
    s.scene.fill(shapes.ellipse(at[0], at[1], r * 0.22, r * 0.2), 0.3, 0.95, puff=r * 0.15)
