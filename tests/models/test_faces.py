"""Faces are found where they were drawn, and cut out before anything else is done to a picture."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.encoder import export_encoder, export_key
from models.errors import DetectorMissing, EncoderDamaged, NoFace
from models.exported import FINGERPRINT, read_fingerprint
from models.faces import LONGEST, MARGIN, faces, largest_face, require_detector
from models.images import decode, look, squash
from models.types import EncoderSpec
from tests.models.files import encoded, turned
from tests.models.test_heads import POCKET
from tests.portraits import draw_portrait

DRAWN, MIDDLE = 0.85, 0.57
"""Side and height of the middle of what is detected of a drawn face, in sides of its picture."""


def pixels(*places: tuple[int, int, int], seed: int = 0) -> np.ndarray:
    return np.asarray(draw_portrait(places, seed=seed))


@pytest.mark.parametrize("side", [40, 55, 80, 110, 150])
@pytest.mark.parametrize("seed", range(3))
def test_a_face_is_found_where_it_was_drawn_with_a_margin(side: int, seed: int) -> None:
    left, top = 30 + 5 * seed, 15 + 4 * seed
    (box,) = faces(pixels((left, top, side), seed=seed))
    half = DRAWN * side * (1 / 2 + MARGIN)
    centre = np.array([left + side / 2, top + MIDDLE * side])
    expected = np.clip([*(centre - half), *(centre + half)], 0, [240, 180, 240, 180])
    assert np.abs(np.array(box) - expected).max() < 4 + 0.05 * side


def test_the_larger_of_two_faces_comes_first() -> None:
    for places in (((10, 20, 60), (110, 40, 110)), ((10, 20, 110), (160, 40, 60))):
        large, small = faces(pixels(*places))
        assert large[2] - large[0] > small[2] - small[0]
        assert largest_face(pixels(*places)) == large


def test_no_face_is_found_where_there_is_none() -> None:
    for seed in range(4):
        assert faces(pixels(seed=seed)) == ()
        assert largest_face(pixels(seed=seed)) is None


def test_boxes_of_a_large_picture_are_in_its_own_pixels() -> None:
    picture = draw_portrait(((70, 40, 100),))
    (small,) = faces(np.asarray(picture))
    (large,) = faces(np.asarray(picture.resize((2400, 1800), Image.Resampling.BICUBIC)))
    assert LONGEST < 2400
    assert np.abs(np.array(large) / 10 - small).max() < 10


def test_the_same_picture_gives_the_same_boxes_in_every_thread() -> None:
    pictures = [pixels((20 + seed, 30, 100), (150, 60, 60), seed=seed) for seed in range(6)]
    alone = [faces(picture) for picture in pictures]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(faces, pictures * 4)) == alone * 4


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_largest_face_is_cut_out_before_a_picture_is_squashed(kind: str, scale: int) -> None:
    picture = draw_portrait(((20, 30, 100), (160, 60, 60)))
    content = encoded(picture.resize((scale * 240, scale * 180)), kind)
    box = largest_face(decode(content))
    assert box
    assert np.array_equal(decode(content, crop="faces"), decode(content, crop=box))
    assert np.array_equal(decode(content, 48, crop="faces"), decode(content, 48, crop=box))
    left, top, right, bottom = (round(edge) for edge in box)
    part = decode(content)[max(0, top) : bottom, max(0, left) : right]
    assert np.array_equal(decode(content, 48, crop="faces"), squash(part, 48))


def test_a_look_tells_where_the_face_is() -> None:
    content = encoded(draw_portrait(((20, 30, 100),)), "PNG")
    (box,) = faces(decode(content))
    height, width = decode(content).shape[:2]
    edges = (round(box[0]) / width, round(box[1]) / height)
    assert look(content, 48, crop="faces").shown[:2] == edges


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_face_is_looked_for_in_the_upright_picture(orientation: int) -> None:
    content = turned(draw_portrait(((20, 30, 100),)), orientation, "PNG")
    upright = decode(content)
    assert np.array_equal(decode(content, crop="faces"), decode(content, crop=faces(upright)[0]))


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK", "I;16", "P"])
def test_a_face_is_found_in_pictures_of_every_mode(mode: str) -> None:
    picture = draw_portrait(((20, 30, 100),))
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    else:
        picture = picture.convert(mode)
    content = encoded(picture, "TIFF")
    assert 100 < len(decode(content, crop="faces")) < 140


def test_a_picture_without_a_face_is_refused_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "waves.png"
    draw_portrait(()).save(file)
    with pytest.raises(NoFace, match=r"No face was found in .*waves\.png\. .* at the camera"):
        decode(file, 32, crop="faces")
    assert decode(file, 32, crop="").shape == (32, 32, 3)


def test_fingerprint_and_key_tell_the_crop(small_spec: EncoderSpec, tmp_path: Path) -> None:
    asked = replace(small_spec, crop="faces")
    assert export_key(asked) != export_key(small_spec)
    export_encoder(asked, tmp_path)
    fingerprint = read_fingerprint(tmp_path)
    assert fingerprint.crop == "faces"
    assert fingerprint.digest != replace(fingerprint, crop="").digest


def test_digest_and_file_of_whole_pictures_are_those_of_before_there_were_faces(
    small_export: Path,
) -> None:
    assert POCKET.digest == "4ec8440f0e93a3e5"
    assert "crop" not in json.loads((small_export / FINGERPRINT).read_text(encoding="utf-8"))
    assert read_fingerprint(small_export).crop == ""


def test_a_crop_that_nobody_knows_is_refused(small_export: Path, tmp_path: Path) -> None:
    values = json.loads((small_export / FINGERPRINT).read_text(encoding="utf-8"))
    (tmp_path / FINGERPRINT).write_text(json.dumps(values | {"crop": "hands"}))
    with pytest.raises(EncoderDamaged, match="wrong type"):
        read_fingerprint(tmp_path)


def test_without_opencv_the_cure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    require_detector("")
    with ThreadPoolExecutor(1) as pool:  # a thread that has no cascade yet
        refused = pool.submit(require_detector, "faces")
        with pytest.raises(DetectorMissing, match=r"pip install 'opencv-python-headless<5'"):
            refused.result()


def test_opencv_is_imported_by_those_who_look_for_faces_only() -> None:
    code = "import sys, models.images, models.encoder; print('cv2' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"
