"""Pictures for training are decoded once, and shown as ever different, repeatable crops."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import TrainingRefused
from models.training.crops import Crop, batches, random_crop, views, whole
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
    """Twelve pictures of 20 x 20 pixels, of one colour each: its red to its green is the place."""
    pixels = np.zeros((12, 20, 20, 3), np.uint8)
    pixels[..., 0] = 20 * np.arange(12)[:, None, None]
    pixels[..., 1] = 220
    return Pictures(pixels.reshape(-1), np.tile([20, 20], (12, 1)), np.arange(12) * 1200)


def places(crops: np.ndarray) -> list[int]:
    """Return which of the shades crops are of, however dark they are."""
    colours = crops[:, 4, 4].astype(float)
    return np.rint(11 * colours[:, 0] / colours[:, 1]).astype(int).tolist()


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


def test_every_picture_is_shown_as_two_crops_as_often_as_it_stands_in_the_order(
    shades: Pictures,
) -> None:
    order = np.array([*range(12), *range(4)])
    shown = list(batches(shades, order, sizes=(8, 16), batch_size=4, seed=(1,)))
    assert [len(numbers) for *_, numbers in shown] == [4] * 8
    for small, large, numbers in shown:
        assert places(small) == places(large) == numbers.tolist()
    assert np.concatenate([numbers for *_, numbers in shown]).tolist() == order.repeat(2).tolist()


def test_pictures_that_fill_no_batch_are_left_out(shades: Pictures) -> None:
    shown = list(batches(shades, np.arange(7), sizes=(8, 8), batch_size=4, seed=(1,)))
    assert [numbers.tolist() for *_, numbers in shown] == [[0, 0, 1, 1], [2, 2, 3, 3], [4, 4, 5, 5]]


def test_batches_go_on_where_they_are_asked_to(files: list[Path], tmp_path: Path) -> None:
    kept = keep_pictures(files, tmp_path / "kept", side=30)
    order = np.array([0, 1, 2, 0, 1, 2, 0])

    def shown(start: int, seed: int = 3) -> list[tuple[np.ndarray, ...]]:
        asked = batches(kept, order, sizes=(16, 32), batch_size=4, seed=(5, seed), start=start)
        return list(asked)

    everything = shown(0)
    assert len(everything) == 3
    for start in (0, 1, 2):
        np.testing.assert_equal(shown(start), everything[start:])
    first, second = everything[0][0], everything[1][0]
    assert not np.array_equal(first[0], first[1])  # picture 0, seen twice
    assert not np.array_equal(first[0], second[2])  # and anew
    assert not np.array_equal(first, shown(0, seed=4)[0][0])


def test_crop_stays_inside_the_picture() -> None:
    colour = np.array([200, 100, 50])
    picture = np.full((30, 90, 3), colour, np.uint8)
    for crop in random_crops(picture, 40):
        height, width = crop.picture.shape[:2]
        left, top, right, bottom = crop.box
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        # Interpolated values may be one too small, and nothing empty shows.
        np.testing.assert_allclose(
            crop.at(16) / crop.brightness, np.tile(colour, (16, 16, 1)), atol=3
        )


def test_crop_shows_a_quarter_of_the_picture_at_least() -> None:
    picture = np.zeros((120, 120, 3), np.uint8)
    shares = []
    for crop in random_crops(picture, 200):
        side = crop.picture.shape[0]
        left, top, right, bottom = crop.box
        shares.append((right - left) * (bottom - top) / side**2)
        assert 3 / 4 - 1e-9 <= (right - left) / (bottom - top) <= 4 / 3 + 1e-9
    assert 0.25 - 1e-9 <= min(shares) < 0.3
    assert 0.9 < max(shares) <= 1


def test_half_of_the_crops_are_mirrored_darkened_and_turned_each() -> None:
    picture = np.zeros((40, 40, 3), np.uint8)
    crops = random_crops(picture, 400)
    # Four standard deviations of such a share are 0.1.
    for chosen in (
        [crop.mirrored for crop in crops],
        [crop.brightness < 1 for crop in crops],
        [crop.picture is not picture for crop in crops],
    ):
        assert 0.4 < np.mean(chosen) < 0.6


def test_darkened_crops_keep_half_of_their_light_at_least() -> None:
    found = [crop.brightness for crop in random_crops(np.zeros((20, 20, 3), np.uint8), 200)]
    assert 0.5 <= min(found) < 0.55
    assert max(found) == 1


def test_crops_are_turned_by_fifteen_degrees_at_most_either_way() -> None:
    """The angle is that of the steepest way up a ramp, which leads to the right at first."""
    ramp = np.repeat(np.arange(20, 220, 2, dtype=np.uint8)[None, :, None], 100, axis=0).repeat(3, 2)
    angles = []
    for crop in random_crops(ramp, 200):
        down, across = np.gradient(crop.picture[..., 0].astype(float))
        angles.append(np.degrees(np.arctan2(-down.mean(), across.mean())))
    assert -15.5 < min(angles) < -13
    assert 13 < max(angles) < 15.5


def test_mirrored_and_darkened_crop_is_the_same_part() -> None:
    picture = np.random.default_rng(8).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    box = (3.5, 2.0, 33.5, 28.0)
    plain = Crop(picture, box, mirrored=False).at(16)
    found = Crop(picture, box, mirrored=True, brightness=0.6).at(16)
    assert found.dtype == np.uint8
    assert np.abs(found - 0.6 * plain[:, ::-1].astype(float)).max() <= 0.5


def random_crops(picture: np.ndarray, count: int) -> list[Crop]:
    """Return random crops of a picture, the same ones each time."""
    generator = np.random.default_rng(2)
    return [random_crop(picture, generator) for _ in range(count)]


def test_both_views_show_the_same_part() -> None:
    ramp = np.repeat(np.arange(0, 240, 2, dtype=np.uint8)[None, :, None], 90, axis=0).repeat(3, 2)
    small, large = views(random_crops(ramp, 8), (16, 32))
    halves = large.reshape(8, 16, 2, 16, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(small, halves, atol=2)


def test_whole_picture_is_seen_as_it_stands() -> None:
    picture = np.random.default_rng(6).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    np.testing.assert_array_equal(whole(picture).at(16), picture)
