"""Valleys and seas for the painted pictures."""

import numpy as np
from numpy.typing import ArrayLike

from indexer.sample import shapes
from indexer.sample.canvas import grid, mix, noise, smoothstep, vary
from indexer.sample.shapes import Points, moved, smooth, trace
from indexer.sample.vistas import Easel, cottage, foliage, hills, sky, speckle, trunk


def landscape(e: Easel) -> None:
    """Paint a valley with a river, trees and far hills."""
    plan, wide, h = e.plan, e.scene.width, e.hour
    horizon = plan.uniform(0.44, 0.54)
    sky(e, horizon)
    hills(e, (horizon, horizon + 0.04, horizon + 0.10), 0.06, np.asarray(h.grass) * 0.8)
    grass, dark = vary(plan, h.grass), np.asarray(h.grass) * 0.55
    e.scene.fill(
        shapes.ground(shapes.ridge(plan, wide, horizon + 0.15, 0.012, 0.4)),
        grass,
        dark,
        puff=0.2,
        texture=speckle(e, 60, 0.25),
    )
    _river(e, horizon + 0.15)
    trees, shade = np.asarray(h.trees) * 1.9 + 0.06, np.asarray(h.trees) * 0.75
    for x in plan.uniform(0, wide, 7):
        foliage(e, x, horizon + plan.uniform(0.11, 0.19), plan.uniform(0.03, 0.06), trees, shade, 4)
    cottage(
        e,
        wide * plan.uniform(0.25, 0.7),
        horizon + 0.20,
        0.065,
        (0.90, 0.84, 0.72),
        (0.62, 0.30, 0.20),
    )
    near = shapes.ridge(plan, wide, 0.93, 0.03, 0.45)
    e.scene.fill(
        shapes.ground(near),
        np.asarray(h.grass) * 0.75,
        shade,
        puff=0.06,
        angle=-0.5,
        texture=speckle(e, 14, 0.3),
    )
    x = wide * plan.choice((0.14, 0.2, 0.82, 0.88))
    trunk(e, x, 0.96, 0.42, 0.018, (0.34, 0.24, 0.16))
    foliage(e, x, 0.46, plan.uniform(0.19, 0.25), trees, shade, 12)


def _river(e: Easel, far: float) -> None:
    wide, plan = e.scene.width, e.plan
    x = wide * plan.uniform(0.35, 0.65)
    bend = plan.uniform(0.12, 0.3) * plan.choice((-1, 1))
    middle = smooth(
        [
            (x, far + 0.005),
            (x + bend, far + 0.06),
            (x - bend * 0.6, far + 0.15),
            (x + bend * 0.5, far + 0.30),
            (x, 1.1),
        ]
    )
    half = 0.01 + 0.42 * np.clip(middle[:, 1:] - far, 0, 1) ** 1.3
    outline = np.concatenate([middle - half * (1, 0), (middle + half * (1, 0))[::-1]])
    light = np.asarray(e.hour.horizon) * 0.97
    e.scene.fill(
        outline, light, np.asarray(e.hour.zenith) * 0.7, puff=0.03, texture=speckle(e, 30, 0.25)
    )


def seascape(e: Easel) -> None:
    """Paint the sea, with waves that break towards us and a sail far out."""
    plan, wide, h = e.plan, e.scene.width, e.hour
    horizon = plan.uniform(0.46, 0.58)
    sun = wide * plan.uniform(0.25, 0.75)
    sky(e, horizon, sun)
    _sea(e, horizon, sun)
    for _ in range(plan.integers(1, 4)):
        _sail(
            e,
            wide * plan.uniform(0.1, 0.9),
            horizon + plan.uniform(0.01, 0.10),
            plan.uniform(0.05, 0.15),
        )
    deep = np.asarray(h.zenith) * (0.42, 0.62, 0.66) + (0, 0.05, 0.04)
    for y in np.linspace(horizon + 0.2, 1.02, 4):
        t = np.linspace(-0.1, wide + 0.1, 90)
        size = 0.08 * (y - horizon) + 0.008
        crest = y - size * (
            np.sin(t * plan.uniform(3, 6) + plan.uniform(0, 6))
            + 0.5 * np.sin(t * 13 + plan.uniform(0, 6))
        )
        line = np.stack([t, crest], 1)
        e.scene.fill(
            shapes.ground(line),
            np.asarray(h.horizon) * 0.8 + 0.1,
            deep,
            puff=0.035,
            angle=0.05,
            texture=speckle(e, 26, 0.16),
        )
        foam = np.concatenate([line, (moved(line, 0, 0.006 + size * 0.35 * plan.random()))[::-1]])
        e.scene.fill(
            foam,
            np.asarray(h.cloud),
            np.asarray(h.shade),
            puff=0.01,
            texture=speckle(e, 10, 0.5),
            opacity=0.85,
        )


def _sea(e: Easel, horizon: float, sun: float) -> None:
    shape, h = e.scene.shape, e.hour
    x, y = grid(shape)
    streak = np.repeat(noise(e.plan, (shape[0] * 3, shape[1] // 3 + 2), 36, 3), 3, 1)[
        : shape[0], : shape[1]
    ]
    depth = np.clip((y - horizon) / (1 - horizon), 0, 1)
    deep = np.asarray(h.zenith) * (0.55, 0.75, 0.80)
    water = mix(np.asarray(h.horizon) * 0.86, deep, np.broadcast_to(depth**0.5, shape))
    water += 0.07 * streak[..., None]
    path = np.exp(-(((x - sun) / (0.05 + 0.30 * depth)) ** 2)) * smoothstep(
        -0.2, 1.0, streak + 0.4 * (1 - depth)
    )
    water = mix(water, h.glow, np.clip(path, 0, 0.95))
    e.scene.fill([(-1, horizon), (4, horizon), (4, 2), (-1, 2)], (0, 0, 0))
    sea = e.scene.owner == len(e.scene.angles) - 1
    e.scene.value[sea] = water[sea]
    e.scene.flow[sea] *= 0.25


def _sail(e: Easel, x: float, y: float, size: float) -> None:
    def put(points: ArrayLike) -> Points:
        return shapes.place(points, x, y, size)

    cloth = e.plan.choice(((0.95, 0.91, 0.82), (0.72, 0.34, 0.20), (0.88, 0.74, 0.52)))
    e.scene.fill(
        put(smooth(trace("0.03,-1.5 0.5,-0.7 0.72,-0.2 0.03,-0.2"))),
        cloth,
        cloth * 0.6,
        puff=size * 0.2,
        angle=1.3,
    )
    e.scene.fill(
        put(smooth(trace("-0.03,-1.4 -0.45,-0.2 -0.03,-0.22"))),
        cloth * 0.9,
        cloth * 0.5,
        puff=size * 0.2,
        angle=1.3,
    )
    e.scene.fill(
        put(trace("-0.75,-0.16 0.8,-0.16 0.55,0.1 -0.55,0.1")), (0.25, 0.17, 0.13), angle=0.0
    )
    e.scene.fill(
        put(trace("-0.5,0.12 0.5,0.12 0.2,0.6 -0.1,0.6")),
        np.asarray(e.hour.zenith) * 0.5,
        opacity=0.4,
    )
