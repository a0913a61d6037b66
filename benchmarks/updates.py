"""How long it takes to keep a large index up to date, beside building it, and what that needs.

    python -m benchmarks.updates [--images 100000] [--new 10] [--network NAME[:LAYER]=WEIGHTS]
                                 [--size 32] [--precision fp32] [--json FILE]

Tiny pictures are drawn and indexed; then some more are drawn, and the index is brought up to date.
Each command is a process of its own, as people run it:

    first build     `flask index build`, the network exported and nothing stored
    sync            `flask index sync` after --new pictures were drawn
    sync again      the same once more, with nothing new
    add             `flask index add` of as many pictures again
    remove          `flask index remove` of those

Without --network it is a small one whose weights are drawn: what is measured is all that an update
does beside encoding. Memory is the peak of the proportional set sizes of all processes of a
command, looked at ten times a second.
"""

import argparse
import json
import multiprocessing
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import builds
from benchmarks.builds import NAME, Build, Run
from benchmarks.retrieval import network_name, wanted_networks
from models.simple_cnn import WIDTHS
from models.types import EncoderSpec

CLASSES = 100
SIDE = 32  # of a picture, in pixels
GRID = 4  # colours along a side, between which a picture changes smoothly
STAGES = re.compile(r"^  seconds +(.+)$", re.MULTILINE)  # as a command's summary tells them
TOGETHER = 500  # pictures that a process draws at once


@dataclass(frozen=True)
class Step:
    """What one command did.

    Attributes:
        name: of the command.
        images: in the index afterwards.
        seconds: from the start of its process to its end.
        peak: of the memory of all its processes, in bytes.
        stages: seconds of each, in order; empty where no generation was made.
    """

    name: str
    images: int
    seconds: float
    peak: int
    stages: dict[str, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each command."""
    asked = _arguments(arguments)
    with tempfile.TemporaryDirectory(prefix="likeness-benchmark-") as name:
        spec = _network(asked, Path(name))
        steps = measure(asked.images, asked.new, spec, asked.precision, Path(name))
    print(f"{asked.images:,} pictures, {asked.new:,} new ones; {network_name(spec)}")
    print(f"{'':14}{'pictures':>10}{'seconds':>9}{'peak MB':>9}   seconds of its stages")
    print("\n".join(map(_line, steps)))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(step) for step in steps], indent=2) + "\n")


def measure(images: int, new: int, spec: EncoderSpec, precision: str, work: Path) -> list[Step]:
    """Build an index, and bring it up to date again and again.

    Args:
        images: that are drawn at first.
        new: that are drawn before each update.
        spec, precision: of the encoder.
        work: a folder to work in.
    """
    gallery, instance = work / "gallery", work / "instance"
    draw(gallery, range(images))
    what = Build(gallery, spec, precision)
    steps = [_step("first build", builds.build_watched(what, instance), instance)]
    run = partial(_updated, instance, steps)
    draw(gallery, range(images, images + new))
    run("sync", ["sync", NAME])
    run("sync again", ["sync", NAME])
    more = [str(file) for file in draw(gallery, range(images + new, images + 2 * new))]
    run("add", ["add", NAME, *more])
    run("remove", ["remove", NAME, *more])
    return steps


def draw(gallery: Path, numbers: Sequence[int]) -> list[Path]:
    """Draw tiny pictures in folders that are their classes, on all cores; return their files."""
    for name in range(CLASSES):
        (gallery / f"{name:02}").mkdir(parents=True, exist_ok=True)
    parts = [numbers[start : start + TOGETHER] for start in range(0, len(numbers), TOGETHER)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context) as pool:
        return [file for files in pool.map(partial(_draw, gallery), parts) for file in files]


def _draw(gallery: Path, numbers: Iterable[int]) -> list[Path]:
    """Draw the pictures of some numbers, every other one as JPEG."""
    files = []
    for number in numbers:
        random = np.random.default_rng(number)
        mean, contrast = random.uniform(0, 255, 3), random.uniform(10, 120, 3)
        colours = mean + contrast * random.uniform(-1, 1, (GRID, GRID, 3))
        small = Image.fromarray(colours.clip(0, 255).astype(np.uint8))
        picture = small.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        suffix = "jpg" if number % 2 else "png"
        files.append(gallery / f"{number % CLASSES:02}" / f"{number:07}.{suffix}")
        picture.save(files[-1], quality=90, compress_level=1)
    return files


def _updated(instance: Path, steps: list[Step], name: str, arguments: Sequence[str]) -> None:
    """Run one command, and note what it did."""
    steps.append(_step(name, builds.run_watched(arguments, instance), instance))
    print(_line(steps[-1]), file=sys.stderr, flush=True)


def _step(name: str, run: Run, instance: Path) -> Step:
    generation = builds.generation(instance)
    generation.catalog.close()
    found = STAGES.search(run.said)
    pairs = [stage.split() for stage in found[1].split(", ")] if found else []
    stages = {stage: float(seconds) for stage, seconds in pairs}
    return Step(name, generation.manifest.images, run.seconds, run.peak, stages)


def _line(step: Step) -> str:
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in step.stages.items())
    return (
        f"{step.name:14}{step.images:>10,}{step.seconds:>9.1f}{step.peak / 1e6:>9,.0f}   "
        f"{stages or 'no new generation'}"
    )


def _network(asked: argparse.Namespace, work: Path) -> EncoderSpec:
    """Return the network that was asked for, or a small one whose weights are drawn."""
    if asked.network:
        return wanted_networks([asked.network], asked.size)[-1]
    random, weights = np.random.default_rng(0), {}
    for stage, (inputs, outputs) in enumerate(zip((3, *WIDTHS), WIDTHS, strict=False), 1):
        spread = (2 / (9 * inputs)) ** 0.5  # He et al., "Delving Deep into Rectifiers", 2015
        kernel = random.normal(0, spread, (3, 3, inputs, outputs))
        weights[f"conv{stage}/kernel"] = kernel.astype(np.float32)
        weights[f"conv{stage}/bias"] = random.normal(0, 0.1, outputs).astype(np.float32)
    np.savez(work / "drawn.npz", **weights)
    return EncoderSpec("simple_cnn", str(work / "drawn.npz"), size=asked.size)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.updates")
    parser.add_argument("--images", type=int, default=100_000, help="of the first build")
    parser.add_argument("--new", type=int, default=10, help="pictures of each update")
    parser.add_argument("--network", metavar="NAME[:LAYER]=WEIGHTS")
    parser.add_argument("--size", type=int, default=SIDE, help="of what networks read, in pixels")
    parser.add_argument("--precision", default="fp32", help="as for flask index build")
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything that was measured")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
