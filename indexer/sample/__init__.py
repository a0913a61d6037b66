"""Draws the sample gallery: pictures of five classes, with near neighbours to find."""

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from indexer.errors import FolderOccupied
from indexer.sample import drawing, engraving, iconography, painting, sculpture
from indexer.sample.odd import draw_odd
from indexer.types import Progress, Report, silent

CLASSES = ("drawing", "engraving", "iconography", "painting", "sculpture")
SERIES = 4
"""So many neighbouring variants share their composition."""

_MODULES = (drawing, engraving, iconography, painting, sculpture)


@dataclass(frozen=True)
class SampleSummary:
    """What was drawn.

    Attributes:
        directory: the gallery's folder.
        classes: name of each class and how many pictures it holds.
        odd: names of the deliberately odd files in the root.
        bytes: size of all files together.
    """

    directory: Path
    classes: tuple[tuple[str, int], ...]
    odd: tuple[str, ...]
    bytes: int


@dataclass(frozen=True)
class Task:
    """One picture to draw: its class, its motif, and the variant's number from 0."""

    kind: str
    motif: str
    variant: int

    @property
    def path(self) -> str:
        """Return its path within the gallery, as "class/motif-nnn.jpg"."""
        return f"{self.kind}/{self.motif}-{self.variant + 1:03d}.jpg"


def draw_sample(
    directory: Path, *, count: int = 600, seed: int = 0, workers: int = 0, report: Report = silent
) -> SampleSummary:
    """Draw a gallery of procedural pictures, and a few odd files beside them.

    The same seed gives the same bytes for any number of workers, and a larger gallery
    contains a smaller one.

    Args:
        directory: where to; made if it does not exist, else it must be empty.
        count: of sound pictures, spread evenly over the classes and their motifs.
        seed: of all randomness.
        workers: processes; 0 takes one for each core.
        report: told after each picture.

    Raises:
        FolderOccupied: the directory holds something already.
    """
    _make_folders(directory)
    tasks = sample_tasks(count)
    size = 0
    for done, written in enumerate(_written(tasks, directory, seed, workers), 1):
        size += written
        report(Progress("drawing", done, count))
    odd = draw_odd(directory, lambda *task: draw_picture(Task(*task), seed=seed))
    size += sum((directory / name).stat().st_size for name in odd)
    found = Counter(task.kind for task in tasks)
    return SampleSummary(directory, tuple((name, found[name]) for name in CLASSES), odd, size)


def _make_folders(directory: Path) -> None:
    """Make a folder for each class, in a directory where nothing can be overwritten."""
    if directory.is_dir() and any(directory.iterdir()):
        raise FolderOccupied(f"{directory} is not empty. Name an empty folder, or a new one.")
    for name in CLASSES:
        (directory / name).mkdir(parents=True, exist_ok=True)


def sample_tasks(count: int) -> list[Task]:
    """Return what the first pictures of the sample gallery show."""
    return [_task(position) for position in range(count)]


def draw_picture(task: Task, *, seed: int = 0) -> Image.Image:
    """Draw one picture of the sample gallery, without writing it."""
    kind = CLASSES.index(task.kind)
    motif = list(_MODULES[kind].MOTIFS).index(task.motif)
    # The last figure keeps a composition's seed apart from every variant's.
    plan = np.random.default_rng([seed, kind, motif, task.variant // SERIES, 1])
    rng = np.random.default_rng([seed, kind, motif, task.variant])
    picture: Image.Image = _MODULES[kind].draw(task.motif, plan, rng)
    return picture


def _task(position: int) -> Task:
    """Deal pictures to the classes in turn, and within a class to its motifs in turn."""
    turn, kind = divmod(position, len(CLASSES))
    motifs = list(_MODULES[kind].MOTIFS)
    variant, motif = divmod(turn, len(motifs))
    return Task(CLASSES[kind], motifs[motif], variant)


def _written(tasks: list[Task], directory: Path, seed: int, workers: int) -> Iterator[int]:
    """Draw and write all pictures; yield the bytes of each, in order."""
    write = partial(_write, directory=directory, seed=seed)
    processes = min(workers or os.cpu_count() or 1, len(tasks))
    if processes <= 1:
        yield from map(write, tasks)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(write, tasks, chunksize=4)


def _write(task: Task, *, directory: Path, seed: int) -> int:
    path = directory / task.path
    draw_picture(task, seed=seed).save(path, quality=88)
    return path.stat().st_size
