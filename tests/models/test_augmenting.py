"""Variants of pictures are what they are called, and always the same."""

import numpy as np
import pytest

from models.engines.keras import import_keras
from models.training.augmenting import (
    DRAWN,
    NORMAL,
    Strength,
    augmentation,
    changed_picture,
    changed_tensor,
    variants,
)

NOTHING = Strength(flip=False, crop=1.0, colour=0.0, degrees=0.0)


def tensor_to_array(tensor):
    return import_keras().ops.convert_to_numpy(tensor)


def test_variant_0_and_no_strength_leave_pictures_as_they_are(pictures):
    assert np.array_equal(variants(pictures, 0, 3), pictures)
    assert np.array_equal(variants(pictures, 1, 3, NOTHING), pictures)


def test_a_variant_depends_on_picture_variant_and_seed_alone(pictures):
    whole = variants(pictures, 1, 7)
    assert whole.dtype == np.uint8
    assert np.array_equal(variants(pictures[::-1][4:9], 1, 7), whole[::-1][4:9])
    for other in (variants(pictures, 2, 7), variants(pictures, 1, 8)):
        assert (other != whole).any(axis=(1, 2, 3)).all()


def test_no_pictures_have_no_variants():
    assert variants(np.zeros((0, 8, 8, 3), np.uint8), 1, 0).shape == (0, 8, 8, 3)


def test_about_half_of_the_variants_are_mirrored(pictures):
    flipped = [
        np.array_equal(changed, picture[:, ::-1])
        for variant in range(1, 9)
        for changed, picture in zip(
            variants(pictures, variant, 0, Strength(True, 1.0, 0.0, 0.0)), pictures, strict=True
        )
    ]
    assert 40 <= sum(flipped) <= 88


def test_a_crop_shows_a_part_of_the_picture_larger():
    places = np.zeros((64, 64, 3), np.uint8)
    places[..., 0], places[..., 1] = 4 * np.arange(64), 4 * np.arange(64)[:, None]
    drawn = np.full(DRAWN, 0.5, np.float32)
    drawn[1] = 0  # the least area, in its middle
    seen = changed_picture(places, drawn, Strength(False, 0.25, 0.0, 0.0)).astype(int)
    assert np.ptp(seen[..., 0]) == pytest.approx(4 * 63 / 2, abs=3)
    assert seen[32, 32, :2].tolist() == pytest.approx([128, 128], abs=4)


def test_a_turned_picture_is_turned_by_the_angle():
    picture = np.zeros((65, 65, 3), np.uint8)
    picture[32] = 255  # a line from left to right
    drawn = np.full(DRAWN, 0.5, np.float32)
    drawn[5] = 1
    seen = changed_picture(picture, drawn, Strength(False, 1.0, 0.0, 20.0))[..., 0]
    rows = seen[:, 12:53].argmax(axis=0)
    assert abs(np.polyfit(np.arange(41), rows, 1)[0]) == pytest.approx(
        np.tan(np.deg2rad(20)), abs=0.03
    )


def test_colours_change_by_no_more_than_they_may():
    grey = np.full((1, 16, 16, 3), 100, np.uint8)
    means = [variants(grey, n, 0, Strength(False, 1.0, 0.2, 0.0)).mean() for n in range(1, 40)]
    assert 80 <= min(means) < 90
    assert 110 < max(means) <= 120


@pytest.mark.parametrize("strength", [NORMAL, Strength(True, 0.2, 0.5, 45.0), NOTHING])
def test_keras_changes_pictures_as_pillow_does(pictures, strength):
    drawn = np.random.default_rng(0).random((16, DRAWN), np.float32)
    by_keras = tensor_to_array(changed_tensor(pictures, drawn, strength)).astype(int)
    by_pillow = np.stack(
        [changed_picture(*each, strength) for each in zip(pictures, drawn, strict=True)]
    )
    apart = np.abs(by_keras - by_pillow)
    assert apart.mean() < 0.5
    assert (apart > 3).mean() < 1e-3


def test_the_layer_changes_pictures_only_while_a_network_learns(pictures):
    layer = augmentation(NORMAL, seed=1)
    assert np.array_equal(tensor_to_array(layer(pictures, training=False)), pictures)
    first, second = (tensor_to_array(layer(pictures, training=True)) for _ in range(2))
    assert first.dtype == np.uint8
    assert (first != second).any(axis=(1, 2, 3)).all()
    again = tensor_to_array(augmentation(NORMAL, seed=1)(pictures, training=True))
    assert np.array_equal(again, first)
