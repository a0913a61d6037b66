"""Outlines that recur in the sample pictures: curves, vessels, ridges, branches."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from indexer.sample.canvas import Rng

Points = NDArray[np.float64]


def trace(text: str) -> Points:
    """Read points (n, 2) written as "x,y x,y ...", as vector drawings do."""
    return np.array(text.replace(",", " ").split(), dtype=np.float64).reshape(-1, 2)


def smooth(points: ArrayLike, closed: bool = False, steps: int = 8) -> Points:
    """Lay a Catmull-Rom curve through points (n, 2); returns about n * steps points."""
    p = np.asarray(points, dtype=np.float64)
    if closed:
        p = np.concatenate([p[-1:], p, p[:2]])
    else:
        p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    a, b, c, d = p[:-3, None], p[1:-2, None], p[2:-1, None], p[3:, None]
    curve = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * (b - c) + d - a) * t**3
    )
    flat = curve.reshape(-1, 2)
    return flat if closed else np.concatenate([flat, p[-2:-1]])


def place(points: ArrayLike, x: float, y: float, size: float = 1, turn: float = 0) -> Points:
    """Scale points (n, 2) by size, turn them by radians, and move them to (x, y)."""
    p = np.asarray(points, dtype=np.float64) * size
    cos, sin = np.cos(turn), np.sin(turn)
    return np.asarray(p @ np.array([[cos, sin], [-sin, cos]]) + (x, y), dtype=np.float64)


def moved(points: ArrayLike, dx: float, dy: float) -> Points:
    """Move points (n, 2)."""
    return np.asarray(np.asarray(points, dtype=np.float64) + np.array([dx, dy]), dtype=np.float64)


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0, n: int = 36) -> Points:
    """Return an ellipse's outline (n, 2)."""
    t = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return place(np.stack([rx * np.cos(t), ry * np.sin(t)], 1), x, y, 1, turn)


def arc(x: float, y: float, rx: float, ry: float, start: float, stop: float) -> Points:
    """Return part of an ellipse, from one angle in radians to another."""
    t = np.linspace(start, stop, 20)
    return np.stack([x + rx * np.cos(t), y + ry * np.sin(t)], 1)


def blob(rng: Rng, x: float, y: float, rx: float, ry: float, rough: float = 0.2) -> Points:
    """Return the outline of a bush or a cloud: an ellipse with bumps."""
    t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    radius = np.ones_like(t)
    for k in range(2, 9):
        radius += rough / k**0.6 * rng.normal() * np.cos(k * t + rng.uniform(0, 6.3)) / 1.6
    return np.stack([x + rx * radius * np.cos(t), y + ry * radius * np.sin(t)], 1)


def lathe(x: float, rings: Sequence[tuple[float, float]], steps: int = 6) -> Points:
    """Return the outline of a vessel turned on a wheel, from (y, radius) pairs, top to bottom."""
    side = smooth([(radius, y) for y, radius in rings], steps=steps)
    left = side[::-1] * (-1, 1)
    return moved(np.concatenate([side, left]), x, 0)


def ridge(rng: Rng, width: float, y: float, height: float, rough: float = 0.5) -> Points:
    """Return a hill's outline across the picture, from its left to its right border.

    Args:
        rng: generator.
        width: of the picture, in units of its height.
        y: mean level.
        height: of the summits above it.
        rough: weight of each finer octave; 0.35 is a dune, 0.6 a rocky chain.
    """
    x = np.linspace(-0.15, width + 0.15, 160)
    level = np.zeros_like(x)
    for octave in range(6):
        knots = np.linspace(-0.3, width + 0.3, int(4 * 1.9**octave) + 2)
        level += rough**octave * np.interp(x, knots, rng.normal(0, 1, len(knots)))
    return np.stack([x, y - height * level], 1)


def ground(line: Points, bottom: float = 1.3) -> Points:
    """Close a hill's outline below the picture."""
    return np.concatenate([line, [(line[-1, 0], bottom), (line[0, 0], bottom)]])


def branches(
    rng: Rng, x: float, y: float, length: float, angle: float, depth: int, spread: float = 0.5
) -> list[tuple[Points, float]]:
    """Grow a bare tree.

    Args:
        rng: generator.
        x, y: where it stands.
        length: of the trunk, in units of the picture's height.
        angle: of the trunk in radians; -pi/2 is upright.
        depth: how often it forks.
        spread: angle between a fork's arms, in radians.

    Returns:
        For each branch its line (4, 2) and its level, `depth` for the trunk and 0 for twigs.
    """
    grown = []
    todo = [(x, y, length, angle, depth)]
    while todo:
        x, y, length, angle, level = todo.pop()
        bend = rng.normal(0, 0.10, 3).cumsum() + angle
        steps = length / 3 * np.stack([np.cos(bend), np.sin(bend)], 1)
        line = np.concatenate([[(x, y)], moved(steps.cumsum(0), x, y)])
        grown.append((line, float(level)))
        if level == 0:
            continue
        arms = 2 + int(rng.random() < 0.45)
        turns = np.linspace(-spread, spread, arms) + rng.normal(0, 0.16, arms)
        for turn in turns:
            shrink = rng.uniform(0.66, 0.86)
            tip = line[-1] if rng.random() < 0.7 else line[2]
            # Twigs look for light: every fork leans a little upwards.
            lean = bend[-1] + turn + 0.12 * np.sin(-np.pi / 2 - bend[-1])
            todo.append((tip[0], tip[1], length * shrink, lean, level - 1))
    return grown
