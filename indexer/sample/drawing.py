"""Draws the class "drawing": chalk, pencil and ink on toned paper."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from indexer.sample import creatures, hamlets, sketches, studies
from indexer.sample.canvas import (
    Field,
    Rng,
    blur,
    frame,
    mix,
    noise,
    paper,
    smoothstep,
    to_image,
    vary,
)
from indexer.sample.pen import Pen
from indexer.sample.scene import Scene, View
from indexer.sample.sketches import Sheet

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Medium:
    """What is drawn with, and on what.

    Attributes:
        sheet, ink: colours.
        bite: how much the paper's grain breaks the line.
        spread: widens all lines.
        rub: depth of the rubbed tone in the shades.
        wash: depth of a brushed wash there.
        white: strength of white chalk in the lights.
    """

    sheet: Colour
    ink: Colour
    bite: float
    spread: float
    rub: float = 0.2
    wash: float = 0.0
    white: float = 0.0


PENCIL = Medium((0.93, 0.91, 0.86), (0.22, 0.22, 0.24), 0.35, 1.0, 0.30)
INK = Medium((0.93, 0.88, 0.77), (0.24, 0.14, 0.07), 0.05, 1.0, 0.05, wash=0.42)
CHARCOAL = Medium((0.78, 0.75, 0.70), (0.12, 0.11, 0.11), 0.65, 1.6, 0.42, white=0.6)
SANGUINE = Medium((0.91, 0.84, 0.72), (0.58, 0.22, 0.13), 0.55, 1.3, 0.28)
BLUE = Medium((0.58, 0.65, 0.68), (0.13, 0.12, 0.14), 0.5, 1.3, 0.30, white=0.9)
MEDIA = (PENCIL, INK, CHARCOAL, SANGUINE, BLUE)


MOTIFS: dict[str, tuple[Callable[[Sheet], None], tuple[float, ...]]] = {
    "tree": (sketches.tree, (0.82, 0.95, 1.2)),
    "profile": (creatures.profile, (0.74, 0.8)),
    "sailboat": (sketches.sailboat, (1.25, 1.4)),
    "cottage": (hamlets.cottage, (1.25, 1.4)),
    "jug": (studies.jug, (1.0, 1.15)),
    "bird": (creatures.bird, (1.05, 1.2)),
    "sprig": (studies.sprig, (0.72, 0.78)),
    "windmill": (hamlets.windmill, (0.85, 1.0, 1.2)),
}


def draw(motif: str, plan: Rng, rng: Rng) -> Image.Image:
    """Draw one picture.

    Args:
        motif: a key of MOTIFS.
        plan: generator of the composition, shared by neighbouring variants.
        rng: generator of this variant alone.
    """
    subject, aspects = MOTIFS[motif]
    shape = frame(plan, rng, aspects)
    medium = MEDIA[plan.integers(len(MEDIA))]
    side = float(plan.choice((-0.6, 0.6))) + rng.normal(0, 0.12)
    scene = Scene(shape, 0.0, View.near(rng), (side, -0.55))
    pen = Pen(rng, shape)
    subject(Sheet(plan, rng, scene, pen))
    return to_image(_finish(medium, scene, pen, rng))


def _finish(medium: Medium, scene: Scene, pen: Pen, rng: Rng) -> Field:
    """Shade the scene with the medium, and lay it on its paper."""
    tone = np.clip(scene.value, 0, 1)
    angles = np.asarray(scene.angles, dtype=np.float32)[scene.owner]
    pen.outline(scene, 1.25)
    for low, high, turn, length in (
        (0.06, 0.75, 0.0, 20.0),
        (0.35, 0.95, 0.45, 15.0),
        (0.6, 1.1, -0.5, 11.0),
    ):
        pen.hatch(
            smoothstep(low, high, tone),
            angles + np.float32(turn),
            spacing=2.1,
            length=length,
            dark=0.72,
        )
    sheet, grain = paper(rng, scene.shape, vary(rng, medium.sheet), 0.016)
    ink = pen.lay(spread=medium.spread, wobble=1.3)
    hold = np.clip(1 + medium.bite * grain, 0.05, 3)
    brushed = blur(tone, 2) * (1 + 0.16 * noise(rng, scene.shape, 40))
    if medium.wash:
        layers = 0.5 * smoothstep(0.24, 0.34, brushed) + 0.5 * smoothstep(0.55, 0.66, brushed)
        sheet = mix(sheet, medium.ink, np.clip(medium.wash * layers, 0, 1))
    # Rubbed in with a finger: a soft tone lies under the strokes.
    rubbed = np.clip(medium.rub * brushed * (1 + 0.12 * grain), 0, 1)
    sheet = mix(sheet, medium.ink, rubbed)
    page = mix(sheet, vary(rng, medium.ink, 0.02), 1 - np.exp(-1.7 * ink * hold))
    return _heighten(medium, scene, page, grain, rng) if medium.white else page


def _heighten(medium: Medium, scene: Scene, page: Field, grain: Field, rng: Rng) -> Field:
    """Set white chalk where the light falls."""
    chalk = Pen(rng, scene.shape)
    lit = (scene.relief > 0.4) * smoothstep(0.14, 0.02, scene.value)
    chalk.hatch(0.8 * blur(lit, 2), -0.8, spacing=2.4, length=16, width=1.6)
    cover = 1 - np.exp(-1.2 * medium.white * chalk.lay() * np.clip(1 + 0.6 * grain, 0.05, 3))
    return mix(page, (0.96, 0.95, 0.92), cover)
