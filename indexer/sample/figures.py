"""Holy figures for the icons: their panel, heads with halos, and the folds of robes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from indexer.sample import shapes
from indexer.sample.canvas import Rng
from indexer.sample.scene import Scene
from indexer.sample.shapes import Points, moved, smooth, trace

Colour = tuple[float, float, float]
Put = Callable[[ArrayLike], Points]
DARK, LIGHT, GOLD, TOOL = 0, 1, 2, 3
"""Pens: outline, highlight, gold line, and the punch that dents the gold ground."""

LEAF: Colour = (0.86, 0.67, 0.30)
FLESH: Colour = (0.87, 0.66, 0.44)
SHADOW: Colour = (0.46, 0.31, 0.16)


@dataclass
class Panel:
    """A wooden panel in the making.

    Attributes:
        plan, rng: generators of the composition and of the variant.
        scene: of colours.
        gilt: layers of the scene that are gold leaf.
        punched: points (n, 3) of dents in the gold: x, y and size in units of the height.
    """

    plan: Rng
    rng: Rng
    scene: Scene
    gilt: list[int] = field(default_factory=lambda: [0])
    punched: list[Points] = field(default_factory=list)

    def gild(self, outline: ArrayLike, width: float = 0.8) -> None:
        """Lay gold leaf."""
        self.scene.fill(outline, LEAF, width=width)
        self.gilt.append(len(self.scene.angles) - 1)

    def paint(
        self, outline: ArrayLike, colour: ArrayLike, puff: float = 0.012, width: float = 1.0
    ) -> None:
        """Lay a flat colour, a little darker along its edges."""
        light = np.asarray(colour, dtype=np.float64)
        self.scene.fill(outline, light * 1.05, light * 0.55, puff=puff, width=width)

    def lines(self, lines: Iterable[ArrayLike], width: float = 1.0, tint: int = DARK) -> None:
        """Draw lines (n, points, 2) on the front-most shape."""
        for line in lines:
            self.scene.line(line, width, tint)


@dataclass(frozen=True)
class Person:
    """What makes a figure this one.

    Attributes:
        hair: colour of hair and beard.
        beard: length of the beard, 0 for none.
        veil: colour of a veil over the head, or None.
        tunic, cloak: colours of the robes.
        cross: True for a cross in the halo.
    """

    hair: Colour
    beard: float
    veil: Colour | None
    tunic: Colour
    cloak: Colour
    cross: bool = False


def folds(
    p: Panel, first: ArrayLike, last: ArrayLike, count: int, dark: ArrayLike, curve: float = 0.0
) -> None:
    """Draw folds between two guiding lines: a dark furrow, and a light ridge beside it."""
    a, b = smooth(first), smooth(last)
    t = (np.arange(count) + 0.5) / count + p.plan.normal(0, 0.12 / count, count)
    lines = a + (b - a) * t[:, None, None]
    bow = curve * np.sin(np.linspace(0, np.pi, lines.shape[1]))
    lines[..., 0] += bow
    cut = p.plan.integers(0, len(a) // 4, count)
    end = p.plan.integers(0, len(a) // 4, count)
    for line, start, stop in zip(lines, cut, end, strict=True):
        part = line[start : len(line) - stop]
        # A fold is a wedge of light that narrows downwards, beside a dark furrow.
        wedge = np.linspace(1, 0.1, len(part))[:, None] * (abs(b - a).max() / count * 0.36, 0.0)
        ridge = np.concatenate([moved(part, 0.004, 0), (moved(part, 0.004, 0) + wedge)[::-1]])
        p.scene.fill(ridge, np.clip(np.asarray(dark) * 1.35 + 0.10, 0, 1), width=0, opacity=0.75)
        p.scene.line(part, 1.6, DARK)


def halo(p: Panel, x: float, y: float, r: float, cross: bool = False) -> None:
    """Gild a halo with tooled rings, rays and dots."""
    p.gild(shapes.ellipse(x, y, r, r, n=60), 1.3)
    for ring in (0.93, 0.80):
        p.lines([shapes.arc(x, y, r * ring, r * ring, 0, 2 * np.pi)], 1.4, TOOL)
    turns = np.linspace(0, 2 * np.pi, 30, endpoint=False)
    dots = np.stack(
        [x + r * 0.865 * np.cos(turns), y + r * 0.865 * np.sin(turns), 0 * turns + r * 0.03], 1
    )
    p.punched.append(dots)
    rays = (
        np.stack([np.cos(turns), np.sin(turns)], 1)[:, None] * np.array([0.62, 0.78])[None, :, None]
    )
    p.lines(rays * r + (x, y), 1.0, TOOL)
    if cross:
        for way in ((0, -1), (-1, 0), (1, 0)):
            side = np.array([way[1], way[0]]) * 0.15
            tip, root = np.array(way) * 0.98, np.array(way) * 0.5
            arm = np.array(
                [root - side * 0.8, tip - side * 1.5, tip + side * 1.5, root + side * 0.8]
            )
            p.paint(arm * r + (x, y), (0.62, 0.13, 0.10))


def head(p: Panel, who: Person, x: float, y: float, r: float, tilt: float = 0.0) -> None:
    """Paint a head of half height r, seen from the front, with its halo behind it."""

    def put(points: ArrayLike) -> Points:
        return shapes.place(points, x, y, r, tilt)

    halo(p, x, y - 0.10 * r, 2.0 * r, who.cross)
    hair = [
        (-0.70, 0.95),
        (-0.88, 0.35),
        (-0.92, -0.35),
        (-0.62, -1.02),
        (0, -1.24),
        (0.62, -1.02),
        (0.92, -0.35),
        (0.88, 0.35),
        (0.70, 0.95),
        (0.0, 0.5),
    ]
    if who.veil is None:
        p.paint(put(smooth(hair, closed=True)), who.hair, 0.03)
        locks = np.linspace(0.66, 0.9, 4)
        p.lines(
            [
                put(smooth([(s * u * 0.35, -1.05), (s * u, -0.3), (s * u * 0.95, 0.75)]))
                for s in (-1, 1)
                for u in locks
            ],
            0.9,
        )
    else:
        veil = np.array(hair) * (1.16, 1.10)
        veil[[0, 8]] = [(-1.35, 1.6), (1.35, 1.6)]
        veil[9] = (0, 1.5)
        p.paint(put(smooth(veil, closed=True)), who.veil, 0.03)
        for k in (0.80, 1.0):
            p.lines(
                [
                    put(
                        smooth(
                            np.array(
                                trace(
                                    "-0.9,1.3 -0.78,0.2 -0.62,-0.75 0,-1.08 0.62,-0.75 0.78,0.2 "
                                    "0.9,1.3"
                                )
                            )
                            * (k + 0.06, 1)
                        )
                    )
                ],
                1.3,
                GOLD if k < 1 else LIGHT,
            )
        p.paint(
            put(
                smooth(trace("-0.72,0.9 -0.66,-0.5 0,-0.92 0.66,-0.5 0.72,0.9 0,1.3"), closed=True)
            ),
            (0.16, 0.10, 0.12),
        )
    neck = put(trace("-0.3,0.5 -0.34,1.5 0.34,1.5 0.3,0.5"))
    p.scene.fill(neck, np.array(FLESH) * 0.86, SHADOW, puff=r * 0.2)
    _face(p, who, put, r)


def _face(p: Panel, who: Person, put: Put, r: float) -> None:
    oval = smooth(
        trace(
            "0,-0.92 0.46,-0.74 0.64,-0.2 0.58,0.32 0.32,0.8 0,0.94 -0.32,0.8 -0.58,0.32 "
            "-0.64,-0.2 -0.46,-0.74"
        ),
        closed=True,
    )
    p.scene.fill(put(oval), FLESH, SHADOW, puff=r * 0.40, width=1.1)
    for side in (-1, 1):
        blush = put(shapes.ellipse(side * 0.32, 0.27, 0.17, 0.13))
        p.scene.fill(blush, (0.85, 0.46, 0.30), width=0, opacity=0.35)
    if who.beard:
        _beard(p, who, put, r)
    if who.veil is None:
        cap = smooth(
            trace(
                "-0.7,0.1 -0.66,-0.55 -0.3,-1 0.3,-1 0.66,-0.55 0.7,0.1 0.5,-0.42 0.05,-0.74 "
                "-0.5,-0.42"
            ),
            closed=True,
        )
        p.paint(put(cap), who.hair, 0.02)
    _features(p, put, who.beard > 0)


def _features(p: Panel, put: Put, beard: bool) -> None:
    ridge = smooth(
        trace("0.36,-0.26 0.2,-0.31 0.085,-0.22 0.06,0.05 0.105,0.24 0.03,0.31 -0.085,0.27")
    )
    p.lines([put(ridge)], 1.3)
    p.lines([put(smooth(trace("-0.02,-0.2 -0.015,0.05 -0.01,0.22")))], 1.6, LIGHT)
    for s in (-1, 1):
        lid = smooth([(s * 0.10, -0.06), (s * 0.27, -0.155), (s * 0.47, -0.05)])
        low = smooth([(s * 0.47, -0.05), (s * 0.29, 0.035), (s * 0.10, -0.06)])
        p.scene.fill(put(np.concatenate([lid, low])), (0.93, 0.86, 0.72), width=0.9)
        p.scene.fill(
            put(shapes.ellipse(s * 0.27, -0.07, 0.085, 0.088)), (0.13, 0.08, 0.05), width=0.5
        )
        p.lines([put(lid)], 1.5)
        p.lines([put(smooth([(s * 0.09, -0.24), (s * 0.28, -0.33), (s * 0.52, -0.20)]))], 1.7)
        p.lines([put(smooth([(s * 0.16, 0.09), (s * 0.3, 0.13), (s * 0.44, 0.07)]))], 0.9)
        p.lines([put(smooth([(s * 0.18, 0.20), (s * 0.32, 0.22), (s * 0.42, 0.16)]))], 1.3, LIGHT)
    p.scene.fill(
        put(
            smooth(trace("-0.17,0.485 -0.06,0.44 0,0.46 0.06,0.44 0.17,0.485 0,0.565"), closed=True)
        ),
        (0.68, 0.24, 0.17),
        width=0.6,
    )
    p.lines([put(trace("-0.17,0.487 0,0.5 0.17,0.487"))], 0.9)
    if not beard:
        p.lines([put(shapes.arc(0, 0.66, 0.10, 0.04, 0.3, 2.8))], 0.8)


def _beard(p: Panel, who: Person, put: Put, r: float) -> None:
    long = 0.95 + 0.75 * who.beard
    outline = smooth(
        [
            (-0.63, 0.05),
            (-0.50, 0.32),
            (-0.22, 0.37),
            (0, 0.33),
            (0.22, 0.37),
            (0.50, 0.32),
            (0.63, 0.05),
            (0.60, 0.62),
            (0.26, long),
            (0.0, long + 0.08),
            (-0.26, long),
            (-0.60, 0.62),
        ],
        closed=True,
    )
    p.scene.fill(
        put(outline), np.array(who.hair) * 1.15, np.array(who.hair) * 0.6, puff=r * 0.2, width=1.0
    )
    strands = [
        put(smooth([(u, 0.5 + 0.1 * abs(u)), (u * 0.85, 0.75), (u * 0.35, long)]))
        for u in np.linspace(-0.45, 0.45, 8)
    ]
    p.lines(strands, 0.8)
    p.lines([moved(line, 0.004, 0) for line in strands[1::2]], 0.9, LIGHT)
