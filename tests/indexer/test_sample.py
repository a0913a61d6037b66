"""The sample gallery: promised files, the same bytes from one seed, variants that are alike."""

from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError

from indexer.sample import CLASSES, SampleSummary, Task, draw_picture, draw_sample
from indexer.sample.odd import ORIENTATION
from indexer.types import Progress

COUNT = 45


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleSummary]:
    """Draw a small gallery once for all tests."""
    directory = tmp_path_factory.mktemp("gallery") / "sample"
    return directory, draw_sample(directory, count=COUNT, seed=3, workers=1)


def files(directory: Path) -> dict[str, bytes]:
    """Return the content of every file by its path within the folder."""
    found = (path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in found}


def test_the_count_is_honoured_and_spread_over_five_folders(gallery):
    directory, summary = gallery
    counts = Counter(path.parent.name for path in directory.glob("*/*.jpg"))
    assert counts == dict.fromkeys(CLASSES, COUNT // 5)
    assert dict(summary.classes) == counts


def test_five_folders_exist_even_for_an_empty_gallery(tmp_path):
    summary = draw_sample(tmp_path, count=0, workers=1)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == sorted(CLASSES)
    assert sum(count for _, count in summary.classes) == 0


def test_every_motif_has_a_variant_number_in_its_name(gallery):
    directory, _ = gallery
    names = [path.stem for path in directory.glob("*/*.jpg")]
    assert all(name.rsplit("-", 1)[1].isdigit() for name in names)
    assert len({name.rsplit("-", 1)[0] for name in names}) >= 30


def test_pictures_are_sound_rgb_and_of_modest_size(gallery):
    directory, _ = gallery
    for path in directory.glob("*/*.jpg"):
        with Image.open(path) as image:
            assert image.format == "JPEG"
            assert np.asarray(image).shape[2] == 3
            assert 320 <= max(image.size) <= 420
            assert min(image.size) >= 160


def test_the_same_seed_gives_the_same_bytes_for_any_number_of_workers(gallery, tmp_path):
    directory, _ = gallery
    draw_sample(tmp_path, count=20, seed=3, workers=2)
    drawn = files(tmp_path)
    assert sum("/" in name for name in drawn) == 20
    assert drawn.items() <= files(directory).items()


def test_a_larger_gallery_contains_the_smaller_one(gallery, tmp_path):
    directory, _ = gallery
    draw_sample(tmp_path, count=10, seed=3, workers=1)
    assert files(tmp_path).items() <= files(directory).items()


def test_another_seed_draws_other_pictures():
    task = Task("painting", "landscape", 0)
    assert draw_picture(task, seed=1).tobytes() != draw_picture(task, seed=2).tobytes()


def test_progress_is_reported_for_each_picture(tmp_path):
    heard: list[Progress] = []
    draw_sample(tmp_path, count=5, workers=1, report=heard.append)
    assert heard == [Progress("drawing", done, 5) for done in range(1, 6)]


def test_the_summary_counts_all_bytes_and_names_the_odd_files(gallery):
    directory, summary = gallery
    assert summary.bytes == sum(len(content) for content in files(directory).values())
    assert sorted(summary.odd) == sorted(path.name for path in directory.glob("odd-*"))
    assert len(summary.odd) == 8


def test_an_empty_file_and_a_text_call_themselves_pictures(gallery):
    directory, _ = gallery
    assert (directory / "odd-empty.jpg").read_bytes() == b""
    assert (directory / "odd-text.jpg").read_text().startswith("This is a text")
    with pytest.raises(UnidentifiedImageError):
        Image.open(directory / "odd-text.jpg")


def test_the_truncated_picture_ends_too_early(gallery):
    directory, _ = gallery
    with (
        Image.open(directory / "odd-truncated.jpg") as image,
        pytest.raises(OSError, match="truncated"),
    ):
        image.load()


@pytest.mark.parametrize(
    ("name", "mode"),
    [("odd-cmyk.jpg", "CMYK"), ("odd-depth16.png", "I;16"), ("odd-transparent.png", "RGBA")],
)
def test_an_odd_picture_has_its_mode(gallery, name, mode):
    directory, _ = gallery
    with Image.open(directory / name) as image:
        image.load()
        assert image.mode == mode


def test_the_transparent_picture_has_clear_and_opaque_places(gallery):
    directory, _ = gallery
    with Image.open(directory / "odd-transparent.png") as image:
        assert image.getchannel("A").getextrema() == (0, 255)


def test_the_deep_picture_uses_more_than_eight_bits(gallery):
    directory, _ = gallery
    with Image.open(directory / "odd-depth16.png") as image:
        values = np.asarray(image)
    assert values.dtype == np.uint16
    assert len(np.unique(values)) > 256


def test_the_rotated_picture_must_be_turned_upright(gallery):
    directory, _ = gallery
    upright = draw_picture(Task("painting", "portrait", 1), seed=3)
    with Image.open(directory / "odd-rotated.jpg") as image:
        assert image.getexif()[ORIENTATION] == 6
        assert image.size == upright.size[::-1]
        turned = np.asarray(image.transpose(Image.Transpose.ROTATE_270), dtype=float)
    assert np.abs(turned - np.asarray(upright, dtype=float)).mean() < 8


def test_the_animation_has_several_frames(gallery):
    directory, _ = gallery
    with Image.open(directory / "odd-animated.gif") as image:
        assert image.n_frames == 4


def thumbnail(task: Task) -> np.ndarray:
    """Return a normalised 12 x 12 thumbnail as a vector."""
    buffer = BytesIO()
    draw_picture(task).save(buffer, "JPEG", quality=88)
    small = Image.open(buffer).resize((12, 12), Image.Resampling.BOX)
    flat = np.asarray(small, dtype=np.float64).ravel()
    return (flat - flat.mean()) / flat.std()


def test_variants_of_one_composition_are_nearer_than_other_pictures():
    motifs = [
        ("drawing", "windmill"),
        ("engraving", "nave"),
        ("iconography", "madonna"),
        ("painting", "seascape"),
        ("sculpture", "knot"),
    ]
    tasks = [Task(*motif, variant) for motif in motifs for variant in range(3)]
    vectors = np.stack([thumbnail(task) for task in tasks])
    distances = ((vectors[:, None] - vectors[None]) ** 2).sum(-1)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.argmin(1)
    assert [tasks[i].motif for i in nearest] == [task.motif for task in tasks]
