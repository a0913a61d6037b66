"""What the icons show: saints under arches, thrones and polyptychs."""

import numpy as np

from indexer.sample import attributes, figures, shapes
from indexer.sample.figures import GOLD, Colour, Panel, Person
from indexer.sample.icons import ground, infant
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
from indexer.sample.shapes import smooth


def saints(p: Panel) -> None:
    """Paint three saints side by side under three arches."""
    wide = p.scene.width
    ground(p, pick(p, (*GREENS, *EARTHS)))
    frame = pick(p, (*REDS, *BLUES))
    for k in range(3):
        x = wide * (0.5 + 0.31 * (k - 1))
        standing(p, somebody(p), x, 0.20 - 0.05 * (k == 1), 0.73 + 0.05 * (k == 1))
    _arcade(p, [wide * (0.5 + 0.31 * (k - 1)) for k in range(3)], wide * 0.145, 0.20, frame)
    border(p, frame)


def _arcade(p: Panel, middles: list[float], half: float, spring: float, colour: Colour) -> None:
    """Paint arches on slender columns."""
    wide = p.scene.width
    t = np.linspace(np.pi, 0, 24)
    edge = [np.array([(-0.2, spring), (-0.2, -0.2), (wide + 0.2, -0.2), (wide + 0.2, spring)])]
    bows = [np.stack([x + half * np.cos(t), spring - half * np.sin(t)], 1) for x in middles]
    edge += [bow[::-1] for bow in bows[::-1]]
    p.paint(np.concatenate(edge), colour, 0.01)
    p.lines(bows, 3.0, GOLD)
    for x in (
        middles[0] - half * 1.06,
        *(np.add(middles[1:], middles[:-1]) / 2),
        middles[-1] + half * 1.06,
    ):
        p.gild([(x - 0.010, spring), (x + 0.010, spring), (x + 0.010, 1.1), (x - 0.010, 1.1)])
        p.paint(
            [
                (x - 0.02, spring - 0.012),
                (x + 0.02, spring - 0.012),
                (x + 0.015, spring + 0.02),
                (x - 0.015, spring + 0.02),
            ],
            (0.75, 0.60, 0.36),
        )


def throne(p: Panel) -> None:
    """Paint a mother enthroned between two angels."""
    wide, plan = p.scene.width, p.plan
    x = wide / 2
    for side in (-1, 1):
        small = Person(
            (0.55, 0.34, 0.13), 0, None, pick(p, WHITES), pick(p, (*REDS, *GREENS, *BLUES))
        )
        attributes.wing(p, x + side * 0.22, 0.34, 0.27, side, pick(p, (*EARTHS, *REDS)))
        half_length(p, small, x + side * 0.225, 0.25, 0.055, -side * 0.2)
    seat = pick(p, EARTHS)
    back = [
        (x - 0.22, 1.1),
        (x - 0.22, 0.36),
        *shapes.arc(x, 0.36, 0.20, 0.22, np.pi, 2 * np.pi),
        (x + 0.22, 0.36),
        (x + 0.22, 1.1),
    ]
    p.paint(back, seat, 0.03)
    p.lines([shapes.arc(x, 0.38, 0.17, 0.19, np.pi, 2 * np.pi)], 2.2, GOLD)
    for side in (-1, 1):
        p.paint(
            [
                (x + side * 0.21, 1.1),
                (x + side * 0.21, 0.60),
                (x + side * 0.29, 0.60),
                (x + side * 0.29, 1.1),
            ],
            np.asarray(seat) * 0.9,
        )
        p.lines(
            [
                [(x + side * (0.22 + 0.02 * k), 0.64), (x + side * (0.22 + 0.02 * k), 1.0)]
                for k in range(4)
            ],
            1.4,
            GOLD,
        )
    cloak = pick(p, BLUES)
    mother = Person(BROWN, 0, cloak, pick(p, REDS), cloak)
    knees = smooth(
        [
            (x - 0.17, 0.62),
            (x - 0.235, 0.78),
            (x - 0.20, 1.1),
            (x + 0.20, 1.1),
            (x + 0.235, 0.78),
            (x + 0.17, 0.62),
        ],
        closed=True,
    )
    half_length(p, mother, x, 0.29, 0.074, plan.normal(0, 0.1))
    p.paint(knees, cloak, 0.02, 1.4)
    figures.folds(
        p,
        [(x - 0.15, 0.66), (x - 0.2, 0.82), (x - 0.17, 1.0)],
        [(x + 0.15, 0.66), (x + 0.2, 0.82), (x + 0.17, 1.0)],
        11,
        cloak,
    )
    child = Person(
        (0.42, 0.24, 0.10), 0, None, pick(p, WHITES), pick(p, (EARTHS[2], REDS[1])), cross=True
    )
    side = int(plan.choice((-1, 1)))
    infant(p, child, x + side * 0.055, 0.515, 0.046, side)
    attributes.hand(p, x + side * 0.10, 0.70, 0.045, np.pi if side > 0 else 0.0)
    border(p, pick(p, (*REDS, *BLUES)), "point" if plan.random() < 0.6 else "none")


def polyptych(p: Panel) -> None:
    """Paint rows of small saints, each in a niche of its own."""
    wide, rows, columns = p.scene.width, 2, int(p.plan.integers(3, 5))
    frame = pick(p, (*REDS, *BLUES, *EARTHS))
    step, tall = (wide - 0.06) / columns, 0.94 / rows
    for row in range(rows):
        top = 0.03 + row * tall
        for k in range(columns):
            x = 0.03 + step * (k + 0.5)
            p.gild(
                [
                    (x - step / 2, top),
                    (x + step / 2, top),
                    (x + step / 2, top + tall),
                    (x - step / 2, top + tall),
                ]
            )
            half_length(p, somebody(p), x, top + tall * 0.46, min(step / 4.6, tall / 6.2))
            _niche(p, x, top, step, tall, frame)
    border(p, frame)


def _niche(p: Panel, x: float, top: float, step: float, tall: float, colour: Colour) -> None:
    """Frame one saint of a polyptych; what sticks out of the niche is painted over."""
    half, low = step * 0.44, top + tall
    t = np.linspace(np.pi, 0, 24)
    bow = np.stack([x + half * np.cos(t), top + 0.02 + half * (1 - np.sin(t))], 1)
    upper = np.concatenate(
        [
            [
                (x - step / 2, top + half + 0.02),
                (x - step / 2, top),
                (x + step / 2, top),
                (x + step / 2, top + half + 0.02),
            ],
            bow[::-1],
        ]
    )
    p.paint(upper, colour, 0.01)
    p.paint(
        [
            (x - step / 2, low - 0.02),
            (x + step / 2, low - 0.02),
            (x + step / 2, 1.2),
            (x - step / 2, 1.2),
        ],
        colour,
        0.01,
    )
    for side in (-1, 1):
        p.paint(
            [
                (x + side * half, top + half),
                (x + side * step / 2, top + half),
                (x + side * step / 2, low),
                (x + side * half, low),
            ],
            colour,
            0.01,
        )
    p.lines(
        [
            np.concatenate(
                [[(x - half, low - 0.02)], bow, [(x + half, low - 0.02), (x - half, low - 0.02)]]
            )
        ],
        2.4,
        GOLD,
    )
