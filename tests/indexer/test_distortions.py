"""Distorted pictures: as large, as dark and as turned as they say."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from indexer.variants.distortions import (
    DISTORTIONS,
    cropped,
    darkened,
    mirrored,
    recompressed,
    rotated,
)
from models.turning import turned
from tests.conftest import draw_picture


def test_mirrored_swaps_left_and_right():
    picture = draw_picture(0, 4, 3)
    found = mirrored(picture)
    for y in range(4):
        for x in range(3):
            assert np.array_equal(found[y, x], picture[y, 2 - x])


@pytest.mark.parametrize(
    ("height", "width", "expected"), [(100, 200, (70, 140)), (10, 11, (7, 8)), (1, 1, (1, 1))]
)
def test_cropped_keeps_the_middle(height, width, expected):
    ys, xs = np.mgrid[:height, :width]
    picture = np.stack([ys, xs, xs], axis=-1).astype(np.uint8)
    found = cropped(picture)
    assert found.shape == (*expected, 3)
    top, left = found[0, 0, :2]
    bottom, right = height - 1 - int(found[-1, -1, 0]), width - 1 - int(found[-1, -1, 1])
    assert 0 <= bottom - top <= 1
    assert 0 <= right - left <= 1


def test_darkened_multiplies_every_value():
    values = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    found = darkened(values, 0.6)
    assert np.abs(found - 0.6 * values.astype(float)).max() <= 0.5
    assert darkened(values, 1).tolist() == values.tolist()


def test_recompressed_is_what_a_jpeg_of_that_quality_holds():
    picture = draw_picture(1, 60, 90)
    content = BytesIO()
    Image.fromarray(picture).save(content, "JPEG", quality=30)
    with Image.open(content) as stored:
        expected = np.asarray(stored.convert("RGB"))
    found = recompressed(picture)
    assert np.array_equal(found, expected)
    error = np.abs(found.astype(float) - picture).mean()
    finer = np.abs(recompressed(picture, 95).astype(float) - picture).mean()
    assert 0 < finer < error < 20


@pytest.mark.parametrize(("height", "width"), [(96, 96), (60, 90)])
def test_rotated_is_turned_by_ten_degrees_and_interpolated_bicubically(height, width):
    picture = draw_picture(2, height, width)
    found = rotated(picture)
    assert np.array_equal(found, turned(picture, 10, Image.Resampling.BICUBIC))
    assert not np.array_equal(found, turned(picture, 10, Image.Resampling.BILINEAR))


@pytest.mark.parametrize("name", DISTORTIONS)
@pytest.mark.parametrize(("width", "height"), [(64, 48), (1, 1), (3, 200)])
def test_every_distortion_is_a_pure_function_of_a_picture(name, width, height):
    picture = draw_picture(5, height, width)
    before = picture.copy()
    picture.flags.writeable = False
    found = DISTORTIONS[name](picture)
    assert np.array_equal(picture, before)
    assert np.array_equal(found, DISTORTIONS[name](picture))
    assert found.dtype == np.uint8
    assert found.ndim == 3
    assert found.shape[2] == 3
    assert min(found.shape) >= 1


@pytest.mark.parametrize("name", DISTORTIONS)
def test_every_distortion_changes_a_picture_and_spares_its_likeness(name):
    picture = draw_picture(6, 96, 96)
    found = DISTORTIONS[name](picture)
    assert not np.array_equal(found, picture)
    assert found.std() > 0.4 * picture.std()
