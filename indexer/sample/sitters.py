"""People who sit for the painted portraits."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from indexer.sample import faces, shapes
from indexer.sample.canvas import mix, smoothstep, vary
from indexer.sample.shapes import Points, smooth, trace
from indexer.sample.stilllifes import wall
from indexer.sample.vistas import Easel, speckle

Put = Callable[[ArrayLike], Points]


def portrait(e: Easel) -> None:
    """Paint somebody against a dark wall."""
    wide, plan = e.scene.width, e.plan
    wall(e)
    e.scene.value *= 0.62
    x, y, size = (
        wide / 2 + plan.normal(0, 0.02),
        plan.uniform(0.36, 0.40),
        plan.uniform(0.19, 0.215),
    )
    turn = float(plan.uniform(0.06, 0.26) * plan.choice((-1, 1)))
    hair = vary(
        plan,
        plan.choice(
            ((0.20, 0.12, 0.08), (0.42, 0.26, 0.13), (0.58, 0.56, 0.52), (0.10, 0.08, 0.08))
        ),
    )
    coat = vary(
        plan,
        plan.choice(
            ((0.12, 0.11, 0.12), (0.40, 0.10, 0.09), (0.12, 0.18, 0.30), (0.24, 0.26, 0.16))
        ),
    )
    woman = plan.random() < 0.5

    def put(points: ArrayLike) -> Points:
        return shapes.place(points, x, y, size)

    back = [
        (-0.95, 1.3),
        (-1.05, 0.2),
        (-0.9, -0.75),
        (0, -1.3),
        (0.9, -0.75),
        (1.05, 0.2),
        (0.95, 1.3),
        (0, 1.2),
    ]
    if woman or plan.random() < 0.4:
        e.scene.fill(
            put(smooth(back, closed=True)),
            hair * 1.4,
            hair * 0.4,
            puff=0.08,
            angle=1.4,
            texture=speckle(e, 12, 0.15),
        )
    body = smooth(
        trace("-0.35,1.15 -1.2,1.55 -1.95,2.1 -2.2,3.6 2.2,3.6 1.95,2.1 1.2,1.55 0.35,1.15 0,1.6"),
        closed=True,
    )
    e.scene.fill(
        put(body), coat * 1.6 + 0.03, coat * 0.3, puff=0.13, angle=0.9, texture=speckle(e, 60, 0.07)
    )
    flesh = vary(plan, (0.90, 0.68, 0.54), 0.03)
    e.scene.fill(
        put(trace("-0.36,0.5 -0.42,1.4 0,1.65 0.42,1.4 0.36,0.5")),
        flesh * 0.85,
        flesh * 0.28,
        puff=0.06,
        angle=0.2,
    )
    _collar(e, put, int(plan.integers(4)))
    _flesh(e, plan.spawn(1)[0], x, y, size, turn, flesh, hair)
    cap = np.array(
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
        ]
    )
    e.scene.fill(
        put(smooth(cap, closed=True)),
        hair * 1.7,
        hair * 0.35,
        puff=0.05,
        angle=1.2,
        texture=speckle(e, 10, 0.2),
    )
    if plan.random() < 0.35:
        _hat(e, put, coat)


def _collar(e: Easel, put: Put, kind: int) -> None:
    """Paint a ruff, a flat lace collar, a scarf, or nothing."""
    white = np.array([0.92, 0.89, 0.82])
    if kind == 0:
        e.scene.fill(put(shapes.ellipse(0, 1.32, 1.02, 0.36)), white, white * 0.42, puff=0.05)
        for turn in np.linspace(0, 2 * np.pi, 26, endpoint=False):
            tip = np.array([np.cos(turn), 0.34 * np.sin(turn)])
            pleat = [tip * 0.42 + (0, 1.30), tip * 1.02 + (-0.05, 1.32), tip * 1.04 + (0.05, 1.32)]
            e.scene.fill(put(pleat), white * (0.55 + 0.1 * np.cos(turn * 3)), opacity=0.6)
        e.scene.fill(put(shapes.ellipse(0, 1.12, 0.44, 0.16)), white * 0.5, opacity=0.7)
    elif kind == 1:
        for side in (-1, 1):
            lace = [
                (0, 1.50),
                (side * 0.36, 1.06),
                (side * 0.85, 1.36),
                (side * 1.02, 1.72),
                (side * 0.45, 1.95),
            ]
            e.scene.fill(put(smooth(lace, closed=True)), white, white * 0.5, puff=0.03, angle=0.4)
    elif kind == 2:
        scarf = vary(
            e.plan, e.plan.choice(((0.72, 0.55, 0.18), (0.55, 0.16, 0.12), (0.24, 0.36, 0.42)))
        )
        for low, high in ((1.02, 1.42), (1.22, 1.62)):
            wrap = smooth(
                [
                    (-0.52, low),
                    (0, low + 0.22),
                    (0.52, low),
                    (0.62, high),
                    (0, high + 0.3),
                    (-0.62, high),
                ],
                closed=True,
            )
            e.scene.fill(put(wrap), scarf * 1.3, scarf * 0.35, puff=0.04, angle=0.2)


def _hat(e: Easel, put: Put, colour: ArrayLike) -> None:
    c = np.asarray(colour) * 0.8
    e.scene.fill(
        put(smooth(trace("-0.85,-0.7 -0.9,-1.35 0,-1.62 0.95,-1.3 0.85,-0.7"), closed=True)),
        c * 1.6,
        c * 0.3,
        puff=0.08,
    )
    e.scene.fill(put(shapes.ellipse(0, -0.72, 1.35, 0.22, -0.05)), c * 1.7, c * 0.35, puff=0.03)


def _flesh(
    e: Easel,
    plan: np.random.Generator,
    x: float,
    y: float,
    size: float,
    turn: float,
    flesh: ArrayLike,
    hair: ArrayLike,
) -> None:
    """Paint the face itself."""
    f = faces.face(e.scene, plan, x, y, size, turn)
    base, brown = np.asarray(flesh), np.asarray(hair)
    colour = mix(base * (0.30, 0.22, 0.18), base * 0.78, smoothstep(0.05, 0.62, f.shade))
    colour = mix(colour, np.clip(base * 1.14, 0, 1), smoothstep(0.62, 0.98, f.shade))
    colour = mix(colour, colour * (1.08, 0.78, 0.72), 0.6 * f.blush)
    colour = mix(colour, colour * (0.92, 0.52, 0.50), f.lips)
    colour = mix(colour, brown * 0.7, 0.8 * f.brows)
    whole = f.inside[..., None]
    e.scene.value += whole * (colour - e.scene.value)
    for ex, ey in faces.eye_parts(e.scene, x, y, size, turn):
        _eye(e, ex, ey, size)


def _eye(e: Easel, x: float, y: float, size: float) -> None:
    lid = smooth(
        trace("-0.155,0.012 -0.07,-0.052 0.07,-0.055 0.155,0 0.07,0.04 -0.07,0.042"), closed=True
    )
    e.scene.fill(shapes.place(lid, x, y, size), (0.80, 0.74, 0.68), (0.35, 0.28, 0.24), puff=0.01)
    e.scene.fill(
        shapes.ellipse(x, y - 0.006 * size, 0.062 * size, 0.058 * size, n=14), (0.12, 0.08, 0.06)
    )
    upper = smooth(
        trace("-0.165,0.015 -0.07,-0.058 0.07,-0.062 0.165,0 0.07,-0.03 -0.07,-0.025"), closed=True
    )
    e.scene.fill(shapes.place(upper, x, y, size), (0.16, 0.09, 0.06))
    e.scene.fill(
        shapes.ellipse(
            x + e.scene.light[0] * 0.04 * size, y - 0.03 * size, 0.02 * size, 0.02 * size, n=8
        ),
        (1, 1, 1),
    )
