"""A drawn map is clear where nothing is brought in, and even to the eye where something is."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from indexer.serving.heat import OPAQUE, draw, scale_of_colours

ONE_BRIGHT = np.zeros((7, 7), np.float32)
ONE_BRIGHT[1, 5] = 0.3


def opened(heat):
    """Return a drawn map as uint8 (height, width, 4)."""
    return np.asarray(Image.open(BytesIO(heat.png)).convert("RGBA"))


def test_a_place_is_drawn_where_it_lies_and_the_rest_is_clear():
    drawn = opened(draw(ONE_BRIGHT, side=70))
    assert drawn.shape == (70, 70, 4)
    opacity = drawn[..., 3]
    assert np.unravel_index(opacity.argmax(), opacity.shape)[0] in range(10, 20)
    assert opacity[10:20, 50:60].min() > 0
    assert opacity[40:].max() == 0
    assert opacity[:, :30].max() == 0


def test_the_same_parts_give_the_same_small_file():
    parts = np.random.default_rng(1).random((7, 7), np.float32)
    assert draw(parts).png == draw(parts.copy()).png
    assert len(draw(parts).png) < 12_000


def test_negative_parts_are_left_out_and_said():
    parts = ONE_BRIGHT.copy()
    parts[6, 0] = -0.2
    drawn = draw(parts)
    assert drawn.clipped == pytest.approx(-0.2)
    assert drawn.png == draw(ONE_BRIGHT).png
    assert draw(ONE_BRIGHT).clipped == 0


@pytest.mark.parametrize("value", [0.0, -0.5])
def test_where_nothing_is_brought_in_all_is_clear(value):
    assert opened(draw(np.full((7, 7), value, np.float32)))[..., 3].max() == 0


def test_a_common_scale_makes_maps_comparable():
    own, common = opened(draw(ONE_BRIGHT)), opened(draw(ONE_BRIGHT, most=0.6))
    beyond = opened(draw(ONE_BRIGHT, most=0.1))
    assert own[..., 3].max() == pytest.approx(255 * OPAQUE, abs=2)
    assert common[..., 3].max() < 0.7 * own[..., 3].max()
    assert beyond[..., 3].max() == pytest.approx(255 * OPAQUE, abs=2)


def test_a_map_that_is_not_square_keeps_its_proportions():
    assert opened(draw(np.ones((3, 6), np.float32), side=60)).shape == (30, 60, 4)


def test_the_steps_of_the_scale_are_of_one_size_to_the_eye():
    colours = oklab(scale_of_colours()[:, :3])
    steps = np.linalg.norm(np.diff(colours[::51], axis=0), axis=1)
    assert steps.max() < 1.05 * steps.min()
    assert (np.diff(colours[::15, 0]) > 0).all()
    assert (np.diff(scale_of_colours()[:, 3].astype(int)) >= 0).all()


def oklab(srgb):
    """Return sRGB colours, uint8 (n, 3), in Oklab (n, 3), by Ottosson's published matrices."""
    share = srgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    cones = (
        linear
        @ np.array(
            [
                [0.4122214708, 0.5363325363, 0.0514459929],
                [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ]
        ).T
    )
    return (
        np.cbrt(cones)
        @ np.array(
            [
                [0.2104542553, 0.7936177850, -0.0040720468],
                [1.9779984951, -2.4285922050, 0.4505937099],
                [0.0259040371, 0.7827717662, -0.8086757660],
            ]
        ).T
    )
