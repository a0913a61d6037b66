"""A student is compared with its teacher and with a thumbnail."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.errors import EmptyGallery
from indexer.evaluation.errors import NothingToMeasure
from indexer.experiments.comparing.comparison import (
    FEWEST,
    NEIGHBOURS,
    Ways,
    compare,
    compare_folder,
    compare_neighbours,
    require_classes,
)
from indexer.experiments.comparing.findings import Comparison
from indexer.files import sha256_of
from models.types import Limits


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Thirty small pictures of noise."""
    pixels = np.random.default_rng(0).integers(0, 256, (30, 12, 12, 3), dtype=np.uint8)
    for number, picture in enumerate(pixels):
        Image.fromarray(picture).save(tmp_path / f"{number:02d}.png")
    return sorted(tmp_path.glob("*.png"))


def noise(seed: int):
    """Return a way to describe files by numbers that have nothing to do with them."""

    def describe(files):
        return np.random.default_rng(seed).normal(size=(len(files), 5)).astype(np.float32)

    return describe


def shared_by_brute_force(first: np.ndarray, second: np.ndarray) -> float:
    def nearest(features, query):
        cosines = {
            other: features[query] @ features[other] / np.linalg.norm(features[other])
            for other in range(len(features))
            if other != query
        }
        return set(sorted(cosines, key=cosines.__getitem__, reverse=True)[:NEIGHBOURS])

    shares = [
        len(nearest(first, query) & nearest(second, query)) / NEIGHBOURS
        for query in range(len(first))
    ]
    return float(np.mean(shares))


def test_shared_neighbours_are_those_of_brute_force(files: list[Path]) -> None:
    found = compare_neighbours(files, Ways(noise(1), noise(2), noise(3)))
    assert found is not None
    assert (found.pictures, found.k) == (30, NEIGHBOURS)
    student, teacher, thumbnail = (noise(seed)(files) for seed in (1, 2, 3))
    assert found.student == pytest.approx(shared_by_brute_force(student, teacher))
    assert found.thumbnail == pytest.approx(shared_by_brute_force(thumbnail, teacher))
    assert 0.1 < found.student < 0.9


def test_student_that_equals_its_teacher_shares_all_neighbours(files: list[Path]) -> None:
    found = compare_neighbours(files, Ways(noise(1), noise(1)))
    assert found is not None
    assert found.student == 1
    assert found.thumbnail < 1


def test_pictures_that_are_gone_or_broken_are_left_out(files: list[Path]) -> None:
    files[0].unlink()
    files[1].write_bytes(files[2].read_bytes()[:100])
    found = compare_neighbours(files, Ways(noise(1), noise(2)))
    assert found is not None
    assert found.pictures == 28


def test_too_few_pictures_say_nothing_and_need_no_encoder(
    files: list[Path], tmp_path: Path
) -> None:
    assert compare_neighbours(files[: FEWEST - 1], Ways(noise(1), noise(2))) is None
    nothing = tmp_path / "absent"
    found = compare(
        nothing,
        nothing,
        held_out=files[:3],
        folders=(),
        shown=set(),
        limits=Limits(),
        told=pytest.fail,
    )
    assert found == Comparison(None, ())


def test_labelled_folder_is_searched_by_each_of_its_pictures(gallery: Path) -> None:
    def by_class(files):
        classes = ["circles", "lines", "squares"]
        return np.array([np.eye(3)[classes.index(file.parent.name)] for file in files], np.float32)

    (gallery / "circles" / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    shown = {sha256_of(file) for file in (gallery / "lines").iterdir()}
    found = compare_folder(gallery, Ways(by_class, noise(2)), shown)
    assert (found.folder, found.pictures, found.shown) == (gallery, 24, 8)
    assert found.student.precision_at_1 == 1
    assert found.student.mean_average_precision == pytest.approx(1)
    assert found.teacher.mean_average_precision < 0.8
    assert found.student.queries == found.thumbnail.queries == 24


def test_pictures_without_others_of_their_class_are_counted(gallery: Path) -> None:
    (gallery / "alone").mkdir()
    picture = gallery / "circles" / "00.png"
    (gallery / "alone" / "one.png").write_bytes(picture.read_bytes())
    (gallery / "stray.png").write_bytes(picture.read_bytes())
    found = compare_folder(gallery, Ways(noise(1), noise(2)), set())
    assert (found.pictures, found.student.queries, found.student.left_out) == (26, 24, 2)
    assert found.asked.startswith("24 of them searched")
    assert found.asked.endswith(", 2 not: in no class, or alone in it")


def test_what_the_limits_refuse_is_measured_nowhere(gallery: Path, files: list[Path]) -> None:
    ways, tiny = Ways(noise(1), noise(2)), Limits(max_side=11)
    assert compare_neighbours(files, ways, tiny) is None
    for measured in (require_classes, lambda *given: compare_folder(given[0], ways, set(), tiny)):
        with pytest.raises(EmptyGallery):
            measured(gallery, tiny)


def test_folder_without_classes_is_refused_before_any_work(
    gallery: Path, files: list[Path], tmp_path: Path
) -> None:
    require_classes(gallery)
    with pytest.raises(NothingToMeasure, match="a folder of pictures for each class"):
        require_classes(gallery / "circles")
    (tmp_path / "empty").mkdir()
    with pytest.raises(EmptyGallery):
        require_classes(tmp_path / "empty")
