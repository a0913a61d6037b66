"""Pictures for training are decoded once, and shown as ever different, repeatable crops."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import TrainingRefused
from models.training.crops import batches, random_crop, views, whole
from models.training.pictures import Pictures, keep_pictures


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Three sound pictures of different shapes, and a broken one between them."""
    shades = np.random.default_rng(0).integers(0, 256, (3, 90, 120, 3), dtype=np.uint8)
    names = ["wide.png", "broken.png", "high.png", "small.png"]
    Image.fromarray(shades[0]).save(tmp_path / "wide.png")
    Image.fromarray(shades[1].transpose(1, 0, 2)).save(tmp_path / "high.png")
    Image.fromarray(shades[2, :20, :30]).save(tmp_path / "small.png")
    (tmp_path / "broken.png").write_bytes((tmp_path / "wide.png").read_bytes()[:2000])
    return [tmp_path / name for name in names]


@pytest.fixture
def shades() -> Pictures:
    """Twelve pictures of 20 x 20 pixels, whose red is their place."""
    pixels = np.zeros((12, 20, 20, 3), np.uint8)
    pixels[..., 0] = np.arange(12)[:, None, None]
    return Pictures(pixels.reshape(-1), np.tile([20, 20], (12, 1)), np.arange(12) * 1200)


def test_pictures_are_shrunk_to_their_short_side(files: list[Path], tmp_path: Path) -> None:
    kept = keep_pictures(files, tmp_path / "kept", side=30)
    assert [kept[at].shape for at in range(len(kept))] == [(30, 40, 3), (40, 30, 3), (20, 30, 3)]
    np.testing.assert_array_equal(kept[2], np.asarray(Image.open(files[3])))


def test_broken_picture_is_left_out_with_its_reason(files: list[Path], tmp_path: Path) -> None:
    for _ in range(2):  # decoded, and found again
        kept = keep_pictures(files, tmp_path / "kept", side=30)
        assert list(kept.left_out) == [1]
        assert "broken.png" in kept.left_out[1]


def test_pictures_are_decoded_once(files: list[Path], tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    for side, expected in ((30, 4), (30, 4), (25, 8)):
        keep_pictures(files, tmp_path / "kept", side=side, told=lambda *at: told.append(at))
        assert len(told) == expected
    assert told[-1] == (4, 4)


def test_changed_picture_is_decoded_again(files: list[Path], tmp_path: Path) -> None:
    keep_pictures(files, tmp_path / "kept", side=30)
    Image.new("RGB", (30, 30), "red").save(files[0])
    kept = keep_pictures(files, tmp_path / "kept", side=30)
    assert (kept[0] == (255, 0, 0)).all()


def test_folder_that_was_left_half_done_is_done_again(files: list[Path], tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep_pictures(files, tmp_path / "kept", side=30, told=interrupt)
    assert len(keep_pictures(files, tmp_path / "kept", side=30)) == 3


def test_nothing_to_learn_from_is_refused(files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(TrainingRefused, match="None of 1 files"):
        keep_pictures(files[1:2], tmp_path / "kept", side=30)


def test_every_picture_is_shown_as_often_as_it_stands_in_the_order(shades: Pictures) -> None:
    order = np.array([*range(12), *range(4)])
    shown = batches(shades, order, sizes=(8, 16), batch_size=4, seed=(1,))
    pairs = [(small[:, 0, 0, 0], large[:, 0, 0, 0]) for small, large in shown]
    for small, large in pairs:
        np.testing.assert_array_equal(small, large)
    assert np.concatenate([small for small, _ in pairs]).tolist() == order.tolist()


def test_batches_go_on_where_they_are_asked_to(files: list[Path], tmp_path: Path) -> None:
    kept = keep_pictures(files, tmp_path / "kept", side=30)
    order = np.array([0, 1, 2, 0, 1, 2, 0])

    def shown(start: int) -> list[tuple[np.ndarray, np.ndarray]]:
        asked = batches(kept, order, sizes=(16, 32), batch_size=2, seed=(5, 3), start=start)
        return list(asked)

    everything = shown(0)
    assert len(everything) == 3
    np.testing.assert_equal(shown(1), everything[1:])
    assert not np.array_equal(everything[0][0][0], everything[1][0][1])  # picture 0, seen anew


def test_crop_stays_inside_the_picture() -> None:
    picture = np.full((30, 90, 3), (200, 100, 50), np.uint8)
    generator = np.random.default_rng(2)
    for _ in range(20):
        crop = random_crop(picture, generator)
        left, top, right, bottom = crop.box
        assert 0 <= left < right <= 90
        assert 0 <= top < bottom <= 30
        assert (crop.at(16) == (200, 100, 50)).all()


def test_both_views_show_the_same_part() -> None:
    ramp = np.repeat(np.arange(0, 240, 2, dtype=np.uint8)[None, :, None], 90, axis=0).repeat(3, 2)
    generator = np.random.default_rng(4)
    small, large = views([random_crop(ramp, generator) for _ in range(8)], (16, 32))
    halves = large.reshape(8, 16, 2, 16, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(small, halves, atol=2)


def test_whole_picture_is_seen_as_it_stands() -> None:
    picture = np.random.default_rng(6).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    np.testing.assert_array_equal(whole(picture).at(16), picture)
