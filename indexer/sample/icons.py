"""What the icons show: madonnas, the ruler of all, angels and single saints."""

import numpy as np
from numpy.typing import ArrayLike

from indexer.sample import attributes, figures, shapes
from indexer.sample.figures import GOLD, LIGHT, Colour, Panel, Person
from indexer.sample.robes import (
    BLUES,
    BROWN,
    EARTHS,
    GREENS,
    REDS,
    WHITES,
    border,
    half_length,
    pick,
    somebody,
    standing,
)
from indexer.sample.shapes import Points, smooth, trace


def madonna(p: Panel) -> None:
    """Paint a mother with her child on her arm."""
    wide, plan = p.scene.width, p.plan
    side = int(plan.choice((-1, 1)))
    cloak = pick(p, (*BLUES, REDS[2]))
    mother = Person(BROWN, 0, cloak, pick(p, REDS), cloak)
    child = Person(
        (0.42, 0.24, 0.10),
        0,
        None,
        pick(p, WHITES),
        pick(p, (*EARTHS[2:], *REDS[1:2], *GREENS[:1])),
        cross=True,
    )
    x, r = wide / 2 - side * 0.045, plan.uniform(0.118, 0.13)
    half_length(p, mother, x, 0.36, r, side * plan.uniform(0.10, 0.22))
    for sx, sy in ((0.0, -1.0), (-1.55, 1.75)):
        star = [
            shapes.place([(-0.14, 0), (0.14, 0)], x + sx * r, 0.36 + sy * r, r, k * np.pi / 4)
            for k in range(4)
        ]
        p.lines(star, 1.3, GOLD)
    cx, cy = x + side * 0.185, 0.60
    infant(p, child, cx, cy, r * 0.58, side)
    attributes.hand(p, cx - side * 0.02, cy + 0.245, 0.062, 0.15 if side > 0 else np.pi - 0.15)
    attributes.hand(p, x - side * 0.15, 0.735, 0.062, -0.62 if side > 0 else np.pi + 0.62)
    border(p, pick(p, (*REDS, *BLUES, *EARTHS)), str(plan.choice(("none", "round", "point"))))


def infant(p: Panel, who: Person, x: float, y: float, r: float, side: int) -> None:
    figures.head(p, who, x, y, r, -side * 0.18)

    def put(points: ArrayLike) -> Points:
        return shapes.place(np.asarray(points) * (side, 1), x, y, r)

    body = smooth(
        trace("-0.4,1 -1.2,1.5 -1.5,2.6 -1.7,4 -0.9,4.9 0.5,4.7 1.2,3.4 1.25,2 0.4,1 0,1.3"),
        closed=True,
    )
    p.paint(put(body), who.tunic)
    figures.folds(
        p, put(trace("-0.9,1.7 -1,3 -1.2,4")), put(trace("0.8,1.6 0.8,3 0.2,4.4")), 6, who.tunic
    )
    wrap = smooth(trace("-1.55,2.7 0.1,2.5 1.25,2.2 1.2,3.6 0.4,5.2 -1.4,5.1 -2,4.2"), closed=True)
    p.paint(put(wrap), who.cloak)
    figures.folds(
        p,
        put(trace("-1.4,3 -0.2,3.2 1,2.6")),
        put(trace("-1.5,4.8 -0.3,4.9 0.6,4.6")),
        6,
        who.cloak,
    )
    palm = put([(-1.25, 2.15)])[0]
    attributes.hand(p, palm[0], palm[1], r * 0.55, -np.pi / 2 - side * 0.5, True)


def pantocrator(p: Panel) -> None:
    """Paint the ruler of all, who blesses and holds the book."""
    wide, plan = p.scene.width, p.plan
    who = Person(
        BROWN,
        plan.uniform(0.25, 0.5),
        None,
        pick(p, (*REDS, EARTHS[1])),
        pick(p, (*BLUES, GREENS[2])),
        cross=True,
    )
    x, r = wide / 2, plan.uniform(0.13, 0.145)
    half_length(p, who, x, 0.34, r)
    attributes.book(p, x + 0.165, 0.80, 0.125, plan.uniform(-0.12, 0.1), pick(p, REDS))
    attributes.hand(p, x + 0.09, 0.90, 0.075, -0.9)
    sleeve = smooth(
        [(x - 0.30, 1.05), (x - 0.24, 0.83), (x - 0.13, 0.78), (x - 0.07, 0.84), (x - 0.10, 1.05)],
        closed=True,
    )
    p.paint(sleeve, who.tunic)
    figures.folds(
        p, [(x - 0.26, 0.86), (x - 0.2, 0.95)], [(x - 0.09, 0.83), (x - 0.1, 0.95)], 5, who.tunic
    )
    attributes.hand(p, x - 0.10, 0.765, 0.085, -np.pi / 2 + 0.18, True)
    border(p, pick(p, (*REDS, *EARTHS, *GREENS)), str(plan.choice(("none", "round"))))


def angel(p: Panel) -> None:
    """Paint an angel with a staff."""
    wide, plan = p.scene.width, p.plan
    x, r, feathers = wide / 2, plan.uniform(0.115, 0.128), pick(p, (*EARTHS, *WHITES, BLUES[1]))
    for side in (-1, 1):
        attributes.wing(p, x + side * 0.15, 0.46, 0.56, side, feathers)
    who = Person(
        pick(p, (EARTHS[0], (0.62, 0.40, 0.14))),
        0,
        None,
        pick(p, (*BLUES, *WHITES)),
        pick(p, (*REDS, *GREENS)),
    )
    half_length(p, who, x, 0.36, r, plan.normal(0, 0.10))
    side = int(plan.choice((-1, 1)))
    staff = x + side * 0.225
    p.lines([[(staff, 0.12), (staff + side * 0.01, 1.1)]], 4.0, GOLD)
    p.lines([shapes.arc(staff, 0.105, 0.022, 0.022, 0, 2 * np.pi)], 2.5, GOLD)
    attributes.hand(p, staff - side * 0.035, 0.72, 0.075, -0.35 if side > 0 else np.pi + 0.35)
    orb = shapes.ellipse(x - side * 0.17, 0.80, 0.072, 0.072)
    p.scene.fill(orb, (0.62, 0.72, 0.74), (0.16, 0.25, 0.36), puff=0.05)
    p.lines(
        [
            [(x - side * 0.17, 0.745), (x - side * 0.17, 0.855)],
            [(x - side * 0.21, 0.79), (x - side * 0.13, 0.79)],
        ],
        1.6,
        GOLD,
    )
    attributes.hand(p, x - side * 0.13, 0.88, 0.068, -np.pi / 2 - side * 0.6)
    border(p, pick(p, (*BLUES, *REDS, *GREENS)), str(plan.choice(("none", "round", "point"))))


def ground(p: Panel, colour: Colour, level: float = 0.87) -> None:
    """Paint the strip of earth on which saints stand."""
    wide = p.scene.width
    p.paint([(-1, level), (wide + 1, level), (wide + 1, 2), (-1, 2)], colour, 0.0)
    p.lines([[(-1, level + 0.03), (wide + 1, level + 0.03)]], 1.2, LIGHT)


def saint(p: Panel) -> None:
    """Paint one saint, from head to foot."""
    ground(p, pick(p, (*GREENS, *EARTHS)))
    standing(p, somebody(p), p.scene.width / 2, 0.11, 0.83)
    border(p, pick(p, (*REDS, *BLUES, *EARTHS)), str(p.plan.choice(("round", "point", "none"))))
