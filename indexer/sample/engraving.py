"""Draws the class "engraving": black ruled lines on cream paper, within a plate's border."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from indexer.sample import curios, naves, plates, wilds
from indexer.sample.burin import engrave
from indexer.sample.canvas import Field, Rng, Shape, frame, mix, noise, paper, to_image, vary
from indexer.sample.pen import Pen
from indexer.sample.plates import Plate
from indexer.sample.scene import Scene, View
from indexer.sample.shapes import Points

MOTIFS: dict[str, tuple[Callable[[Plate], None], tuple[float, ...]]] = {
    "castle": (plates.castle, (1.2, 1.35)),
    "ship": (plates.ship, (1.1, 1.3)),
    "nave": (naves.nave, (0.72, 0.8)),
    "ruins": (wilds.ruins, (1.2, 1.35)),
    "alps": (wilds.alps, (1.15, 1.3)),
    "portrait": (curios.portrait, (0.74, 0.8)),
    "nautilus": (curios.nautilus, (0.95, 1.1)),
}
SHEETS = ((0.94, 0.91, 0.82), (0.92, 0.87, 0.74), (0.95, 0.94, 0.89))
INK = (0.10, 0.09, 0.09)


def draw(motif: str, plan: Rng, rng: Rng) -> Image.Image:
    """Draw one picture.

    Args:
        motif: a key of MOTIFS.
        plan: generator of the composition, shared by neighbouring variants.
        rng: generator of this variant alone.
    """
    subject, aspects = MOTIFS[motif]
    shape = frame(plan, rng, aspects)
    margin, caption = int(plan.integers(9, 18)), int(plan.choice((0, 22, 26)))
    inner = (shape[0] - 2 * margin - caption, shape[1] - 2 * margin)
    side = float(plan.choice((-0.6, 0.6))) + rng.normal(0, 0.1)
    scene = Scene(inner, 0.0, View.near(rng), (side, -0.5))
    subject(Plate(plan, rng, scene))
    ink = np.zeros(shape, dtype=np.float32)
    ink[margin : margin + inner[0], margin : margin + inner[1]] = engrave(
        scene, rng, float(plan.uniform(2.9, 3.5))
    )
    ink = np.maximum(ink, _border(shape, margin, inner, caption > 0, plan, rng))
    return to_image(_print(ink, vary(rng, SHEETS[plan.integers(3)], 0.015), margin, rng))


def _border(shape: Shape, margin: int, inner: Shape, caption: bool, plan: Rng, rng: Rng) -> Field:
    """Cut the frame's lines, and a caption in a flowing, unreadable hand."""
    pen = Pen(rng, shape)
    top, left = margin - 1.0, margin - 1.0
    bottom, right = margin + inner[0] + 1.0, margin + inner[1] + 1.0
    box = np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    pen.stroke(box, 1.5)
    if caption:
        middle = (left + right) / 2
        for y, half, size in ((bottom + 9, 0.27, 3.2), (bottom + 18, 0.16, 1.8)):
            half *= right - left
            pen.stroke(_writing(plan, middle - half, middle + half, y, size), 1.0)
    return 1 - np.exp(-2 * pen.lay(wobble=0.3))


def _writing(plan: Rng, left: float, right: float, y: float, size: float) -> Points:
    """Write a line of loops from left to right, broken into words."""
    t = np.arange(0, (right - left) / size * 2.2, 0.35)
    tall = np.where(plan.random(len(t) // 9 + 1) < 0.25, 2.0, 1.0).repeat(9)[: len(t)]
    x = left + t * size / 2.2 + 0.45 * size * np.sin(t * 2.1)
    rise = y - size * 0.5 * tall * np.cos(t * 2.1)
    return np.stack([x, rise], 1)


def _print(ink: Field, sheet: Field, margin: int, rng: Rng) -> Field:
    """Press the inked plate into its paper."""
    page, grain = paper(rng, ink.shape, sheet, 0.02)
    height, width = ink.shape
    emboss = np.zeros(ink.shape, dtype=np.float32)
    emboss[margin // 2 : height - margin // 2, margin // 2 : width - margin // 2] = 1
    page = page - 0.018 * emboss[..., None] + 0.05 * np.gradient(emboss, axis=0)[..., None]
    worn = np.clip(0.93 + 0.06 * noise(rng, ink.shape, 60, 2) + 0.05 * grain, 0, 1)
    return mix(page, INK, np.clip(ink * worn, 0, 1))
