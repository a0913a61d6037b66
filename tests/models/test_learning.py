"""The plain network learns from scratch to compare the pictures of the sample gallery."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from indexer.sample import CLASSES, draw_picture, sample_tasks
from models.training.fit import Asked, Course, fit
from models.training.methods.base import Method
from models.training.methods.pairs import PairsMethod
from models.training.methods.triplet import TripletMethod
from models.training.recipes import Recipe
from models.training.report import triplet_accuracy
from models.training.triplets import sample_triplets
from tests.models.courses import InMemory, pixels_tail

SIZE, COUNT, HELD_OUT = 32, 190, 55


@pytest.fixture(scope="module")
def gallery() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the first pictures of the sample gallery, of all its motifs, and their classes."""
    tasks = sample_tasks(COUNT)
    pixels = [draw_picture(task).resize((SIZE, SIZE), Image.Resampling.BOX) for task in tasks]
    labels = [CLASSES.index(task.kind) for task in tasks]
    return np.stack([np.asarray(one) for one in pixels]), np.array(labels)


SHOWN, UNSEEN = (
    np.sort(side) for side in np.split(np.random.default_rng(0).permutation(COUNT), [-HELD_OUT])
)


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
        triplets=sample_triplets(labels[SHOWN], 320, seed=1),
    )
    learns(method, 14, gallery, tmp_path)


def test_pairs_teach_the_plain_network(
    gallery: tuple[NDArray[np.uint8], NDArray[np.int64]], tmp_path: Path
) -> None:
    learns(PairsMethod(batch_size=8), 20, gallery, tmp_path)
