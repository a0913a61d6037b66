"""What holy figures hold and wear: hands, books and wings."""

import numpy as np
from numpy.typing import ArrayLike

from indexer.sample import shapes
from indexer.sample.figures import FLESH, GOLD, SHADOW, Colour, Panel
from indexer.sample.shapes import Points, smooth, trace


def hand(p: Panel, x: float, y: float, size: float, turn: float, blessing: bool = False) -> None:
    """Paint a slender hand that points along `turn`, in radians."""
    fingers = (
        (-0.24, 0.9, -0.22),
        (-0.08, 1.12, -0.06),
        (0.08, 1.12 - 0.5 * blessing, 0.06),
        (0.22, 0.95 - 0.4 * blessing, 0.2),
    )
    parts = []
    for base, length, lean in fingers:
        tip = (0.45 + length * np.cos(lean), base + length * np.sin(lean))
        parts.append(
            [
                (0.3, base - 0.09),
                (tip[0] - 0.08, tip[1] - 0.07),
                tip,
                (tip[0] - 0.08, tip[1] + 0.07),
                (0.3, base + 0.09),
            ]
        )
    parts.append([(-0.1, 0.28), (0.35, 0.58), (0.62, 0.55), (0.35, 0.30)])
    for part in parts:
        p.scene.fill(
            shapes.place(part, x, y, size, turn), FLESH, SHADOW, puff=size * 0.1, width=0.8
        )
    palm = shapes.ellipse(0.1, 0, 0.42, 0.34)
    p.scene.fill(shapes.place(palm, x, y, size, turn), FLESH, SHADOW, puff=size * 0.2, width=0.6)


def book(p: Panel, x: float, y: float, size: float, turn: float, cover: Colour) -> None:
    """Paint a jewelled gospel book."""

    def put(points: ArrayLike) -> Points:
        return shapes.place(points, x, y, size, turn)

    p.paint(put(trace("-0.72,-0.92 0.66,-1 0.72,0.95 -0.66,1")), (0.93, 0.88, 0.74))
    p.paint(put(trace("-0.68,-0.98 0.58,-1 0.6,0.92 -0.68,0.95")), cover, 0.01)
    p.lines([put(trace("-0.55,-0.84 0.46,-0.86 0.47,0.78 -0.55,0.8 -0.55,-0.84"))], 1.8, GOLD)
    p.lines([put([(-0.04, -0.6), (-0.04, 0.55)]), put([(-0.36, -0.05), (0.28, -0.05)])], 2.2, GOLD)
    for u, v in ((-0.38, -0.66), (0.30, -0.68), (-0.38, 0.6), (0.30, 0.58), (-0.04, -0.05)):
        p.paint(
            put(shapes.ellipse(u, v, 0.1, 0.1, n=12)),
            (0.75, 0.16, 0.14) if v < 0.1 else (0.15, 0.32, 0.55),
            width=0.8,
        )


def wing(p: Panel, x: float, y: float, size: float, side: int, colour: Colour) -> None:
    """Paint a folded wing of three rows of feathers."""
    for row, (length, count, tone) in enumerate(((1.0, 9, 0.72), (0.62, 8, 0.95), (0.34, 7, 1.15))):
        for k in range(count):
            u = k / (count - 1)
            turn = np.pi / 2 + 0.02 - side * (0.55 - 0.62 * u) * (1 - 0.2 * row)
            root = (
                x + side * size * (0.06 + 0.34 * (1 - u) ** 0.7),
                y - size * (0.22 - 0.42 * u) + 0.02 * row,
            )
            feather = smooth(
                trace("0,-0.06 0.6,-0.075 0.95,-0.04 1.02,0 0.95,0.05 0.6,0.075 0,0.06")
            )
            shade = np.clip(np.asarray(colour) * (tone + 0.12 * (k % 2)), 0, 1)
            p.paint(
                shapes.place(feather, *root, size * length * (1.05 - 0.25 * u), turn),
                shade,
                0.012,
                0.8,
            )
            p.lines(
                [
                    shapes.place(
                        [(0.1, 0), (0.92, 0)], *root, size * length * (1.0 - 0.25 * u), turn
                    )
                ],
                0.8,
                GOLD,
            )
