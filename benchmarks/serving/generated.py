"""Makes an index of very many images, most of which are generated features without a picture.

The build itself is the project's own: encoder, tables, tuning, catalog and manifest are real. Only
the walk through the gallery is not. Some pictures are drawn, and lie around as files: they can be
uploaded, shown and cut. All other images are records without a file, in classes of very different
sizes, whose features are put where the build finds those that it has computed before.

Features are like those of the bundled `pocket`: of 9,150 paintings of the Louvre two random ones
lie 1.01 apart by the cosine, at the median, the nearest .37 and the tenth .51; of 100,000 generated
ones that is 1.00, .36 and .48. A class lies around the feature of a picture, as long as there are
enough, so that uploads have much that is like them; within it features vary in few dimensions, in
some more than in others. Every tenth image is nearly the one before it, so that answers have
something to fold.
"""

import os
import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from indexer.building.clock import Clock
from indexer.building.drafts import drafting
from indexer.building.encoded import encoded
from indexer.building.encoders import begin
from indexer.building.plans import BuildPlan
from indexer.building.publishing import publish
from indexer.distances import block_slices, units
from indexer.gallery import scan
from indexer.opening import open_current
from indexer.sample import draw_sample
from indexer.types import Float32, ImageRecord, Rejection, Scan, silent
from models.encoder import prepare_encoder

NAME = "generated"
PICTURES = 60
"""Images that are drawn."""

WITHIN = 0.75
"""Cosine distance at the median between two images of a class."""

LATENT, DECAY = 64, 2.0
"""Dimensions in which a class varies; the i-th has the spread exp(-DECAY * i / LATENT)."""

NOISE = 0.3
"""Length of what varies without any order, beside what varies so."""

COPIES, OFF = 10, 0.05
"""One image of so many is nearly the one before it; so far away, of the length of a feature."""

REJECTED = 100
"""One file of so many is left out."""


@dataclass(frozen=True)
class Made:
    """What is generated.

    Attributes:
        images: of the index, the drawn ones among them.
        classes: of those that are not drawn.
        seed: of everything random.
    """

    images: int
    classes: int
    seed: int = 0


def make(what: Made, instance: Path) -> Path:
    """Make an index of an instance, unless it is there; return the folder of its pictures.

    Raises:
        SystemExit: the instance has one of another size.
    """
    gallery = instance / "gallery"
    if gallery.exists():
        _require(what, instance)
        return gallery
    draw_sample(gallery, count=min(PICTURES, what.images), seed=what.seed)
    plan = BuildPlan((gallery,), name=NAME, engine="openvino", precision="fp32", accept=0)
    with drafting(instance, NAME) as draft:
        exported = prepare_encoder(plan.encoder, instance / "encoders")
        drawn = scan(plan.sources)
        job = begin(plan, draft, Clock(silent), exported, drawn)
        labels = _labels(what, len(drawn.records))
        records = list(_records(labels, what.seed))
        with encoded(job, drawn) as known:
            centres = known.cache.read([each.sha256 for each in drawn.records])
            for rows, features in _features(labels, centres, what):
                known.cache.append([each.sha256 for each in records[rows]], features)
        with encoded(job, _joined(drawn, records)) as whole:
            publish(job, whole, None)
    return gallery


def _require(what: Made, instance: Path) -> None:
    with closing(open_current(instance, NAME).catalog) as catalog:
        if catalog.count != what.images:
            raise SystemExit(f"{instance} holds {catalog.count:,} images. Name another folder.")


def _labels(what: Made, drawn: int) -> list[int]:
    """Draw the class of each generated image: the first classes are the largest."""
    chance = random.Random(what.seed)
    count = max(0, what.images - drawn)
    # Each class has one at least, as far as there are so many.
    dealt = list(range(what.classes))[:count]
    return sorted(
        dealt + [int(what.classes * chance.random() ** 3) for _ in range(count - len(dealt))]
    )


def _records(labels: Sequence[int], seed: int) -> Iterator[ImageRecord]:
    chance = random.Random(seed + 1)
    for number, label in enumerate(labels):
        yield ImageRecord(
            root=0,
            path=f"class {label:03}/picture {number:07}.jpg",
            label=f"class {label:03}",
            sha256=f"{chance.getrandbits(256):064x}",
            bytes=chance.randrange(10**4, 10**7),
            mtime_ns=10**18 + chance.getrandbits(50),
            width=chance.randrange(100, 6000),
            height=chance.randrange(100, 6000),
            format="JPEG",
        )


def _joined(drawn: Scan, records: Sequence[ImageRecord]) -> Scan:
    """Add records to what was drawn, and files that were left out, as if a walk had found all."""
    together = sorted((*drawn.records, *records), key=lambda each: os.fsencode(each.path))
    left_out = [
        Rejection(0, f"left out/file {number:07}.jpg", "damaged", "The file ends too early.")
        for number in range(len(together) // REJECTED)
    ]
    rejections = sorted((*drawn.rejections, *left_out), key=lambda each: os.fsencode(each.path))
    return replace(drawn, records=tuple(together), rejections=tuple(rejections))


def _features(labels: Sequence[int], drawn: Float32, what: Made) -> Iterator[tuple[slice, Float32]]:
    """Yield the features of generated images, float32 (rows, dim), a block at a time."""
    chance = np.random.default_rng(what.seed)
    dim = drawn.shape[1]
    centres = chance.normal(size=(what.classes, dim))
    near = min(len(drawn), what.classes)
    centres[:near] = drawn[:near]
    centres = units(centres)
    spread = chance.normal(size=(LATENT, dim))
    spread *= np.exp(-DECAY * np.arange(LATENT) / LATENT)[:, None]
    varied = WITHIN / (1 + NOISE**2)
    spread *= np.sqrt(varied / (spread**2).sum())
    of_each = np.array(labels, np.int64)
    for rows in block_slices(len(labels)):
        size = rows.stop - rows.start
        block = np.sqrt(1 - WITHIN) * centres[of_each[rows]]
        block += chance.normal(size=(size, LATENT)) @ spread
        block += chance.normal(0, NOISE * np.sqrt(varied / dim), size=(size, dim))
        copies = np.arange(1, size, COPIES)
        block[copies] = block[copies - 1] + chance.normal(0, OFF / dim**0.5, (len(copies), dim))
        yield rows, block.astype(np.float32)
