"""Draws the class "iconography": flat frontal figures on gold ground."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from indexer.sample import altars, icons
from indexer.sample.canvas import (
    Field,
    Rng,
    blur,
    cracks,
    edge,
    frame,
    grid,
    mix,
    noise,
    slopes,
    to_image,
)
from indexer.sample.figures import DARK, GOLD, LEAF, LIGHT, TOOL, Panel
from indexer.sample.pen import Pen
from indexer.sample.scene import Scene, View

MOTIFS: dict[str, tuple[Callable[[Panel], None], tuple[float, ...]]] = {
    "madonna": (icons.madonna, (0.74, 0.8)),
    "pantocrator": (icons.pantocrator, (0.74, 0.82)),
    "angel": (icons.angel, (0.76, 0.82)),
    "saint": (icons.saint, (0.5, 0.56)),
    "saints": (altars.saints, (1.1, 1.25)),
    "throne": (altars.throne, (0.66, 0.72)),
    "polyptych": (altars.polyptych, (0.95, 1.1)),
}
BOLE = (0.50, 0.17, 0.10)


def draw(motif: str, plan: Rng, rng: Rng) -> Image.Image:
    """Draw one picture.

    Args:
        motif: a key of MOTIFS.
        plan: generator of the composition, shared by neighbouring variants.
        rng: generator of this variant alone.
    """
    subject, aspects = MOTIFS[motif]
    shape = frame(plan, rng, aspects)
    # A panel is seen whole: its frame leaves little room to move.
    shift = rng.normal(0, 0.004, 3).tolist()
    view = View(float(rng.uniform(0.965, 1.005)), *shift)
    panel = Panel(plan, rng, Scene(shape, LEAF, view, (-0.5, -0.65)))
    subject(panel)
    return to_image(_age(_draw_lines(panel, _gild(panel, rng), rng), panel, rng))


def _gild(panel: Panel, rng: Rng) -> Field:
    """Give the gold its leaves, its burnish, its dents and its worn places."""
    scene = panel.scene
    shape = scene.shape
    gold = blur(np.isin(scene.owner, panel.gilt).astype(np.float32), 0.6)
    tool = Pen(rng, shape)
    tool.outline(scene, 1.2, 0.9, TOOL)
    dents = tool.lay(wobble=0.3) + _dots(panel)
    slope_y, slope_x = slopes(blur(dents, 0.8))
    x, y = grid(shape)
    leaf = 0.05 * noise(rng, (shape[0] // 44 + 2, shape[1] // 44 + 2), 1, 1).repeat(44, 0).repeat(
        44, 1
    )
    burnish = 0.20 * np.sin(3.2 * x + 2.4 * y + rng.uniform(0, 6)) + 0.07 * noise(
        rng, shape, 130, 4
    )
    light = 1 + leaf[: shape[0], : shape[1]] + burnish - 0.55 * (slope_x + slope_y) - 0.10 * dents
    light = np.clip(light, 0.2, 2)
    light += 0.02 * rng.standard_normal(shape, dtype=np.float32)
    warmth = np.array([0.9, 1.05, 1.35], dtype=np.float32)
    shine = 0.5 * np.clip(light - 1.08, 0, 1)[..., None]
    metal = scene.value * (1 + (light - 1)[..., None] * warmth) + shine * (1.4 - 0.5 * warmth)
    worn = np.clip(noise(rng, shape, 60, 5, 0.7) * 0.5 + 0.5 * edge(shape) - 0.75, 0, 0.5)
    return mix(scene.value, mix(metal, BOLE, worn), gold)


def _dots(panel: Panel) -> Field:
    """Punch the gold."""
    shape = panel.scene.shape
    dents = np.zeros(shape, dtype=np.float32)
    for group in panel.punched:
        x, y = np.rint(panel.scene.pixels(group[:, :2])).astype(int).T
        inside = (x > 1) & (y > 1) & (x < shape[1] - 2) & (y < shape[0] - 2)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                dents[y[inside] + dy, x[inside] + dx] = 1.3 if dx * dy == 0 else 0.7
    return dents


def _draw_lines(panel: Panel, page: Field, rng: Rng) -> Field:
    """Draw gold lines, highlights and outlines, each with its own pen."""
    for tint, colour, depth in (
        (GOLD, (0.93, 0.76, 0.36), 2.2),
        (LIGHT, None, 0.75),
        (DARK, (0.13, 0.07, 0.05), 1.5),
    ):
        pen = Pen(rng, panel.scene.shape)
        pen.outline(panel.scene, 1.1, 0.95, tint)
        cover = 1 - np.exp(-depth * pen.lay(wobble=0.35))
        page = mix(page, np.clip(page * 1.25 + 0.24, 0, 1) if colour is None else colour, cover)
    return page


def _age(page: Field, panel: Panel, rng: Rng) -> Field:
    """Crack the paint, dim it with smoke, and round the panel's edge."""
    shape = panel.scene.shape
    net = cracks(rng, shape, 30, 0.7)
    page = page * (1 - 0.28 * net[..., None])
    smoke = 1 - 0.26 * edge(shape) ** 3 + 0.03 * noise(rng, shape, 120, 3)
    return page * smoke[..., None] * np.array([1.0, 0.975, 0.92], dtype=np.float32)
