"""A turned picture is as large as it can be without what turning leaves empty."""

from math import cos, radians, sin

import numpy as np
import pytest
from PIL import Image

from models.turning import inscribed, turned
from tests.conftest import draw_picture

SIZES = [(256, 256), (384, 256), (256, 384), (61, 40), (40, 61), (300, 20), (7, 5), (2, 1), (1, 1)]
"""Width and height, in pixels."""

ANGLES = [10, -10, 3, 30, 44.9999, 45, 60, 89, 90, 135, 180]

RESAMPLINGS = [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC]


def inside(a, b, width, height, degrees):
    """Say whether a rectangle a x b lies in a turned one about the same centre."""
    cosine, sine = abs(cos(radians(degrees))), abs(sin(radians(degrees)))
    return (a * cosine + b * sine <= width) & (a * sine + b * cosine <= height)


@pytest.mark.parametrize("resampling", RESAMPLINGS)
@pytest.mark.parametrize("degrees", ANGLES)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_turned_picture_shows_no_empty_corner(width, height, degrees, resampling):
    """What is empty is black, and the picture is white."""
    found = turned(np.full((height, width, 3), 255, np.uint8), degrees, resampling)
    # Pillow rounds interpolated values down.
    assert found.min() >= 254


def test_no_corner_is_empty_whatever_the_picture_and_the_angle():
    random = np.random.default_rng(0)
    for _ in range(500):
        height, width = random.integers(1, 120, 2)
        degrees = random.uniform(-180, 180)
        found = turned(np.full((height, width, 3), 255, np.uint8), degrees)
        assert found.min() >= 254, (width, height, degrees)


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
def test_turned_square_stays_square(degrees):
    found = turned(draw_picture(2, 100, 100), degrees)
    side = int(100 / (cos(radians(degrees)) + abs(sin(radians(degrees)))))
    assert found.shape == (side, side, 3)


@pytest.mark.parametrize("resampling", RESAMPLINGS)
@pytest.mark.parametrize("degrees", [10, -10, 80])
@pytest.mark.parametrize(("height", "width"), [(120, 120), (90, 150), (151, 91)])
def test_turned_picture_is_the_middle_of_what_pillow_turns(height, width, degrees, resampling):
    picture = draw_picture(3, height, width)
    found = turned(picture, degrees, resampling)
    canvas = Image.fromarray(picture).rotate(degrees, resampling, expand=True)
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


@pytest.mark.parametrize("resampling", RESAMPLINGS)
def test_right_angle_turns_counter_clockwise(resampling):
    picture = draw_picture(4, 30, 50)
    found = turned(picture, 90, resampling).astype(float)
    assert np.abs(found - np.rot90(picture)).max() <= 1


def test_picture_that_is_not_turned_stays_as_it_is():
    picture = draw_picture(5, 31, 47)
    before = picture.copy()
    picture.flags.writeable = False
    assert np.array_equal(turned(picture, 0), before)
