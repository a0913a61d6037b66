"""A modelled head under one lamp, for painted and engraved portraits."""

from dataclasses import dataclass

import numpy as np

from indexer.sample.canvas import Field, Rng, slopes, smoothstep
from indexer.sample.scene import Scene


@dataclass(frozen=True)
class Face:
    """A face in relief.

    Attributes:
        inside: float32 (height, width), 1 on the face.
        shade: float32 (height, width), 1 in full light.
        lips, eyes, brows, blush: float32 (height, width), weights of these features.
    """

    inside: Field
    shade: Field
    lips: Field
    eyes: Field
    brows: Field
    blush: Field


def face(scene: Scene, plan: Rng, x: float, y: float, size: float, turn: float) -> Face:
    """Model a face.

    Args:
        scene: gives the canvas, the view and the light.
        plan: generator of the features.
        x, y: middle of the face, in units of the picture's height.
        size: its half height, in the same units.
        turn: to the side, -0.5 to 0.5.
    """
    centre = scene.pixels([(x, y)])[0]
    scale = size * scene.shape[0] * scene.view.zoom
    v = ((np.arange(scene.shape[0], dtype=np.float32) - np.float32(centre[1])) / np.float32(scale))[
        :, None
    ]
    u = ((np.arange(scene.shape[1], dtype=np.float32) - np.float32(centre[0])) / np.float32(scale))[
        None, :
    ]
    jaw = 0.72 - 0.20 * np.clip(v, 0, 1) ** 1.5 + plan.normal(0, 0.02)
    ball = np.clip(1 - (u / jaw) ** 2 - (np.abs(v) ** 2.3), 0, 1)
    mid = np.float32(turn) * (1 - 0.25 * v**2)
    w = u - mid

    def bump(cx: float, cy: float, sx: float, sy: float) -> Field:
        return np.exp(-(((w - cx) / sx) ** 2) - ((v - cy) / sy) ** 2).astype(np.float32)

    long = plan.uniform(0.95, 1.1)
    lean = 0.5 * np.float32(turn)
    eyes = bump(-0.27, -0.10, 0.13, 0.055) + bump(0.27, -0.10, 0.13, 0.055)
    height = 0.75 * np.sqrt(ball)
    height = height - 0.085 * (bump(-0.25, -0.13, 0.16, 0.11) + bump(0.25, -0.13, 0.16, 0.11))
    height += 0.030 * (bump(-0.27, -0.10, 0.10, 0.06) + bump(0.27, -0.10, 0.10, 0.06))
    height += 0.05 * (bump(-0.25, -0.27, 0.2, 0.06) + bump(0.25, -0.27, 0.2, 0.06))
    ridge = np.exp(
        -(((w - lean * (v + 0.3) * 0.4) / (0.075 + 0.05 * smoothstep(-0.1, 0.25, v))) ** 2)
    )
    height += (
        0.20
        * ridge
        * smoothstep(-0.45, 0.22, v / np.float32(long))
        * smoothstep(0.34, 0.22, v / np.float32(long))
    )
    height += 0.05 * (bump(-0.12, 0.25, 0.06, 0.05) + bump(0.12, 0.25, 0.06, 0.05))
    height += 0.05 * (bump(-0.38, 0.12, 0.15, 0.14) + bump(0.38, 0.12, 0.15, 0.14))
    height += (
        0.055 * bump(0, 0.47, 0.17, 0.045)
        + 0.06 * bump(0, 0.575, 0.14, 0.05)
        - 0.05 * bump(0, 0.52, 0.2, 0.02)
    )
    height += 0.07 * bump(0, 0.80, 0.16, 0.10) - 0.03 * bump(0, 0.67, 0.15, 0.04)
    slope_y, slope_x = slopes(height * np.float32(scale))
    lx, ly = scene.light
    lit = (0.75 - slope_x * lx - slope_y * ly) / np.sqrt(1 + slope_x**2 + slope_y**2)
    shade = np.clip(lit / np.hypot(0.75, np.hypot(lx, ly)), 0, 1)
    lips = smoothstep(0.25, 0.6, bump(0, 0.475, 0.19, 0.045) + bump(0, 0.565, 0.15, 0.05))
    line = np.maximum(bump(0, 0.52, 0.2, 0.014), 0)
    blush = bump(-0.36, 0.2, 0.16, 0.16) + bump(0.36, 0.2, 0.16, 0.16) + bump(0, 0.2, 0.12, 0.1)
    arch = v + 0.275 - 0.22 * (np.abs(w) - 0.27) ** 2 * 4
    brows = (
        np.exp(-((arch / 0.032) ** 2))
        * smoothstep(0.06, 0.12, np.abs(w))
        * smoothstep(0.47, 0.36, np.abs(w))
    )
    return Face(
        smoothstep(0.0, 0.03, ball).astype(np.float32),
        np.clip(shade - 0.35 * line, 0, 1).astype(np.float32),
        lips,
        eyes,
        brows.astype(np.float32),
        np.clip(blush, 0, 1),
    )


def eye_parts(
    scene: Scene, x: float, y: float, size: float, turn: float
) -> list[tuple[float, float]]:
    """Return the middles of both eyes, in units of the picture's height."""
    return [(x + size * (turn + side * 0.27), y - 0.10 * size) for side in (-1, 1)]
