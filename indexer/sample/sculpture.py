"""Draws the class "sculpture": marble, bronze and clay in a museum's light."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from indexer.sample import solids, statues
from indexer.sample.canvas import Field, Rng, Shape, blur, frame, grid, mix, noise, to_image, vary
from indexer.sample.march import Camera, Seen, look
from indexer.sample.solids import Solid

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Stone:
    """A material.

    Attributes:
        colour: in full light.
        vein: colour of its veins, spots or patina.
        shine: strength of reflections.
        gloss: their sharpness.
        soft: how far light seeps round edges, 0 to 1.
        kind: "veins", "patina", "grain" or "figured", as Greek vases are.
    """

    colour: Colour
    vein: Colour
    shine: float
    gloss: float
    soft: float
    kind: str


MARBLE = Stone((0.93, 0.91, 0.87), (0.62, 0.62, 0.64), 0.16, 24, 0.35, "veins")
ROSE = Stone((0.86, 0.70, 0.62), (0.95, 0.88, 0.82), 0.16, 24, 0.3, "veins")
BRONZE = Stone((0.36, 0.23, 0.12), (0.24, 0.40, 0.33), 0.75, 34, 0.05, "patina")
DARK = Stone((0.17, 0.16, 0.16), (0.30, 0.30, 0.31), 0.45, 40, 0.05, "grain")
CLAY = Stone((0.76, 0.42, 0.27), (0.62, 0.32, 0.20), 0.06, 10, 0.2, "grain")
LIME = Stone((0.80, 0.74, 0.61), (0.60, 0.53, 0.42), 0.03, 8, 0.25, "grain")
FIGURED = Stone((0.80, 0.45, 0.26), (0.09, 0.07, 0.07), 0.16, 22, 0.15, "figured")
STONES = (MARBLE, MARBLE, BRONZE, BRONZE, CLAY, DARK, LIME, ROSE)
WALLS = (
    (0.62, 0.60, 0.57),
    (0.36, 0.16, 0.15),
    (0.24, 0.30, 0.36),
    (0.80, 0.76, 0.69),
    (0.16, 0.16, 0.17),
    (0.36, 0.40, 0.34),
)

MOTIFS: dict[str, tuple[Callable[[Rng], Solid], tuple[float, ...], float]] = {
    "bust": (statues.bust, (0.76, 0.84), 0.9),
    "torso": (statues.torso, (0.68, 0.76), 0.8),
    "amphora": (statues.amphora, (0.74, 0.84), 3.1),
    "column": (statues.column, (0.7, 0.8), 0.4),
    "knot": (statues.knot, (0.86, 1.0), 0.8),
    "reclining": (statues.reclining, (1.2, 1.35), 0.6),
    "totem": (statues.totem, (0.62, 0.72), 0.8),
    "cat": (statues.cat, (0.74, 0.84), 1.2),
}


def draw(motif: str, plan: Rng, rng: Rng) -> Image.Image:
    """Draw one picture.

    Args:
        motif: a key of MOTIFS.
        plan: generator of the composition, shared by neighbouring variants.
        rng: generator of this variant alone.
    """
    model, aspects, reach = MOTIFS[motif]
    shape = frame(plan, rng, aspects)
    statue = model(plan)
    stone, wall = STONES[plan.integers(len(STONES))], WALLS[plan.integers(len(WALLS))]
    if motif == "amphora" and plan.random() < 0.6:
        stone = FIGURED
    yaw = plan.uniform(-reach, reach) + rng.normal(0, 0.13)
    zoom = 0.93 * rng.uniform(0.95, 1.04) * min(1.0, shape[1] / shape[0] / 0.72)
    if shape[1] > shape[0]:
        zoom = 1.05 * rng.uniform(0.95, 1.04)
    camera = Camera(yaw, plan.uniform(0.08, 0.22), zoom, rng.normal(0, 0.02), rng.normal(0, 0.015))
    side = float(plan.choice((-1.0, 1.0)) * plan.uniform(0.55, 0.9) + rng.normal(0, 0.08))
    facing = np.array([side, 0.75, 0.75], dtype=np.float32)
    light = (camera.axes() @ (facing / np.linalg.norm(facing))).astype(np.float32)
    seen = look(_on_pedestal(statue, motif == "reclining"), camera, shape, light)
    room = _room(shape, vary(rng, wall), seen, side, rng)
    return to_image(_compose(room, seen, stone, camera, light, shape, rng))


def _on_pedestal(statue: Solid, wide: bool) -> Solid:
    """Set a statue on a block that reaches below the picture."""

    half = 1.02 if wide else 0.5

    def measure(p: Field) -> Field:
        gap = np.minimum(
            solids.box(p, -0.80, (half, 0.03, 0.42)), solids.box(p, -1.4, (half - 0.06, 0.6, 0.36))
        )
        # We look down from above: a ray that has sunk below the slab never meets the statue.
        high = p[1] > -0.84
        gap[high] = np.minimum(gap[high], statue(p[:, high]))
        return gap

    return measure


def _room(shape: Shape, wall: Field, seen: Seen, side: float, rng: Rng) -> Field:
    """Light a plain wall, and let the statue's shadow fall on it."""
    x, y = grid(shape)
    aspect = shape[1] / shape[0]
    pool = np.exp(-(((x - aspect * (0.5 + 0.22 * side)) / 0.75) ** 2) - ((y - 0.28) / 0.75) ** 2)
    shade = np.zeros(shape, dtype=np.float32)
    shade.ravel()[seen.at] = seen.cover
    offset = round(-side * shape[0] * 0.10)
    cast = np.zeros_like(shade)
    if offset >= 0:
        cast[10:, offset:] = shade[:-10, : shape[1] - offset]
    else:
        cast[10:, :offset] = shade[:-10, -offset:]
    fall = (0.55 + 0.6 * pool) * (1 - 0.42 * blur(cast, shape[0] * 0.035))
    fall = (
        fall
        + 0.010 * noise(rng, shape, 60, 4)
        + 0.006 * rng.standard_normal(shape, dtype=np.float32)
    )
    return np.asarray(wall * fall[..., None], dtype=np.float32)


def _surface(seen: Seen, stone: Stone, shape: Shape, rng: Rng) -> Field:
    """Return the colour of the material at each seen point, (n, 3)."""
    field = noise(rng, (256, 256), 90, 6, 0.62)
    u = ((seen.points[0] + 0.45 * seen.points[2]) * 90 + 128).astype(np.int64) % 256
    v = ((seen.points[1] + 0.35 * seen.points[2]) * 90 + 128).astype(np.int64) % 256
    spot = field[v, u]
    if stone.kind == "veins":
        weight = 0.55 * np.exp(-np.abs(spot - 0.35) * 9) + 0.16 * np.clip(spot, 0, 1.5)
    elif stone.kind == "patina":
        weight = np.clip(
            1.5 * (0.86 - seen.hollow) + 0.32 * spot + 0.3 * seen.normals[1] - 0.15, 0, 0.85
        )
    elif stone.kind == "figured":
        weight = _black_figure(seen)
    else:
        weight = np.clip(0.32 + 0.28 * spot + 0.10 * rng.standard_normal(len(spot)), 0, 1)
    return mix(stone.colour, stone.vein, weight.astype(np.float32))


def _black_figure(seen: Seen) -> Field:
    """Return where a Greek potter lays black slip: bands, rays, a meander and dancers."""
    y = seen.points[1]
    turn = np.arctan2(seen.points[2], seen.points[0])
    black = ((y < -0.60) | (y > 0.36)).astype(np.float32)
    for low, high in ((-0.34, -0.30), (-0.18, -0.16), (0.19, 0.21), (0.30, 0.32)):
        black[(y > low) & (y < high)] = 1
    saw = np.abs(np.mod(turn * 20 / (2 * np.pi), 1) - 0.5) * 2
    black[(y > -0.60) & (y < -0.36) & (saw > 0.35 + 2.4 * (y + 0.60))] = 1
    key = np.mod(turn * 28 / (2 * np.pi), 1)
    black[(y > 0.22) & (y < 0.29) & ((key < 0.3) | ((y > 0.265) & (key < 0.75)))] = 1
    u = np.mod(turn * 9 / (2 * np.pi), 1) - 0.5
    v = (y + 0.14) / 0.32
    body = np.abs(u) < np.where(
        v < 0.42, 0.26 - 0.3 * v, 0.09 + 0.16 * np.exp(-(((v - 0.66) / 0.10) ** 2))
    )
    arm = np.abs(v - 0.70 - 0.5 * np.abs(u) * np.sign(u)) < 0.045
    head = (u - 0.03) ** 2 / 0.008 + (v - 0.90) ** 2 / 0.007 < 1
    black[(v > 0.02) & (v < 1) & ((body & (v < 0.80)) | (arm & (np.abs(u) < 0.36)) | head)] = 1
    return np.asarray(black, dtype=np.float32)


def _compose(
    room: Field, seen: Seen, stone: Stone, camera: Camera, light: Field, shape: Shape, rng: Rng
) -> Field:
    """Light the solid and lay it over the room."""
    base = _surface(seen, stone, shape, rng)
    plinth = np.where(room.mean() > 0.35, 0.30, 0.52) * np.array([1.0, 0.98, 0.95])
    block = seen.points[1] < -0.753
    base[block] = plinth * (1 + 0.03 * rng.standard_normal((int(block.sum()), 1)))
    n, eye = seen.normals, camera.axes()[:, 2]
    facing = (n * light[:, None]).sum(0)
    lit = np.clip((facing + stone.soft) / (1 + stone.soft), 0, 1) * (0.12 + 0.88 * seen.shadow)
    sky = 0.5 + 0.5 * n[1]
    fill = seen.hollow * (0.20 + 0.14 * sky)
    half = light + eye
    half = half / np.linalg.norm(half)
    glint = np.clip((n * half[:, None]).sum(0), 0, 1) ** stone.gloss * seen.shadow * stone.shine
    look_up = 2 * (n * eye[:, None]).sum(0) * n - eye[:, None]
    # Polished surfaces mirror the bright windows high up in the room.
    window = np.clip(look_up[1] * 1.6 - 0.25, 0, 1) ** 2 * seen.hollow * stone.shine * 0.35
    rim = np.clip(1 - (n * eye[:, None]).sum(0), 0, 1) ** 3 * 0.10 * seen.hollow
    shine = np.where(block, 0, glint + window) + rim
    warm, cool = np.array([1.05, 1.0, 0.93]), np.array([0.92, 0.98, 1.08])
    colour = base * (0.98 * lit[:, None] * warm + fill[:, None] * cool) + shine[:, None] * (
        0.5 + 0.5 * base / base.max()
    )
    flat = room.reshape(-1, 3).copy()
    flat[seen.at] += (colour - flat[seen.at]) * seen.cover[:, None]
    return np.clip(flat.reshape(*shape, 3), 0, 1) ** np.float32(0.92)
