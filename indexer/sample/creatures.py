"""What the drawings show: heads in profile, and songbirds."""

import numpy as np

from indexer.sample import shapes
from indexer.sample.shapes import Points, moved, smooth, trace
from indexer.sample.sketches import Sheet
from indexer.sample.studies import leaf

PROFILE = (
    (0.50, 0.055),
    (0.37, 0.085),
    (0.285, 0.165),
    (0.255, 0.255),
    (0.248, 0.325),
    (0.262, 0.372),
    (0.232, 0.43),
    (0.196, 0.485),
    (0.204, 0.512),
    (0.236, 0.522),
    (0.246, 0.545),
    (0.220, 0.570),
    (0.231, 0.592),
    (0.242, 0.600),
    (0.226, 0.622),
    (0.242, 0.648),
    (0.254, 0.668),
    (0.246, 0.712),
    (0.280, 0.757),
    (0.345, 0.752),
    (0.430, 0.715),
    (0.46, 0.79),
    (0.44, 0.87),
    (0.33, 0.94),
    (0.16, 1.02),
    (0.10, 1.15),
    (1.05, 1.15),
    (0.98, 1.00),
    (0.80, 0.92),
    (0.715, 0.81),
    (0.70, 0.66),
    (0.745, 0.50),
    (0.755, 0.34),
    (0.70, 0.18),
    (0.61, 0.085),
)


def profile(s: Sheet) -> None:
    """Draw a head in profile, with waves of hair."""
    plan, wide = s.plan, s.scene.width
    points = np.array(PROFILE)
    points[3:20] += plan.normal(0, 0.0035, (17, 2))
    points[6:9, 0] -= plan.uniform(-0.01, 0.02)
    points[17:20] += (plan.uniform(-0.012, 0.01), plan.uniform(-0.01, 0.015))
    offset = (wide / 2 - 0.49, 0.02)
    s.scene.light = (-abs(s.scene.light[0]), s.scene.light[1])
    s.scene.fill(smooth(points + offset, closed=True), 0.0, 0.62, puff=0.085, angle=-0.9)
    _face(s, offset)
    _hair(s, offset)


def _face(s: Sheet, offset: tuple[float, float]) -> None:
    for part, width in (
        (((0.262, 0.402), (0.285, 0.385), (0.315, 0.39), (0.338, 0.408)), 1.4),
        (((0.268, 0.412), (0.29, 0.428), (0.325, 0.415)), 0.8),
        (((0.270, 0.40), (0.266, 0.41), (0.274, 0.418), (0.282, 0.408), (0.276, 0.396)), 1.8),
        (((0.255, 0.375), (0.29, 0.357), (0.335, 0.36), (0.37, 0.377)), 1.5),
        (((0.222, 0.517), (0.245, 0.505), (0.243, 0.482), (0.228, 0.478)), 1.0),
        (((0.232, 0.602), (0.255, 0.597), (0.273, 0.603)), 1.3),
        (((0.262, 0.765), (0.34, 0.765), (0.43, 0.70), (0.475, 0.60)), 0.7),
        (((0.43, 0.79), (0.455, 0.86), (0.44, 0.96)), 0.6),
        (
            (
                (0.495, 0.56),
                (0.475, 0.50),
                (0.487, 0.43),
                (0.53, 0.42),
                (0.545, 0.46),
                (0.525, 0.51),
                (0.51, 0.55),
                (0.49, 0.57),
            ),
            1.1,
        ),
        (((0.50, 0.47), (0.52, 0.45), (0.525, 0.48), (0.505, 0.51)), 0.7),
    ):
        s.strokes(smooth(part)[None] + offset, width)


def _hair(s: Sheet, offset: tuple[float, float]) -> None:
    """Draw locks that sweep from the brow back over the ear, and a knot or waves behind."""
    plan = s.plan
    long = plan.random() < 0.6
    end = (0.80, 0.98) if long else (0.70, 0.66)
    front = smooth(
        [
            (0.315, 0.135),
            (0.335, 0.225),
            (0.405, 0.315),
            (0.475, 0.40),
            (0.55, 0.50),
            (0.63, 0.62),
            end,
        ]
    )
    back = smooth(
        [
            (0.36, 0.085),
            (0.50, 0.035),
            (0.655, 0.085),
            (0.765, 0.22),
            (0.80, 0.40),
            (0.79, 0.60),
            (end[0] + 0.06, end[1] - 0.02),
        ]
    )
    tone = np.concatenate([front, back[::-1]])
    s.scene.fill(tone + offset, 0.08, 0.75, puff=0.13, angle=0.9, width=0)
    t = np.sort(plan.random(150))[:, None, None]
    along = np.linspace(0, 1, len(front))[None, :, None]
    curl = plan.uniform(0.004, 0.020)
    wave = curl * np.sin(along * plan.uniform(14, 26) + t * 9 + plan.uniform(0, 6)) * along
    locks = front + (back - front) * t + wave + s.rng.normal(0, 0.004, (150, 1, 2))
    start = s.rng.integers(0, 20, 150)
    stop = s.rng.integers(26, len(front) + 1, 150)
    shade = 0.35 + 0.6 * np.abs(np.sin(t[:, 0, 0] * 13))
    for lock, a, b, dark in zip(locks, start, stop, shade, strict=True):
        s.pen.stroke(s.scene.pixels(lock[a:b] + offset), 0.8, dark)
    if plan.random() < 0.5:
        band = (
            front[6:9].mean(0)
            + (back[6:9].mean(0) - front[6:9].mean(0)) * np.linspace(0, 1, 12)[:, None]
        )
        bow = band + np.stack([0.03 * np.sin(np.linspace(0, 3.14, 12)), 0 * band[:, 0]], 1)
        s.strokes([bow + offset, bow + offset + (0.014, 0.012)], 1.8)


def bird(s: Sheet) -> None:
    """Draw a songbird on a twig."""
    plan, wide = s.plan, s.scene.width
    x, y, size = wide / 2 + plan.normal(0, 0.02), 0.5, plan.uniform(0.92, 1.08)
    tail = plan.uniform(-0.03, 0.03)

    def put(points: object) -> Points:
        return shapes.place(np.asarray(points), x, y, size)

    twig = smooth(trace("-0.62,0.3 -0.3,0.25 0,0.262 0.3,0.215 0.62,0.24"))
    s.scene.fill(
        put(np.concatenate([twig, (moved(twig, 0, 0.028))[::-1]])), 0.2, 0.9, puff=0.02, angle=1.3
    )
    for u, turn in ((0.12, -0.7), (0.3, 2.5), (0.72, -0.5), (0.9, 0.6)):
        leaf(s, put(twig[int(u * len(twig))]), 0.15, turn + plan.normal(0, 0.2))
    body = smooth(
        trace(
            "-0.3,-0.205 -0.235,-0.285 -0.14,-0.285 -0.06,-0.2 0.06,-0.08 0.2,0.06 0.3,0.19 "
            "0.2,0.215 0.06,0.2 -0.06,0.225 -0.19,0.16 -0.265,0.03 -0.265,-0.1"
        ),
        closed=True,
    )
    feathers = np.array(
        [(0.19, 0.10), (0.46, 0.42 + tail), (0.42, 0.47 + tail), (0.37, 0.465 + tail), (0.12, 0.19)]
    )
    s.scene.fill(put(feathers), 0.3, 0.9, puff=0.02, angle=0.85, width=1.2)
    s.scene.fill(put(body), 0.0, 0.8, puff=0.10, angle=0.8, width=1.0)
    s.scene.fill(put(trace("-0.292,-0.235 -0.365,-0.2 -0.295,-0.178")), 0.8, width=1.2)
    wing = smooth(
        trace("-0.1,-0.12 0.02,-0.09 0.16,0.06 0.33,0.27 0.14,0.19 -0.04,0.115 -0.12,0"),
        closed=True,
    )
    s.scene.fill(put(wing), 0.35, 0.95, puff=0.05, angle=0.75, width=1.2)
    t = np.linspace(0.1, 1, 11)[:, None, None]
    roots = np.array(trace("-0.1,-0.05 -0.02,0.02 0.1,0.09"))
    tips = np.array(trace("0,-0.07 0.14,0.08 0.33,0.27"))
    quills = (roots + (tips - roots) * t) * (1, 1) + (0, 0.03)
    s.strokes(put(quills.reshape(-1, 2)).reshape(quills.shape), 1.0, 0.9)
    down = np.stack([plan.uniform(-0.25, 0.0, 90), plan.uniform(-0.24, 0.18, 90)], 1)
    s.strokes(
        put((down[:, None] + np.array(trace("0,0 0.008,0.012 0.013,0.03"))).reshape(-1, 2)).reshape(
            90, 3, 2
        ),
        0.8,
        0.5,
    )
    s.scene.fill(put(shapes.ellipse(-0.232, -0.222, 0.015, 0.016)), 1.0, width=1.5)
    legs = [
        [(-0.02, 0.21), (-0.035, 0.262), (-0.07, 0.275)],
        [(0.05, 0.205), (0.045, 0.257), (0.01, 0.27)],
    ]
    s.strokes(np.array([put(leg) for leg in legs]), 1.8)
