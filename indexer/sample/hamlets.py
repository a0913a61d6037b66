"""What the drawings show: farmhouses and windmills."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from indexer.sample import shapes
from indexer.sample.shapes import Points, moved, smooth, trace
from indexer.sample.sketches import Sheet


def cottage(s: Sheet) -> None:
    """Draw a farmhouse under trees, with a path to its door."""
    plan, wide = s.plan, s.scene.width
    for level, height, tone in ((0.55, 0.06, 0.12), (0.62, 0.03, 0.22)):
        hill = shapes.ridge(plan, wide, level, height, 0.45)
        s.scene.fill(shapes.ground(hill), tone * 0.3, tone * 2, puff=0.04, width=0.6)
    x, y = wide * plan.uniform(0.40, 0.52), plan.uniform(0.76, 0.80)
    for side in (-1, 1):
        _bush(s, x + side * plan.uniform(0.30, 0.42), y - 0.19, plan.uniform(0.13, 0.2))
    s.scene.fill([(-1, y - 0.02), (wide * 0.5, y - 0.05), (4, y), (4, 2), (-1, 2)], 0.05, width=0)
    front, depth, wall = 0.17, plan.uniform(0.26, 0.34), plan.uniform(0.15, 0.19)
    lift = -0.035
    corner = np.array([(x, y), (x, y - wall), (x - front, y - wall * 0.94), (x - front, y - 0.025)])
    gable = (x - front / 2, y - wall - plan.uniform(0.12, 0.16))
    ridge_end = (gable[0] + depth, gable[1] + lift * 0.6)
    eave = (x + depth, y - wall + lift * 0.5)
    s.scene.fill([*corner[:2], gable, *corner[2:]], 0.02, width=1.3, angle=1.5)
    s.scene.fill([corner[0], corner[1], eave, (x + depth, y + lift)], 0.32, angle=1.5, width=1.2)
    roof = np.array(
        [corner[1] + (-0.012, 0.018), gable, ridge_end, (eave[0] + 0.02, eave[1] + 0.018)]
    )
    s.scene.fill(roof, 0.50, angle=1.15, width=1.4)
    tiles = np.linspace(0.03, 0.97, 22)[:, None, None]
    sides = np.stack(
        [roof[0] + (roof[3] - roof[0]) * tiles, roof[1] + (roof[2] - roof[1]) * tiles], 1
    )
    s.strokes(sides[:, 0], 0.9, 0.7)
    top = gable[0] + depth * 0.62
    s.scene.fill(
        [
            (top, gable[1] - 0.075),
            (top + 0.04, gable[1] - 0.08),
            (top + 0.04, gable[1] + 0.02),
            (top, gable[1] + 0.02),
        ],
        0.45,
        angle=1.5,
        width=1.2,
    )
    for u, v in ((0.18, 0.45), (0.72, 0.45)):
        at = corner[0] + u * np.array([depth, lift]) - (0, wall * v)
        s.scene.fill(at + np.array(trace("0,0 0.045,-0.005 0.045,-0.06 0,-0.055")), 0.95)
    door = np.array(
        [
            (x - 0.105, y - 0.018),
            (x - 0.105, y - 0.105),
            (x - 0.055, y - 0.105),
            (x - 0.055, y - 0.01),
        ]
    )
    s.scene.fill(door, 0.9, angle=1.5)
    smoke = np.cumsum(moved(s.rng.normal(0, 0.006, (3, 18, 2)), 0.004, -0.011), 1)
    s.strokes(moved(smoke, top + 0.02, gable[1] - 0.08), 0.8, 0.5)
    _path(s, x - 0.08, y)


def _bush(s: Sheet, x: float, y: float, r: float) -> None:
    trunk = [(x - 0.012, y + 0.26), (x - 0.012, y), (x + 0.012, y), (x + 0.02, y + 0.26)]
    s.scene.fill(trunk, 0.4, angle=1.5)
    for _ in range(7):
        dx, dy = s.plan.normal(0, 0.42 * r), s.plan.normal(0, 0.5 * r)
        outline = shapes.blob(s.plan, x + dx, y + dy, r * 0.6, r * 0.5, 0.3)
        s.scene.fill(outline, 0.1, 0.8, puff=0.05, angle=-0.8, width=0)
        loops = outline[s.plan.integers(0, 40) :][:26]
        t = np.arange(len(loops) * 3) / 3
        scribble = np.stack([np.interp(t, np.arange(len(loops)), loops[:, i]) for i in (0, 1)], 1)
        curl = 0.007 * np.stack([np.cos(t * 2.6), np.sin(t * 2.6)], 1)
        s.strokes((scribble + curl)[None], 0.9, 0.8)


def _path(s: Sheet, x: float, y: float) -> None:
    bottom = s.plan.uniform(-0.2, 0.3)
    left = smooth(
        [(x - 0.02, y), (x - 0.06, y + 0.06), (x + bottom - 0.05, y + 0.14), (x + bottom, 1.05)]
    )
    s.strokes(np.stack([left, left + np.linspace(0.05, 0.25, len(left))[:, None] * (1, 0)]), 1.0)
    posts = np.linspace(0.05, 0.6, 7)[:, None] * (1.0, 0.12) + (x + 0.25, y + 0.05)
    s.strokes(np.stack([posts, posts - (0.003, 0.07)], 1), 1.7)
    for height in (0.025, 0.055):
        s.strokes((posts - (0, height))[None], 1.0)
    tufts = np.stack([s.plan.uniform(0, s.scene.width, 70), s.plan.uniform(y + 0.03, 1, 70)], 1)
    s.strokes(tufts[:, None] + np.array(trace("0,0 0.006,-0.014 0.016,-0.022")), 0.9, 0.7)


def windmill(s: Sheet) -> None:
    """Draw a windmill by the water, among reeds."""
    plan, wide = s.plan, s.scene.width
    shore = plan.uniform(0.74, 0.79)
    far = shapes.ridge(plan, wide, shore - 0.04, 0.012, 0.5)
    s.scene.fill(shapes.ground(far), 0.15, 0.45, puff=0.02, angle=1.2, width=0.5)
    s.scene.fill([(-1, shore), (4, shore), (4, 2), (-1, 2)], 0.04, width=0.8)
    x, size = wide * plan.uniform(0.42, 0.6), plan.uniform(0.92, 1.05)

    def put(points: ArrayLike) -> Points:
        return shapes.place(points, x, shore, size)

    s.scene.fill(put(trace("-0.3,0 -0.28,-0.1 0.32,-0.1 0.34,0")), 0.3, 0.6, puff=0.02, angle=0.0)
    body = smooth(
        trace("-0.155,-0.09 -0.125,-0.25 -0.09,-0.45 0.09,-0.45 0.125,-0.25 0.155,-0.09"), steps=5
    )
    s.scene.fill(put(body), 0.05, 0.9, puff=0.09 * size, angle=1.45, width=1.3)
    s.scene.fill(
        put(smooth(trace("-0.105,-0.44 -0.07,-0.53 0,-0.56 0.075,-0.53 0.105,-0.44"))),
        0.45,
        0.95,
        puff=0.06,
        angle=0.9,
        width=1.3,
    )
    gallery = [(-0.20, -0.235), (0.20, -0.235), (0.20, -0.215), (-0.20, -0.215)]
    s.scene.fill(put(gallery), 0.7, width=1.2)
    s.strokes(
        [put([(u, -0.235), (u, -0.28)]) for u in np.linspace(-0.2, 0.2, 11)]
        + [put([(-0.2, -0.28), (0.2, -0.28)])],
        0.9,
    )
    s.strokes([put([(side * 0.13, -0.13), (side * 0.19, -0.215)]) for side in (-1, 1)], 1.3)
    for u, v in ((0.0, -0.37), (0.02, -0.30), (-0.01, -0.15)):
        s.scene.fill(
            put(moved(np.array(trace("-0.016,0 -0.016,-0.045 0.016,-0.045 0.016,0")), u, v)), 0.95
        )
    _sails(s, put, plan.uniform(0.2, 1.3), plan.uniform(0.30, 0.34))
    cabin = x + wide * plan.choice((-0.3, 0.28))
    s.scene.fill(
        [
            (cabin, shore),
            (cabin, shore - 0.07),
            (cabin + 0.13, shore - 0.07),
            (cabin + 0.13, shore),
        ],
        0.25,
        angle=1.5,
    )
    s.scene.fill(
        [
            (cabin - 0.015, shore - 0.065),
            (cabin + 0.02, shore - 0.13),
            (cabin + 0.11, shore - 0.13),
            (cabin + 0.145, shore - 0.065),
        ],
        0.6,
        angle=1.1,
    )
    _mirror(s, x, shore)
    _reeds(s)


def _sails(s: Sheet, put: Callable[[ArrayLike], Points], turn: float, length: float) -> None:
    """Draw four latticed sails around the cap."""
    for arm in range(4):
        way = turn + arm * np.pi / 2

        def lay(points: ArrayLike, way: float = way) -> Points:
            return put(shapes.place(points, 0.0, -0.48, length, way))

        s.scene.fill(
            lay(trace("0.22,0 0.22,0.24 1,0.24 1,0")), 0.10, opacity=0.75, angle=way, width=1.0
        )
        s.strokes([lay([(-0.1, 0.0), (1.05, 0.0)])], 2.0)
        s.strokes([lay([(u, 0.0), (u, 0.24)]) for u in np.linspace(0.3, 0.95, 9)], 0.8)
        s.strokes([lay([(0.22, v), (1.0, v)]) for v in (0.08, 0.16)], 0.8)


def _mirror(s: Sheet, x: float, shore: float) -> None:
    """Draw the water's short strokes, denser where the mill is mirrored."""
    y = shore + 0.01 + (1 - shore) * s.plan.random(150) ** 1.3
    near = s.plan.random(150) < 0.6
    at = np.where(near, x + s.plan.normal(0, 0.08, 150), s.plan.uniform(0, s.scene.width, 150))
    reach = np.linspace(-0.5, 0.5, 5) * s.plan.uniform(0.03, 0.13, (150, 1))
    lines = np.stack([at[:, None] + reach, y[:, None] + s.plan.normal(0, 0.0015, (150, 5))], -1)
    s.strokes(lines[near], 1.1, 0.9)
    s.strokes(lines[~near], 0.8, 0.5)


def _reeds(s: Sheet) -> None:
    """Draw reeds in the corner nearest to us."""
    plan = s.plan
    side = plan.choice((0.0, 0.62))
    root = np.stack(
        [s.scene.width * (side + 0.38 * plan.random(46)), plan.uniform(0.97, 1.05, 46)], 1
    )
    tip = root + np.stack([plan.normal(0.02, 0.035, 46), -plan.uniform(0.12, 0.34, 46)], 1)
    middle = (root * 0.45 + tip * 0.55) - (0.012, 0)
    s.strokes([smooth(line, steps=5) for line in np.stack([root, middle, tip], 1)], 1.3, 0.95)
    for at in tip[::5]:
        s.scene.fill(shapes.ellipse(at[0], at[1], 0.006, 0.026, 0.1, 12), 0.95, width=1.2)
