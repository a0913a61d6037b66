"""Examples are shown by position; chance is of seed, epoch and position alone."""

import numpy as np
import pytest

from models.training.examples import MapExamples, PixelExamples


@pytest.fixture
def maps():
    """Return maps of 40 pictures in 3 variants, each filled with 10 * picture + variant."""
    tags = 10 * np.arange(40)[:, None] + np.arange(3)
    return np.broadcast_to(tags[..., None, None, None], (40, 3, 2, 2, 5)).astype(np.float16)


def shown(examples, positions, epoch=0, seed=0):
    return examples.batch(np.asarray(positions), epoch, seed)[:, 0, 0, 0].astype(int)


def test_each_position_shows_a_variant_of_its_picture(maps):
    examples = MapExamples(maps)
    assert (len(examples), examples.shape) == (40, (2, 2, 5))
    batch = examples.batch(np.array([3, 3, 39]), 0, 0)
    assert (batch.dtype, batch.shape) == (np.float16, (3, 2, 2, 5))
    assert (shown(examples, range(40)) // 10).tolist() == list(range(40))


def test_the_variant_depends_on_seed_epoch_and_position_alone(maps):
    examples = MapExamples(maps)
    whole = shown(examples, range(40), epoch=4, seed=2)
    parts = [shown(examples, [at], epoch=4, seed=2)[0] for at in range(39, -1, -1)]
    assert parts[::-1] == whole.tolist()
    assert (whole != shown(examples, range(40), epoch=5, seed=2)).any()
    assert (whole != shown(examples, range(40), epoch=4, seed=3)).any()


def test_all_variants_are_shown_over_the_epochs(maps):
    seen = [shown(MapExamples(maps), range(40), epoch) % 10 for epoch in range(30)]
    assert np.bincount(np.concatenate(seen), minlength=3).min() > 300


def test_plain_maps_are_those_of_the_pictures_as_they_are(maps):
    plain = MapExamples(maps).plain()
    for epoch in range(5):
        assert (shown(plain, range(40), epoch) % 10 == 0).all()


def test_pictures_are_shown_as_they_are():
    pixels = np.random.default_rng(0).integers(0, 256, (9, 8, 8, 3), np.uint8)
    order = np.array([8, 0, 0, 3])
    examples = PixelExamples(pixels)
    assert (len(examples), examples.shape) == (9, (8, 8, 3))
    for each in (examples, examples.plain()):
        assert np.array_equal(each.batch(order, 3, 1), pixels[order])
        assert each.batch(order, 3, 1).dtype == pixels.dtype
