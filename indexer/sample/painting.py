"""Draws the class "painting": oil on canvas, stroke by stroke."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from indexer.sample import outdoors, seasons, sitters, stilllifes, winters
from indexer.sample.brush import Layer, repaint, varnish
from indexer.sample.canvas import Rng, cracks, edge, frame, to_image
from indexer.sample.scene import Scene, View
from indexer.sample.vistas import HOURS, Easel


@dataclass(frozen=True)
class Manner:
    """How a painter works.

    Attributes:
        layers: passes of the brush, coarse to fine.
        lively: how much neighbouring strokes differ in colour.
        relief: how thickly the paint stands.
        weave: how much the canvas shows.
        amber: yellowing of the varnish.
        age: strength of the craquelure.
        blend: how far strokes melt into each other, 0 to 1.
    """

    layers: tuple[Layer, ...]
    lively: float
    relief: float
    weave: float
    amber: float
    age: float
    blend: float = 0.0


LOOSE = Manner(
    (Layer(6, 16, 3, 0), Layer(3.4, 11, 2, 0), Layer(2.2, 7, 2, 0.8)), 1.3, 0.34, 0.02, 0.0, 0.0
)
DABS = Manner(
    (Layer(5, 9, 3, 0), Layer(3.0, 5.5, 2.5, 0), Layer(2.0, 4, 2, 0.7)), 1.7, 0.40, 0.02, 0.0, 0.0
)
MASTER = Manner(
    (Layer(5, 14, 3, 0), Layer(2.4, 7, 2, 0.3), Layer(1.4, 4, 3, 0.8)),
    0.4,
    0.14,
    0.025,
    0.45,
    0.16,
    0.45,
)
FINE = Manner(
    (Layer(5, 14, 3, 0), Layer(2.2, 6, 2.5, 0), Layer(1.3, 4, 3.5, 0.7)),
    0.8,
    0.22,
    0.02,
    0.15,
    0.0,
    0.25,
)
OPEN_AIR = (LOOSE, DABS, LOOSE, MASTER)

MOTIFS: dict[str, tuple[Callable[[Easel], None], tuple[float, ...], tuple[Manner, ...]]] = {
    "landscape": (outdoors.landscape, (1.25, 1.4), OPEN_AIR),
    "seascape": (outdoors.seascape, (1.3, 1.45), OPEN_AIR),
    "night": (seasons.night, (1.15, 1.28), (LOOSE, LOOSE, DABS)),
    "winter": (winters.winter, (1.25, 1.4), (FINE, MASTER, FINE)),
    "poppies": (seasons.poppies, (1.2, 1.35), (DABS, LOOSE, DABS)),
    "fruit": (stilllifes.fruit, (1.15, 1.3), (MASTER, MASTER, LOOSE)),
    "flowers": (stilllifes.flowers, (0.76, 0.84), (MASTER, LOOSE, DABS)),
    "portrait": (sitters.portrait, (0.76, 0.82), (MASTER, MASTER, FINE)),
}


def draw(motif: str, plan: Rng, rng: Rng) -> Image.Image:
    """Draw one picture.

    Args:
        motif: a key of MOTIFS.
        plan: generator of the composition, shared by neighbouring variants.
        rng: generator of this variant alone.
    """
    subject, aspects, manners = MOTIFS[motif]
    shape = frame(plan, rng, aspects)
    manner = manners[plan.integers(len(manners))]
    scene = Scene(shape, (0.5, 0.45, 0.4), View.near(rng), (float(plan.choice((-0.6, 0.6))), -0.6))
    subject(Easel(plan, rng, scene, HOURS[plan.integers(len(HOURS))]))
    scene.value *= 1 + rng.normal(0, 0.035) + rng.normal(0, 0.022, 3).astype(np.float32)
    colour, thick = repaint(scene, rng, manner.layers, manner.lively)
    colour += manner.blend * (scene.value - colour)
    colour = varnish(
        colour, thick, rng, relief=manner.relief, weave=manner.weave, amber=manner.amber
    )
    if manner.age:
        net = cracks(rng, shape, 34, 0.8)
        colour = colour * (1 - manner.age * net[..., None])
        colour *= 1 - 0.25 * edge(shape)[..., None] ** 4
    return to_image(colour)
