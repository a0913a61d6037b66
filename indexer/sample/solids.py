"""Solids as signed distances: how far a point is from a surface."""

from collections.abc import Callable, Sequence

import numpy as np

from indexer.sample.canvas import Field
from indexer.sample.shapes import smooth

Solid = Callable[[Field], Field]
"""Points (3, n) to signed distances (n,); x to the right, y up, z towards us."""


def union(a: Field, b: Field, soft: float) -> Field:
    """Join two solids; `soft` is the width of the seam between them."""
    h = np.clip(0.5 + (b - a) * np.float32(0.5 / soft), 0, 1)
    return np.asarray(b + (a - b) * h - np.float32(soft) * h * (1 - h), dtype=np.float32)


def carve(a: Field, b: Field, soft: float) -> Field:
    """Take solid b away from solid a, with a soft edge."""
    return -union(-a, b, soft)


def ball(p: Field, x: float, y: float, z: float, rx: float, ry: float, rz: float) -> Field:
    """Measure to an ellipsoid at (x, y, z); exact at its surface, close elsewhere."""
    dx, dy, dz = p[0] - np.float32(x), p[1] - np.float32(y), p[2] - np.float32(z)
    sx, sy, sz = np.float32(1 / rx), np.float32(1 / ry), np.float32(1 / rz)
    a = np.sqrt((dx * sx) ** 2 + (dy * sy) ** 2 + (dz * sz) ** 2)
    return np.asarray(
        (a - 1) * np.float32(min(rx, ry, rz) * 0.5 + (rx + ry + rz) / 6), dtype=np.float32
    )


def rod(
    p: Field, a: tuple[float, float, float], b: tuple[float, float, float], ra: float, rb: float
) -> Field:
    """Measure to a rod from a to b whose radius goes from ra to rb."""
    start, axis = np.array(a, dtype=np.float32), np.subtract(b, a).astype(np.float32)
    px, py, pz = p[0] - start[0], p[1] - start[1], p[2] - start[2]
    h = np.clip((px * axis[0] + py * axis[1] + pz * axis[2]) / np.float32(axis @ axis), 0, 1)
    gap = np.sqrt((px - axis[0] * h) ** 2 + (py - axis[1] * h) ** 2 + (pz - axis[2] * h) ** 2)
    return np.asarray(gap - (np.float32(ra) + np.float32(rb - ra) * h), dtype=np.float32)


def box(p: Field, y: float, half: tuple[float, float, float], round_: float = 0.01) -> Field:
    """Measure to an upright box whose middle is at height y."""
    dx = np.abs(p[0]) - np.float32(half[0])
    dy = np.abs(p[1] - np.float32(y)) - np.float32(half[1])
    dz = np.abs(p[2]) - np.float32(half[2])
    out = np.sqrt(np.maximum(dx, 0) ** 2 + np.maximum(dy, 0) ** 2 + np.maximum(dz, 0) ** 2)
    return np.asarray(
        out + np.minimum(np.maximum(np.maximum(dx, dy), dz), 0) - np.float32(round_),
        dtype=np.float32,
    )


def turned(rings: Sequence[tuple[float, float]]) -> Solid:
    """Turn a solid on a lathe, from (y, radius) pairs, bottom to top."""
    side = smooth(rings, steps=40)
    height, radius = np.maximum.accumulate(side[:, 0]), side[:, 1]
    middle, half = (rings[0][0] + rings[-1][0]) / 2, (rings[-1][0] - rings[0][0]) / 2

    def measure(p: Field) -> Field:
        gap = np.hypot(p[0], p[2]) - np.interp(p[1], height, radius).astype(np.float32)
        return np.asarray(
            np.maximum(gap * np.float32(0.72), np.abs(p[1] - middle) - half), dtype=np.float32
        )

    return measure


def tilted(p: Field, turn: float) -> Field:
    """Turn points about the z axis by radians."""
    cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    return np.stack([p[0] * cos - p[1] * sin, p[0] * sin + p[1] * cos, p[2]])
