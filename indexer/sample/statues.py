"""The statues themselves, as signed distances."""

import numpy as np

from indexer.sample.canvas import Field, Rng
from indexer.sample.solids import Solid, ball, box, carve, rod, tilted, turned, union


def bust(plan: Rng) -> Solid:
    """Model a head with curls on a cut-off chest and a socle."""
    nose, jaw, curl = plan.uniform(0.9, 1.15), plan.uniform(0.94, 1.1), plan.uniform(17, 24)
    foot = turned(
        [(-0.80, 0.20), (-0.76, 0.20), (-0.73, 0.12), (-0.66, 0.09), (-0.56, 0.13), (-0.5, 0.2)]
    )
    tilt, beard, draped = plan.normal(0, 0.07), plan.random() < 0.4, plan.random() < 0.6

    def measure(p: Field) -> Field:
        q = tilted(p, tilt)
        d = union(
            ball(q, 0, 0.44, -0.03, 0.265, 0.32, 0.31),
            ball(q, 0, 0.29, 0.07, 0.195, 0.26, 0.21 * jaw),
            0.08,
        )
        side = np.abs(q[0])
        m = np.stack([side, q[1], q[2]])
        d = carve(d, ball(m, 0.105, 0.405, 0.315, 0.075, 0.042, 0.06), 0.05)
        d = union(d, ball(m, 0.10, 0.398, 0.222, 0.046, 0.030, 0.036), 0.012)
        d = union(d, rod(m, (0.03, 0.455, 0.275), (0.17, 0.455, 0.215), 0.022, 0.016), 0.045)
        d = union(d, rod(q, (0, 0.44, 0.27), (0, 0.29, 0.335 * nose), 0.026, 0.042), 0.035)
        d = union(d, ball(m, 0.034, 0.278, 0.285, 0.026, 0.022, 0.03), 0.02)
        d = union(d, ball(q, 0, 0.205, 0.248, 0.075, 0.017, 0.03), 0.016)
        d = union(d, ball(q, 0, 0.172, 0.243, 0.06, 0.019, 0.03), 0.016)
        d = union(d, ball(q, 0, 0.095, 0.225, 0.06, 0.05, 0.05), 0.05)
        d = union(d, ball(m, 0.265, 0.37, -0.02, 0.03, 0.075, 0.05), 0.02)
        d = union(d, rod(q, (0, 0.2, -0.06), (0, -0.22, -0.07), 0.135, 0.155), 0.07)
        waves = (
            np.sin(q[0] * curl + 2 * q[1])
            * np.sin(q[1] * curl + 1)
            * np.sin(q[2] * curl + 3 * q[0])
        )
        hair = ball(q, 0, 0.50, -0.075, 0.305, 0.325, 0.33) + np.float32(0.034) * waves
        brow = (
            (q[2] - 0.13) * 0.62 - (q[1] - 0.57) * 0.78 + 0.35 * side**2 - np.float32(0.02) * waves
        )
        d = union(d, np.maximum(hair, brow), 0.015)
        d = union(
            d,
            np.maximum(
                ball(q, 0, 0.26, -0.13, 0.24, 0.26, 0.22) + np.float32(0.034) * waves, q[2] + 0.0
            ),
            0.02,
        )
        if beard:
            d = union(d, ball(q, 0, 0.08, 0.15, 0.17, 0.16, 0.12) + np.float32(0.025) * waves, 0.03)
        chest = union(
            ball(p, 0, -0.42, -0.05, 0.40, 0.28, 0.20),
            ball(m, 0.33, -0.30, -0.08, 0.19, 0.16, 0.16),
            0.12,
        )
        chest = union(chest, ball(m, 0.15, -0.40, 0.09, 0.17, 0.12, 0.10), 0.06)
        drape = (
            np.float32(0.012) * np.sin(26 * (p[0] * 0.55 + p[1] + 0.25 * p[0] ** 2))
            if draped
            else 0.0
        )
        # The chest ends in a curved cut, as portrait busts do.
        d = union(d, np.maximum(chest + drape, ball(p, 0, -0.10, 0, 0.66, 0.54, 0.6)), 0.09)
        return np.minimum(d, foot(p))

    return measure


def torso(plan: Rng) -> Solid:
    """Model an antique torso: no head, no arms, one hip raised."""
    sway, chest, waist = (
        float(plan.uniform(0.05, 0.12) * plan.choice((-1, 1))),
        plan.uniform(0.8, 1.15),
        plan.uniform(0.9, 1.08),
    )

    def measure(p: Field) -> Field:
        q = p.copy()
        q[0] += np.float32(sway) * np.sin(p[1] * 2.6)
        m = np.stack([np.abs(q[0]), q[1] + np.float32(sway * 0.5) * q[0], q[2]])
        d = union(
            ball(q, 0, 0.36, 0, 0.29, 0.27, 0.19),
            ball(q, 0, 0.02, 0, 0.215 * waist, 0.26, 0.165),
            0.14,
        )
        d = union(d, ball(q, 0, -0.28, -0.01, 0.29, 0.22, 0.2), 0.14)
        d = union(d, ball(m, 0.135, 0.36, 0.14, 0.125, 0.105, 0.10 * chest), 0.05)
        d = union(d, ball(m, 0.31, 0.50, -0.01, 0.12, 0.12, 0.12), 0.09)
        d = union(d, rod(q, (0, 0.5, -0.02), (0.02, 0.70, -0.01), 0.11, 0.095), 0.06)
        d = union(d, rod(m, (0.155, -0.35, 0.02), (0.145, -0.80, 0.03), 0.155, 0.115), 0.05)
        d = union(d, ball(m, 0.12, -0.33, -0.14, 0.14, 0.15, 0.12), 0.06)
        d = carve(d, ball(q, 0, -0.06, 0.185, 0.016, 0.022, 0.03), 0.03)
        d = carve(d, rod(q, (0, 0.42, 0.255), (0, 0.0, 0.20), 0.012, 0.012), 0.05)
        d = carve(d, rod(m, (0.19, 0.17, 0.17), (0.03, 0.24, 0.24), 0.008, 0.008), 0.05)
        d = carve(d, rod(m, (0.02, -0.44, 0.22), (0.27, -0.24, 0.15), 0.008, 0.008), 0.05)
        broken = np.float32(0.02) * np.sin(p[0] * 31) * np.sin(p[2] * 27)
        d = np.maximum(
            d, np.maximum(p[1] - 0.67 + 0.3 * p[0], m[0] - 0.42 + 0.25 * p[1] - 0.1) + broken
        )
        return np.asarray(np.maximum(d, -0.74 - p[1]), dtype=np.float32)

    return measure


def amphora(plan: Rng) -> Solid:
    """Model a two-handled vase."""
    belly, neck, tall = plan.uniform(0.34, 0.46), plan.uniform(0.10, 0.15), plan.uniform(0.62, 0.74)
    full = plan.uniform(-0.05, 0.15)
    foot = [(-0.74, 0.19), (-0.70, 0.19), (-0.67, 0.10), (-0.62, 0.11), (-0.35, belly * 0.76)]
    shoulder = [(full, belly), (0.22 + full / 2, belly * 0.8), (0.36, neck * 1.15)]
    lip = [(tall - 0.12, neck), (tall - 0.04, neck * 1.7), (tall, neck * 1.75)]
    ear = plan.uniform(0.16, 0.2)

    body = turned([*foot, *shoulder, *lip])

    def measure(p: Field) -> Field:
        d = body(p)
        hollow = np.maximum(
            np.hypot(p[0], p[2]) - np.float32(neck * 0.8), np.float32(tall - 0.2) - p[1]
        )
        d = np.maximum(d, -hollow)
        x, y = np.abs(p[0]) - np.float32(neck + 0.05), p[1] - np.float32(tall - 0.26)
        ring = np.hypot(x * 0.95, y * 0.72) - np.float32(ear * 0.9)
        handle = np.hypot(ring, p[2]) - 0.03
        return union(d, np.maximum(handle, -x - 0.02), 0.03)

    return measure


def column(plan: Rng) -> Solid:
    """Model a fluted column, whole with scrolls or broken off."""
    flutes, broken, cut = int(plan.integers(9, 13)), plan.random() < 0.5, plan.uniform(0.35, 0.62)
    slope = plan.normal(0, 0.5)

    base = turned([(-0.74, 0.36), (-0.69, 0.36), (-0.67, 0.31), (-0.63, 0.34), (-0.59, 0.28)])

    def measure(p: Field) -> Field:
        around, turn = np.hypot(p[0], p[2]), np.arctan2(p[2], p[0])
        radius = 0.27 - 0.035 * (p[1] + 0.7)
        groove = np.float32(0.030) * np.sqrt(np.abs(np.cos(turn * flutes)))
        shaft = np.maximum((around - radius - groove + 0.03) * 0.6, np.abs(p[1] + 0.05) - 0.62)
        d = np.minimum(shaft, base(p))
        if broken:
            rough = 0.05 * np.sin(p[0] * 19 + 1) * np.sin(p[2] * 17) + 0.03 * np.sin(p[0] * 41)
            return np.asarray(
                np.maximum(d, (p[1] - cut + slope * p[0] + rough) * 0.6), dtype=np.float32
            )
        m = np.abs(p[0]) - 0.30
        spin = np.arctan2(p[1] - 0.60, m) + 40 * np.hypot(m, p[1] - 0.60)
        scroll = np.maximum(np.hypot(m, p[1] - 0.60) - 0.135, np.abs(p[2]) - 0.24) + 0.012 * np.sin(
            spin
        ) * (p[2] > 0.2)
        d = np.minimum(d, scroll * 0.7)
        d = union(d, box(p, 0.63, (0.28, 0.075, 0.22)), 0.03)
        return np.minimum(d, box(p, 0.76, (0.42, 0.03, 0.29)))

    return measure


def knot(plan: Rng) -> Solid:
    """Model a ribbon that is knotted into itself."""
    wide, thick, half_turns = (
        plan.uniform(0.17, 0.22),
        plan.uniform(0.085, 0.12),
        float(plan.choice((0.5, 1.5, 1.5))),
    )
    flat = plan.uniform(0.0, 0.5)

    foot = turned([(-0.78, 0.22), (-0.72, 0.22), (-0.68, 0.1), (-0.56, 0.07)])

    def measure(p: Field) -> Field:
        y = p[1] - 0.08
        turn, around = np.arctan2(y, p[0]), np.hypot(p[0], y) - 0.46
        cos, sin = np.cos(turn * half_turns), np.sin(turn * half_turns)
        u, v = np.abs(around * cos + p[2] * sin) - np.float32(wide), p[2] * cos - around * sin
        tube = np.sqrt(u**2 + (v * (1 + flat)) ** 2) - np.float32(thick)
        return np.asarray(np.minimum(tube * np.float32(0.62), foot(p)), dtype=np.float32)

    return measure


def reclining(plan: Rng) -> Solid:
    """Model a reclining figure, half woman, half hills, pierced by the sky."""
    knee, hole, lean = plan.uniform(0.1, 0.28), plan.uniform(0.10, 0.16), plan.uniform(-0.06, 0.08)
    flip = float(plan.choice((-1.0, 1.0)))

    def measure(p: Field) -> Field:
        q = np.stack([p[0] * np.float32(flip), p[1] + np.float32(0.09), p[2]])
        d = union(
            ball(q, -0.52, 0.0 + lean, 0, 0.25, 0.33, 0.2),
            ball(q, 0.0, -0.42, 0, 0.42, 0.16, 0.22),
            0.18,
        )
        d = union(d, rod(q, (-0.66, 0.12, 0.05), (-0.80, -0.52, 0.12), 0.10, 0.085), 0.08)
        d = union(d, rod(q, (-0.47, 0.22, 0), (-0.42, 0.47 + lean, 0.02), 0.085, 0.07), 0.08)
        d = union(d, ball(q, -0.39, 0.53 + lean, 0.03, 0.115, 0.13, 0.11), 0.05)
        d = union(d, rod(q, (0.1, -0.42, 0.06), (0.52, knee - 0.02, 0.08), 0.15, 0.125), 0.12)
        d = union(d, rod(q, (0.52, knee - 0.02, 0.08), (0.86, -0.53, 0.04), 0.12, 0.08), 0.08)
        d = union(d, rod(q, (0.2, -0.48, -0.12), (0.80, -0.50, -0.06), 0.12, 0.08), 0.08)
        d = carve(d, rod(q, (-0.50, -0.08, -0.5), (-0.46, -0.05, 0.5), hole, hole * 0.85), 0.08)
        return union(np.maximum(d, -0.72 - p[1]), box(p, -0.735, (0.92, 0.03, 0.3), 0.015), 0.03)

    return measure


def totem(plan: Rng) -> Solid:
    """Model a column of stacked, tapering blocks."""
    beads, wide, slim = (
        float(plan.choice((2.0, 2.5, 3.0))),
        plan.uniform(0.24, 0.32),
        plan.uniform(0.45, 0.6),
    )
    round_, twist = plan.random() < 0.4, float(plan.choice((0.0, 0.0, 0.8)))

    def measure(p: Field) -> Field:
        cos, sin = np.cos(p[1] * np.float32(twist)), np.sin(p[1] * np.float32(twist))
        x, z = np.abs(p[0] * cos - p[2] * sin), np.abs(p[2] * cos + p[0] * sin)
        wave = np.abs(np.mod(p[1] * np.float32(beads), 2) - 1)
        radius = np.float32(wide) * (np.float32(slim) + np.float32(1 - slim) * wave)
        across = np.hypot(x, z) if round_ else np.maximum(x, z)
        d = (across - radius) * 0.75
        return np.asarray(np.maximum(d, np.abs(p[1] - 0.06) - 0.80), dtype=np.float32)

    return measure


def cat(plan: Rng) -> Solid:
    """Model a seated temple cat."""
    slim, ear, chest = plan.uniform(0.92, 1.08), plan.uniform(0.16, 0.22), plan.uniform(0.95, 1.1)

    def measure(p: Field) -> Field:
        m = np.stack([np.abs(p[0]), p[1], p[2]])
        d = union(
            ball(p, 0, -0.30, -0.20, 0.27 * slim, 0.36, 0.33),
            ball(p, 0, 0.0, 0.02, 0.20 * chest, 0.34, 0.2),
            0.15,
        )
        d = union(d, rod(p, (0, 0.2, 0.03), (0, 0.42, 0.08), 0.135, 0.12), 0.08)
        d = union(d, ball(p, 0, 0.52, 0.10, 0.185, 0.16, 0.17), 0.04)
        d = union(d, ball(p, 0, 0.465, 0.25, 0.085, 0.065, 0.085), 0.05)
        d = union(d, rod(p, (0, 0.53, 0.25), (0, 0.485, 0.315), 0.028, 0.024), 0.02)
        d = carve(d, ball(m, 0.08, 0.545, 0.27, 0.042, 0.026, 0.035), 0.012)
        d = union(d, ball(m, 0.078, 0.543, 0.232, 0.036, 0.026, 0.03), 0.006)
        d = union(d, rod(m, (0.105, 0.62, 0.05), (0.16, 0.62 + ear, 0.04), 0.075, 0.012), 0.03)
        d = carve(d, rod(m, (0.115, 0.62, 0.11), (0.155, 0.58 + ear, 0.075), 0.04, 0.008), 0.02)
        d = union(d, rod(m, (0.085, 0.02, 0.13), (0.085, -0.64, 0.19), 0.085, 0.062), 0.05)
        d = union(d, ball(m, 0.09, -0.655, 0.25, 0.072, 0.055, 0.11), 0.03)
        d = union(d, ball(m, 0.22, -0.46, -0.06, 0.12, 0.22, 0.24), 0.06)
        d = union(d, ball(m, 0.23, -0.66, 0.08, 0.075, 0.05, 0.17), 0.03)
        d = union(d, rod(p, (0.2, -0.66, -0.42), (0.40, -0.665, 0.05), 0.05, 0.04), 0.03)
        collar = (
            np.hypot(np.hypot(p[0], p[2] - 0.05) - 0.135, (p[1] - 0.28) * 1.4 + 0.6 * p[2]) - 0.02
        )
        d = np.minimum(d, collar)
        return np.asarray(
            np.minimum(np.maximum(d, -0.70 - p[1]), box(p, -0.735, (0.40, 0.025, 0.46), 0.01)),
            dtype=np.float32,
        )

    return measure
