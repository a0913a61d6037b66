"""What the engravings show: portraits in ovals, and shells."""

import numpy as np

from indexer.sample import faces, shapes
from indexer.sample.canvas import noise, smoothstep
from indexer.sample.plates import Plate
from indexer.sample.shapes import Points, smooth, trace


def portrait(p: Plate) -> None:
    """Cut a portrait in an oval frame on a stone ledge."""
    plan, wide = p.plan, p.scene.width
    p.scene.value[:] = 0.30
    x, y = wide / 2, 0.455
    rx, ry = wide * 0.435, 0.425
    p.scene.fill(shapes.ellipse(x, y, rx * 1.09, ry * 1.09, n=70), 0.02, 0.8, puff=0.03, angle=0.7)
    p.scene.fill(shapes.ellipse(x, y, rx, ry, n=70), 0.62, angle=0.0, width=1.2)
    oval = p.scene.owner == len(p.scene.angles) - 1
    shade = np.clip(
        0.5 + 0.25 * np.sign(p.scene.light[0]) * np.linspace(-1, 1, oval.shape[1])[None, :], 0, 1
    )
    p.scene.value[oval] = np.broadcast_to(shade, oval.shape)[oval]
    _sitter(p, x, y - 0.01 + plan.normal(0, 0.008), plan.uniform(0.165, 0.185))
    _outside(p, x, y, rx, ry)


def _outside(p: Plate, x: float, y: float, rx: float, ry: float) -> None:
    """Lay the frame again over whatever reaches out of the oval."""
    ring = shapes.ellipse(x, y, rx, ry, n=70)
    lower = np.concatenate(
        [
            ring[:36],
            [ring[0] * (0, 0) + (x - rx * 1.5, y)],
            [(x - rx * 1.5, 0.86), (x + rx * 1.5, 0.86), (x + rx * 1.5, y)],
        ]
    )
    p.scene.fill(lower, 0.36, angle=-0.7, width=0.0)
    rim = np.concatenate([ring[:36], shapes.ellipse(x, y, rx * 1.09, ry * 1.09, n=70)[:36][::-1]])
    p.scene.fill(rim, 0.02, 0.8, puff=0.03, angle=0.7)
    wide = p.scene.width
    p.scene.fill(trace("-1,0.86 4,0.86 4,2 -1,2"), 0.30, angle=0.0)
    p.scene.fill(
        [(wide * 0.14, 0.89), (wide * 0.86, 0.89), (wide * 0.86, 0.975), (wide * 0.14, 0.975)],
        0.02,
        angle=0.0,
    )
    p.lines(
        [
            [
                (wide * 0.22 + wide * 0.56 * t / 30, 0.932 + 0.012 * np.sin(t * 2.4))
                for t in range(31)
            ]
        ],
        1.1,
    )


def _sitter(p: Plate, x: float, y: float, size: float) -> None:
    plan = p.plan
    turn = float(plan.uniform(0.05, 0.25) * plan.choice((-1, 1)))

    def put(points: object) -> Points:
        return shapes.place(np.asarray(points), x, y, size)

    curls = plan.random() < 0.6
    if curls:
        for side in (-1, 1):
            for k in range(7):
                lock = shapes.blob(
                    plan, side * (0.78 + 0.12 * np.sin(k)), -0.75 + 0.33 * k, 0.32, 0.26, 0.15
                )
                p.scene.fill(put(lock), 0.15, 0.95, puff=size * 0.2, angle=side * 0.6, width=0.8)
    body = smooth(
        trace("-0.35,1.1 -1.2,1.45 -1.9,2 -2.1,3.2 2.1,3.2 1.9,2 1.2,1.45 0.35,1.1"), closed=True
    )
    p.scene.fill(put(body), 0.45, 1.0, puff=size * 0.6, angle=0.9)
    p.scene.fill(
        put(trace("-0.36,0.5 -0.42,1.4 0,1.6 0.42,1.4 0.36,0.5")),
        0.15,
        0.8,
        puff=size * 0.3,
        angle=0.1,
    )
    for row in range(4):
        lace = smooth(
            [
                (-0.34 - 0.03 * row, 1.12 + 0.22 * row),
                (0, 1.02 + 0.25 * row),
                (0.34 + 0.03 * row, 1.12 + 0.22 * row),
                (0.2, 1.5 + 0.22 * row),
                (-0.2, 1.5 + 0.22 * row),
            ],
            closed=True,
        )
        p.scene.fill(put(lace), 0.0, 0.6, puff=size * 0.12, angle=1.3, width=0.8)
    p.scene.fill(
        put(
            smooth(
                trace(
                    "0,-1 0.5,-0.85 0.72,-0.2 0.66,0.35 0.36,0.88 0,1.02 -0.36,0.88 -0.66,0.35 "
                    "-0.72,-0.2 -0.5,-0.85"
                ),
                closed=True,
            )
        ),
        0.0,
        0.6,
        puff=size * 0.5,
        angle=0.35,
    )
    f = faces.face(p.scene, plan.spawn(1)[0], x, y, size, turn)
    tone = 0.80 * (1 - smoothstep(0.12, 0.95, f.shade)) + 0.28 * f.lips + 0.5 * f.brows
    p.scene.value += f.inside * (tone - p.scene.value)
    for ex, ey in faces.eye_parts(p.scene, x, y, size, turn):
        lid = smooth(
            trace("-0.155,0.012 -0.07,-0.052 0.07,-0.055 0.155,0 0.07,0.04 -0.07,0.042"),
            closed=True,
        )
        p.scene.fill(shapes.place(lid, ex, ey, size), 0.02, width=1.1)
        p.scene.fill(
            shapes.ellipse(ex, ey - 0.006 * size, 0.065 * size, 0.06 * size, n=14), 1.0, width=0.8
        )
    cap = smooth(
        [
            (-0.80, 0.18),
            (-0.86, -0.45),
            (-0.5, -1.14),
            (0.1, -1.24),
            (0.62, -1.06),
            (0.86, -0.45),
            (0.80, 0.18),
            (0.66, -0.28),
            (0.35 + turn, -0.72),
            (-0.25 + turn, -0.70),
            (-0.66, -0.26),
        ],
        closed=True,
    )
    p.scene.fill(put(cap), 0.2, 0.95, puff=size * 0.22, angle=1.1)


def nautilus(p: Plate) -> None:
    """Cut a shell, as a plate of a natural history."""
    plan, wide = p.plan, p.scene.width
    x, y = wide * 0.45, 0.50
    growth, turns = plan.uniform(0.15, 0.18), plan.uniform(2.3, 2.8)
    size, spin = plan.uniform(0.43, 0.48), plan.uniform(-0.4, 0.4)
    p.scene.fill(shapes.ellipse(x + 0.06, y + size * 0.98, size, 0.045), 0.5, width=0, angle=0.0)
    t = np.linspace(0, turns * 2 * np.pi, 150)
    r = size * np.exp(-growth * t)
    spiral = np.stack([x + r * np.cos(t + spin), y - r * np.sin(t + spin)], 1)
    turn = 2 * np.pi
    inner = size * np.exp(-growth * (t + turn))
    # The shell is laid from its youngest chamber outwards in short, rounded pieces.
    step = 7
    for k in range(len(t) - step - 1, -1, -3):
        s = slice(k, k + step)
        low = np.stack([x + inner[s] * np.cos(t[s] + spin), y - inner[s] * np.sin(t[s] + spin)], 1)
        piece = np.concatenate([spiral[s], low[::-1]])
        p.scene.fill(piece, 0.0, 0.2, angle=float(np.pi / 2 - t[k] - spin), width=0)
    _shade_shell(p, x, y, size, growth, spin, turns)
    p.lines(spiral[None], 1.5)
    for k in range(3, 100, 5):
        wall = np.linspace(0, 1, 9)
        a, b = r[k], inner[k]
        lean = t[k] + spin + 0.35 * wall * (1 - 0.3 * wall)
        rad = a + (b - a) * wall
        p.lines(np.stack([x + rad * np.cos(lean), y - rad * np.sin(lean)], 1)[None], 1.0)


def _shade_shell(
    p: Plate, x: float, y: float, size: float, growth: float, spin: float, turns: float
) -> None:
    """Round the whorls: dark along their seams, with stripes of colour."""
    height, width = p.scene.shape
    centre = p.scene.pixels([(x, y)])[0]
    v, u = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (u - centre[0]) / height, (centre[1] - v) / height
    angle = np.mod(np.arctan2(v, u) - spin, 2 * np.pi)
    log = -np.log(np.hypot(u, v) / size / p.scene.view.zoom + 1e-6) / growth
    whorl = (log - angle) / (2 * np.pi)
    inside = (whorl > 0) & (whorl < turns)
    across = np.mod(whorl, 1)
    bulge = np.sqrt(np.clip(1 - (2 * across - 1) ** 2, 0, 1))
    lit = 0.5 + 0.5 * (
        np.cos(angle + spin) * p.scene.light[0] - np.sin(angle + spin) * p.scene.light[1]
    )
    tone = 0.75 * (1 - bulge) ** 0.8 + 0.42 * (1 - lit) * (1.2 - across)
    stripes = np.sin(log * 4.6 + 5 * across) + 0.5 * noise(p.plan, p.scene.shape, 40, 2)
    tone = tone + 0.34 * smoothstep(0.25, 0.75, stripes.astype(np.float32)) * smoothstep(
        0.75, 0.2, across.astype(np.float32)
    ) * (whorl < 0.8)
    p.scene.value[inside] = np.clip(tone, 0.0, 1)[inside]
    p.scene.relief[inside] = bulge[inside]
