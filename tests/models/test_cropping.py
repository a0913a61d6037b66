"""A part of a picture is that of the upright one, and a box that does not fit it is refused."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import BadCrop
from models.images import decode, look, squash
from tests.models.files import encoded, photo, turned


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("box", [(0, 0, 80, 60), (10.4, 3.6, 59.5, 40.2), (79, 0, 80, 60)])
def test_a_part_is_cut_out_of_the_decoded_picture(
    kind: str, box: tuple[float, float, float, float]
) -> None:
    content = encoded(photo(), kind)
    left, top, right, bottom = (round(edge) for edge in box)
    part = decode(content)[top:bottom, left:right]
    assert np.array_equal(decode(content, crop=box), part)
    assert np.array_equal(decode(content, 32, crop=box), squash(part, 32))


@pytest.mark.parametrize("size", [None, 32])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_look_tells_which_part_of_the_upright_picture_it_shows(
    orientation: int, size: int | None
) -> None:
    content = turned(photo(height=300, width=400), orientation, "JPEG")
    whole, part = look(content, size), look(content, size, crop=(30.2, 60, 150, 240.4))
    height, width = decode(content).shape[:2]
    assert whole.shown == (0, 0, 1, 1)
    assert part.shown == (30 / width, 60 / height, 150 / width, 240 / height)
    assert np.array_equal(part.pixels, decode(content, size, crop=(30, 60, 150, 240)))


@pytest.mark.parametrize("orientation", [3, 6, 7])
def test_a_part_of_a_turned_jpeg_is_one_of_the_upright_picture_at_its_full_size(
    orientation: int,
) -> None:
    content = turned(photo(height=300, width=400), orientation, "JPEG")
    part = decode(content)[20:100, 300:390]
    assert part.shape == (80, 90, 3)
    assert np.array_equal(decode(content, 16, crop=(300, 20, 390, 100)), squash(part, 16))


def test_the_white_of_a_part_of_wide_samples_is_that_of_the_picture() -> None:
    ramp = np.linspace(0, 8e6, 64, dtype=np.float32).reshape(8, 8)
    content = encoded(Image.fromarray(ramp), "TIFF")
    assert np.array_equal(decode(content, crop=(0, 0, 8, 4)), decode(content)[:4])


def test_a_box_that_overhangs_by_a_pixel_is_clipped() -> None:
    content = encoded(photo(), "PNG")
    assert np.array_equal(decode(content, crop=(-1, -0.5, 80.9, 61)), decode(content))


@pytest.mark.parametrize(
    ("box", "why"),
    [
        ((0, 0, 81.5, 60), r"overhangs it by 1\.5 pixels"),
        ((-2, 0, 10, 10), "overhangs it by 2 pixels"),
        ((90, 0, 95, 10), "overhangs it by 15 pixels"),
        ((10, 10, 10, 20), "is empty"),
        ((10, 20, 20, 10), "its edges are swapped"),
        ((10.1, 10, 10.3, 20), "holds no whole pixel"),
        ((80, 0, 81, 60), "holds no whole pixel"),
        ((0, 0, float("nan"), 10), "is not of finite numbers"),
        ((0, 0, float("inf"), 10), "is not of finite numbers"),
    ],
)
def test_a_box_that_does_not_fit_is_refused_with_file_box_and_size(
    tmp_path: Path, box: tuple[float, float, float, float], why: str
) -> None:
    file = tmp_path / "tower.png"
    photo().save(file)
    edges = ", ".join(f"{edge:g}" for edge in box)
    with pytest.raises(BadCrop, match=why) as refusal:
        decode(file, 32, crop=box)
    assert str(refusal.value).startswith(f"{file} is 80 x 60 pixels, and the box ({edges}) ")
