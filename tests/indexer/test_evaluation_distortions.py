"""Distorted pictures: as large, as dark and as turned as they say, and free of filling."""

from io import BytesIO
from math import cos, radians, sin

import numpy as np
import pytest
from PIL import Image

from indexer.evaluation.distortions import (
    DISTORTIONS,
    cropped,
    darkened,
    inscribed,
    mirrored,
    recompressed,
    rotated,
)
from tests.conftest import draw_picture

SIZES = [(256, 256), (384, 256), (256, 384), (61, 40), (40, 61), (300, 20), (7, 5), (2, 1), (1, 1)]
"""Width and height, in pixels."""

ANGLES = [10, -10, 3, 30, 44.9999, 45, 60, 89, 90, 135, 180]


def inside(a, b, width, height, degrees):
    """Say whether a rectangle a x b lies in a turned one about the same centre."""
    cosine, sine = abs(cos(radians(degrees))), abs(sin(radians(degrees)))
    return (a * cosine + b * sine <= width) & (a * sine + b * cosine <= height)


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


@pytest.mark.parametrize("degrees", ANGLES)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_rotated_holds_no_filling(width, height, degrees):
    """Filling is black, and the picture is white."""
    found = rotated(np.full((height, width, 3), 255, np.uint8), degrees)
    # Pillow rounds interpolated values down.
    assert found.min() >= 254


@pytest.mark.parametrize("degrees", ANGLES)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_inscribed_rectangle_is_the_largest(width, height, degrees):
    a, b = inscribed(width, height, degrees)
    assert inside(a * (1 - 1e-6), b * (1 - 1e-6), width, height, degrees)
    diagonal = (width**2 + height**2) ** 0.5
    sides = np.linspace(0, diagonal, 1201)
    wide, high = np.meshgrid(sides, sides)
    areas = np.where(inside(wide, high, width, height, degrees), wide * high, 0)
    assert areas.max() <= a * b * (1 + 1e-6)


@pytest.mark.parametrize("degrees", [10, -25, 45])
def test_rotated_square_stays_square(degrees):
    found = rotated(draw_picture(2, 100, 100), degrees)
    side = int(100 / (cos(radians(degrees)) + abs(sin(radians(degrees)))))
    assert found.shape == (side, side, 3)


@pytest.mark.parametrize("degrees", [10, -10, 80])
@pytest.mark.parametrize(("height", "width"), [(120, 120), (90, 150), (151, 91)])
def test_rotated_is_the_middle_of_the_picture_that_pillow_turns(height, width, degrees):
    picture = draw_picture(3, height, width)
    found = rotated(picture, degrees)
    canvas = Image.fromarray(picture).rotate(degrees, Image.Resampling.BICUBIC, expand=True)
    whole = np.asarray(canvas).astype(float)
    top, left = ((whole.shape[at] - found.shape[at]) / 2 for at in (0, 1))
    # Where the two centres lie half a pixel apart, the mean of both neighbours is near enough.
    middle = np.mean(
        [
            whole[int(y) : int(y) + found.shape[0], int(x) : int(x) + found.shape[1]]
            for y in (top, top + 0.5)
            for x in (left, left + 0.5)
        ],
        axis=0,
    )
    assert np.abs(middle - found).mean() < 3


def test_rotated_by_a_right_angle_turns_counter_clockwise():
    picture = draw_picture(4, 30, 50)
    found = rotated(picture, 90).astype(float)
    assert np.abs(found - np.rot90(picture)).max() <= 1


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
