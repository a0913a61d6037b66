"""What the engravings show: ruins of temples, and alps."""

import numpy as np

from indexer.sample import shapes
from indexer.sample.canvas import noise
from indexer.sample.plates import Plate, rock, sky, tree, water
from indexer.sample.shapes import Points, moved, smooth, trace


def ruins(p: Plate) -> None:
    """Cut the ruins of a temple, overgrown, with wanderers."""
    plan, wide = p.plan, p.scene.width
    sky(p, 0.05, 0.55, 0.8)
    rock(p, shapes.ground(shapes.ridge(plan, wide, 0.68, 0.05, 0.45)), 0.15, 0.4)
    level = plan.uniform(0.82, 0.86)
    rock(p, shapes.ground(shapes.ridge(plan, wide, level, 0.012, 0.5)), 0.18, 0.1, 0.04)
    columns = int(plan.integers(4, 6))
    gap, left = wide * 0.74 / columns, wide * plan.uniform(0.12, 0.2)
    top, broken = plan.uniform(0.28, 0.34), int(plan.integers(1, columns - 1))
    for k in range(columns):
        x = left + gap * (k + 0.5)
        height = level + 0.02 - top if k < columns - broken else plan.uniform(0.12, 0.34)
        _shaft(p, x, level + 0.02, gap * 0.17, height, k < columns - broken)
    end = left + gap * (columns - broken)
    _entablature(p, left + gap * 0.15, end - gap * 0.12, top, gap)
    for _ in range(9):
        x, y, r = wide * plan.random(), plan.uniform(level + 0.02, 0.99), plan.uniform(0.015, 0.05)
        rock(p, shapes.blob(plan, x, y, r * 1.5, r, 0.3), 0.1, plan.uniform(0, 2), r * 0.6)
    for x in (left + gap * 0.2, end):
        _ivy(p, x, top + 0.04, 0.03)
    tree(p, wide * plan.choice((0.07, 0.93)), 0.95, plan.uniform(0.4, 0.55))
    for _ in range(plan.integers(1, 4)):
        wanderer(p, wide * plan.uniform(0.3, 0.75), plan.uniform(0.9, 0.97), 0.12)


def _shaft(p: Plate, x: float, y: float, r: float, height: float, whole: bool) -> None:
    top = y - height
    jag = [] if whole else [(x - r * 0.3, top + 0.03), (x + r * 0.2, top - 0.02)]
    p.scene.fill(
        [(x - r, y), (x - r * 0.86, top), *jag, (x + r * 0.86, top), (x + r, y)],
        0.0,
        0.95,
        puff=r * 0.9,
        angle=0.0,
    )
    for u in (-0.66, -0.35, 0.0, 0.35, 0.66):
        p.lines(np.array([[(x + u * r, y), (x + u * r * 0.86, top + 0.01)]]), 0.8)
    for v, size in ((y - 0.012, 1.35), (y - 0.03, 1.18)) + (
        ((top + 0.012, 1.2), (top - 0.008, 1.5)) if whole else ()
    ):
        box = np.array([(-r, 0.011), (-r, -0.011), (r, -0.011), (r, 0.011)]) * (size, 1)
        p.scene.fill(moved(box, x, v), 0.05, 0.75, puff=0.012)


def _entablature(p: Plate, left: float, right: float, top: float, gap: float) -> None:
    for low, high, out in ((0.0, 0.045, 0.0), (0.045, 0.085, 0.01), (0.085, 0.105, 0.03)):
        edge = right + out - gap * 0.3 * (high * 6)
        p.scene.fill(
            [
                (left - out, top - low),
                (left - out, top - high),
                (edge, top - high),
                (right + out, top - low),
            ],
            0.12,
            angle=0.0,
        )
    peak, foot = (left + (right - left) * 0.48, top - 0.27), top - 0.105
    p.scene.fill(
        [(left - 0.03, foot), peak, (peak[0] + 0.08, peak[1] + 0.06), (peak[0] + 0.05, foot)],
        0.30,
        angle=0.5,
    )
    p.lines(np.array([[(left + 0.02, foot - 0.01), (peak[0], peak[1] + 0.03)]]), 1.2)
    for x in np.arange(left, right - 0.05, 0.05):
        p.scene.fill(
            [(x, top - 0.05), (x, top - 0.08), (x + 0.022, top - 0.08), (x + 0.022, top - 0.05)],
            0.6,
            angle=1.5,
            width=0.7,
        )


def _ivy(p: Plate, x: float, y: float, r: float) -> None:
    for k in range(9):
        at = x + p.plan.normal(0, 0.02), y - 0.12 + 0.035 * k
        outline = shapes.blob(p.plan, *at, r, r * 0.8, 0.5)
        p.scene.fill(
            outline,
            0.25,
            1.0,
            puff=r * 0.6,
            angle=0.7,
            texture=lambda box: 0.3 * noise(p.rng, box, 8, 2),
        )


def wanderer(p: Plate, x: float, y: float, height: float) -> None:
    """Cut a small figure in a cloak, with a staff and a shadow."""
    lean = -np.sign(p.scene.light[0])
    shadow = shapes.place(
        [(-0.1 * lean, 0), (0.1 * lean, -0.03), (0.9 * lean, 0.04), (0.7 * lean, 0.1)], x, y, height
    )
    p.scene.fill(shadow, 0.75, width=0, angle=0.05)
    cloak = smooth(trace("-0.08,-0.82 0.08,-0.82 0.18,-0.3 0.2,0 -0.18,0 -0.16,-0.35"), closed=True)
    p.scene.fill(shapes.place(cloak, x, y, height), 0.4, 1.0, puff=height * 0.09, angle=1.4)
    p.scene.fill(
        shapes.place(shapes.ellipse(0, -0.90, 0.07, 0.085), x, y, height),
        0.15,
        0.9,
        puff=height * 0.05,
    )
    p.lines(shapes.place([(0.26, 0.02), (0.20, -0.95)], x, y, height)[None], 1.2)


def alps(p: Plate) -> None:
    """Cut a mountain lake under steep summits, with firs."""
    plan, wide = p.plan, p.scene.width
    sky(p, 0.04, 0.55, 0.7)
    for level, height, tone, rough in ((0.50, 0.10, 0.03, 0.62), (0.60, 0.08, 0.10, 0.58)):
        _massif(p, shapes.ridge(plan, wide, level, height, rough), tone)
    shore = plan.uniform(0.70, 0.75)
    rock(p, shapes.ground(shapes.ridge(plan, wide, shore - 0.03, 0.025, 0.5)), 0.3, 0.5)
    water(p, shore, 0.40)
    near = shapes.ridge(plan, wide, 0.93, 0.03, 0.5)
    rock(p, shapes.ground(near), 0.42, 0.3, 0.04)
    side = plan.choice((0.0, 0.68))
    for u in np.sort(plan.uniform(0, 0.32, 9)):
        size = plan.uniform(0.22, 0.46)
        _fir(p, wide * (side + u), plan.uniform(0.92, 1.0), size)
    wanderer(p, wide * plan.uniform(0.42, 0.6), 0.95, 0.13)


def _massif(p: Plate, line: Points, tone: float) -> None:
    """Cut a rocky range: each flank is bright or dark as it faces the light."""
    height, width = p.scene.shape
    place = np.linspace(0, p.scene.width, width)
    rise = np.interp(place, line[:, 0], np.gradient(line[:, 1], line[:, 0]))
    drift = (6 * noise(p.plan, p.scene.shape, 60, 4, 0.6)).astype(int)
    rows = np.arange(height)[:, None] // 3
    column = np.clip(np.arange(width)[None, :] + drift + rows * 0, 0, width - 1)
    facing = np.tanh(1.1 * rise[column]) * np.sign(p.scene.light[0])
    rough = 0.42 * facing + 0.16 * noise(p.plan, p.scene.shape, 30, 4, 0.65)
    flat = np.asarray(rough - 0.45, dtype=np.float32)
    p.scene.fill(shapes.ground(line), tone, 0.92, angle=1.0, texture=flat)


def _fir(p: Plate, x: float, y: float, height: float) -> None:
    p.scene.fill(
        [(x - 0.006, y), (x - 0.006, y - height), (x + 0.006, y - height), (x + 0.006, y)], 0.9
    )
    for k in range(9):
        v = 1 - k / 9
        top, half = y - height * (1 - 0.86 * v), height * 0.22 * v + 0.008
        sag = half * 0.45
        bough = smooth(
            [
                (x, top - sag),
                (x + half * 0.6, top),
                (x + half, top + sag),
                (x + half * 0.35, top + sag * 0.55),
                (x, top + sag),
                (x - half * 0.35, top + sag * 0.55),
                (x - half, top + sag),
                (x - half * 0.6, top),
            ],
            closed=True,
            steps=4,
        )
        p.scene.fill(bough, 0.35, 1.0, puff=half * 0.3, angle=1.2, width=0.7)
