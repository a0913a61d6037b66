"""The plain network learns from scratch to compare the pictures of the sample gallery."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from indexer.sample import CLASSES, Task, draw_picture
from models.training.fit import Asked, Course, fit
from models.training.methods.base import Method
from models.training.methods.pairs import PairsMethod
from models.training.methods.triplet import TripletMethod
from models.training.recipes import Recipe
from models.training.report import triplet_accuracy
from models.training.triplets import sample_triplets
from tests.models.courses import InMemory, pixels_tail

SIZE, EACH, HELD_OUT = 32, 16, 6
MOTIFS = ("jug", "castle", "angel", "seascape", "amphora")


@pytest.fixture(scope="module")
def gallery() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return pictures of a motif of each class, and their classes; each class's in turn."""
    tasks = [
        Task(kind, motif, variant)
        for variant in range(EACH)
        for kind, motif in zip(CLASSES, MOTIFS, strict=True)
    ]
    pixels = [draw_picture(task).resize((SIZE, SIZE), Image.Resampling.BOX) for task in tasks]
    return np.stack([np.asarray(one) for one in pixels]), np.arange(len(tasks)) % len(CLASSES)


SHOWN = np.arange((EACH - HELD_OUT) * len(CLASSES))
UNSEEN = np.arange(len(SHOWN), EACH * len(CLASSES))


def learns(
    method: Method, epochs: int, gallery: tuple[NDArray[np.uint8], NDArray[np.int64]], folder: Path
) -> None:
    """Check that the loss falls, and that unseen pictures are ranked by what was learnt."""
    pixels, labels = gallery
    recipe = Recipe("test", 1e-3, epochs=epochs)
    course = Course(
        pixels_tail(SIZE), (), InMemory(pixels), labels, SHOWN, UNSEEN, method, recipe, "this"
    )
    curve = fit(course, folder).curve
    assert curve[-1].loss < curve[0].loss * 0.6
    assert min(epoch.held_out for epoch in curve) < curve[0].held_out
    triplets = sample_triplets(labels[UNSEEN], 500, seed=5)
    assert triplet_accuracy(Asked(course, folder).outputs(UNSEEN), triplets) > 0.9


def test_triplets_teach_the_plain_network(
    gallery: tuple[NDArray[np.uint8], NDArray[np.int64]], tmp_path: Path
) -> None:
    labels = gallery[1]
    method = TripletMethod(
        triplets=sample_triplets(labels[SHOWN], 160, seed=1),
    )
    learns(method, 6, gallery, tmp_path)


def test_pairs_teach_the_plain_network(
    gallery: tuple[NDArray[np.uint8], NDArray[np.int64]], tmp_path: Path
) -> None:
    learns(PairsMethod(batch_size=8), 12, gallery, tmp_path)
