"""Robed figures and frames, shared by all icons."""

import numpy as np
from numpy.typing import ArrayLike

from indexer.sample import attributes, figures, shapes
from indexer.sample.canvas import vary
from indexer.sample.figures import GOLD, Colour, Panel, Person
from indexer.sample.shapes import Points, smooth, trace

REDS = ((0.62, 0.10, 0.10), (0.72, 0.20, 0.13), (0.50, 0.09, 0.16))


BLUES = ((0.10, 0.19, 0.42), (0.13, 0.30, 0.46), (0.16, 0.14, 0.34))


GREENS = ((0.17, 0.36, 0.24), (0.30, 0.42, 0.22), (0.10, 0.33, 0.34))


EARTHS = ((0.55, 0.33, 0.15), (0.42, 0.25, 0.20), (0.76, 0.58, 0.34))


WHITES = ((0.90, 0.85, 0.74), (0.84, 0.80, 0.76))


BROWN: Colour = (0.26, 0.14, 0.07)


GREY: Colour = (0.74, 0.70, 0.64)


def pick(p: Panel, colours: tuple[Colour, ...]) -> Colour:
    """Choose a colour for the composition, mixed a little differently in each variant."""
    r, g, b = vary(p.rng, colours[p.plan.integers(len(colours))], 0.02).tolist()
    return r, g, b


def somebody(p: Panel) -> Person:
    """Make up a saint."""
    hair = (BROWN, GREY, (0.40, 0.22, 0.09))[p.plan.integers(3)]
    beard = float(p.plan.choice((0.0, 0.15, 0.6, 1.0)))
    veil = pick(p, (*REDS, *BLUES, *EARTHS)) if beard == 0 and p.plan.random() < 0.6 else None
    robes = (REDS, BLUES, GREENS, EARTHS, WHITES)
    first, second = p.plan.permutation(5)[:2]
    return Person(hair, beard, veil, pick(p, robes[first]), veil or pick(p, robes[second]))


def border(p: Panel, colour: Colour, arch: str = "none") -> None:
    """Frame the panel: a painted rim, a bead of gold, and an arch above where one is asked for."""
    wide = p.scene.width
    rim = 0.036
    outer = np.array(
        [(-0.3, -0.3), (wide + 0.3, -0.3), (wide + 0.3, 1.3), (-0.3, 1.3), (-0.3, -0.3)]
    )
    inner = np.array(
        [(rim, rim), (rim, 1 - rim), (wide - rim, 1 - rim), (wide - rim, rim), (rim, rim)]
    )
    if arch != "none":
        top = 1.0 * rim
        half = wide / 2 - rim
        rise = half if arch == "round" else half * 1.35
        t = np.linspace(np.pi, 0, 40)
        bow = np.sin(t) if arch == "round" else np.sin(t) ** 0.75
        curve = np.stack([wide / 2 + half * np.cos(t), top + rise - rise * bow * 0.98], 1)
        corner = np.concatenate([[(rim, rim)], [(rim, top + rise)], curve, [(wide - rim, rim)]])
        p.paint(corner, np.asarray(colour) * 0.8, 0.0)
        p.lines([curve], 3.2, GOLD)
        for x in (rim + 0.055, wide - rim - 0.055):
            _rosette(p, x, rim + 0.06, 0.032)
    p.paint(np.concatenate([outer, inner]), colour, 0.012)
    p.lines([inner], 3.0, GOLD)
    _beads(p, inner[:4])


def _rosette(p: Panel, x: float, y: float, r: float) -> None:
    for k in range(6):
        petal = shapes.ellipse(
            x + r * 0.6 * np.cos(k * np.pi / 3),
            y + r * 0.6 * np.sin(k * np.pi / 3),
            r * 0.4,
            r * 0.3,
            k * np.pi / 3,
            14,
        )
        p.gild(petal, 0.6)
    p.paint(shapes.ellipse(x, y, r * 0.3, r * 0.3, n=14), (0.65, 0.14, 0.12))


def _beads(p: Panel, corners: Points) -> None:
    """Punch a row of dots into the gold along the frame."""
    middle = corners.mean(0)
    inner = middle + (corners - middle) * (1 - 0.035 / np.abs(corners - middle))
    for a, b in zip(inner, np.roll(inner, -1, 0), strict=True):
        count = int(np.hypot(*(b - a)) / 0.022)
        row = a + (b - a) * np.linspace(0, 1, count)[:, None]
        p.punched.append(np.concatenate([row, np.full((count, 1), 0.006)], 1))


def half_length(p: Panel, who: Person, x: float, y: float, r: float, tilt: float = 0.0) -> None:
    """Paint a figure to the waist; its head has half height r, its middle at (x, y)."""
    figures.head(p, who, x, y, r, tilt)

    def put(points: ArrayLike) -> Points:
        return shapes.place(points, x, y, r)

    p.paint(
        put(
            smooth(
                trace("-0.36,1.02 -0.95,1.45 -1,4.5 1,4.5 0.95,1.45 0.36,1.02 0,1.4"), closed=True
            )
        ),
        who.tunic,
    )
    p.lines([put(smooth(trace("-0.38,1.08 0,1.46 0.38,1.08")))], 2.6, GOLD)
    figures.folds(
        p, put(trace("-0.5,1.5 -0.4,2.4 -0.5,4")), put(trace("0.5,1.5 0.5,2.4 0.6,4")), 6, who.tunic
    )
    left = smooth(
        trace("-0.42,0.98 -1.3,1.32 -1.95,2 -2.35,3.2 -2.5,5 -0.2,5 -0.5,3 -0.62,1.8"), closed=True
    )
    right = smooth(
        trace("0.42,0.98 1.3,1.32 1.95,2 2.35,3.2 2.5,5 -1.1,5 -0.6,3.5 0.35,2.5 0.62,1.8"),
        closed=True,
    )
    for shape, side in ((left, -1), (right, 1)):
        p.paint(put(shape), who.cloak, 0.015, 1.4)
        figures.folds(
            p,
            put([(side * 0.6, 1.4), (side * 0.85, 2.5), (side * 0.5, 4.6)]),
            put([(side * 1.5, 1.6), (side * 2.0, 2.8), (side * 2.2, 4.8)]),
            7,
            who.cloak,
        )
    edge = smooth(trace("0.42,1 0.6,1.8 0.33,2.5 -0.6,3.5 -1.1,5"))
    p.lines([put(edge), put(smooth(trace("-0.42,1 -0.6,1.8 -0.5,3")))], 2.4, GOLD)


def standing(p: Panel, who: Person, x: float, top: float, height: float) -> None:
    """Paint a saint from head to foot between y = top and top + height."""
    r = height * 0.066
    y = top + 1.2 * r

    def put(points: ArrayLike) -> Points:
        return shapes.place(points, x, top, height)

    for side in (-1, 1):
        p.paint(
            put(
                smooth(
                    [
                        (side * 0.03, 0.95),
                        (side * 0.055, 0.94),
                        (side * 0.10, 0.995),
                        (side * 0.05, 1.005),
                    ],
                    closed=True,
                )
            ),
            (0.25, 0.13, 0.08),
        )
    figures.head(p, who, x, y, r)
    p.paint(
        put(
            smooth(
                trace(
                    "-0.035,0.15 -0.12,0.2 -0.15,0.55 -0.155,0.96 0,0.985 0.155,0.96 0.15,0.55 "
                    "0.12,0.2 0.035,0.15"
                ),
                closed=True,
            )
        ),
        who.tunic,
    )
    figures.folds(
        p,
        put(trace("-0.06,0.3 -0.09,0.6 -0.13,0.95")),
        put(trace("0.06,0.3 0.1,0.6 0.13,0.95")),
        9,
        who.tunic,
    )
    left = smooth(
        trace(
            "-0.04,0.145 -0.135,0.185 -0.185,0.36 -0.19,0.72 -0.13,0.8 -0.09,0.62 -0.07,0.38 "
            "-0.055,0.22"
        ),
        closed=True,
    )
    right = smooth(
        trace(
            "0.04,0.145 0.135,0.185 0.185,0.36 0.18,0.6 0.02,0.8 -0.12,0.84 -0.14,0.72 "
            "-0.02,0.52 0.05,0.3"
        ),
        closed=True,
    )
    for shape, side in ((left, -1), (right, 1)):
        p.paint(put(shape), who.cloak, height * 0.012, 1.3)
        figures.folds(
            p,
            put([(side * 0.06, 0.2), (side * 0.085, 0.4), (side * 0.05 - 0.05, 0.74)]),
            put([(side * 0.135, 0.22), (side * 0.175, 0.42), (side * 0.15, 0.62)]),
            6,
            who.cloak,
        )
    p.lines(
        [
            put(smooth(trace("0.04,0.15 0.05,0.3 -0.02,0.52 -0.14,0.72"))),
            put(smooth(trace("-0.04,0.15 -0.055,0.22 -0.07,0.38 -0.09,0.62"))),
        ],
        2.0,
        GOLD,
    )
    attributes.book(
        p, x + 0.075 * height, top + 0.40 * height, 0.052 * height, -0.1, (0.60, 0.14, 0.12)
    )
    attributes.hand(p, x + 0.06 * height, top + 0.445 * height, 0.032 * height, -0.8)
    attributes.hand(
        p, x - 0.06 * height, top + 0.35 * height, 0.036 * height, -np.pi / 2 + 0.2, True
    )
