"""Which pictures are learnt from, how often, and which are held out."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.errors import SourceMissing
from indexer.experiments.distilling.material import MOST_HELD_OUT, Material, gather
from indexer.experiments.runs.facts import Source
from indexer.types import DEFAULT_LIMITS


def draw(folder: Path, count: int, first: int = 0) -> Path:
    """Draw tiny pictures of different colours."""
    folder.mkdir()
    for number in range(first, first + count):
        Image.new("RGB", (2, 2), (number % 256, number // 256, 7)).save(
            folder / f"{number:05d}.bmp"
        )
    return folder


def gathered(*sources: Path, seed: int = 1) -> Material:
    return gather(sources, seed=seed, limits=DEFAULT_LIMITS)


def test_folder_named_twice_is_scanned_once_and_shown_twice(tmp_path: Path) -> None:
    one, two = draw(tmp_path / "one", 3), draw(tmp_path / "two", 2, first=3)
    (tmp_path / "link").symlink_to(two)
    material = gathered(two, one, tmp_path / "link", two / ".." / "two")
    assert material.data.sources == (Source(two, 3, 2), Source(one, 1, 3))
    assert material.shown.tolist() == [0, 0, 0, 1, 1, 1, 2, 3, 4]
    assert material.held_out.tolist() == []


def test_folder_inside_another_is_refused(tmp_path: Path) -> None:
    draw(tmp_path / "one", 2)
    with pytest.raises(SourceMissing, match="share images"):
        gathered(tmp_path, tmp_path / "one")


def test_one_in_fifty_is_held_out_and_never_shown(tmp_path: Path) -> None:
    material = gathered(draw(tmp_path / "one", 160))
    assert len(material.held_out) == 3
    assert sorted({*material.shown, *material.held_out}) == list(range(160))
    assert (material.data.shown, material.data.held_out) == (157, 3)
    assert len(material.digests) == 157


def test_few_pictures_are_all_learnt_from(tmp_path: Path) -> None:
    assert gathered(draw(tmp_path / "one", 49)).held_out.tolist() == []


def test_no_more_than_300_are_held_out() -> None:
    from indexer.experiments.distilling.material import _held_out
    from indexer.types import ImageRecord

    records = [
        ImageRecord(0, f"{n}.png", None, f"{n:064x}", 1, 0, 1, 1, "PNG") for n in range(20_000)
    ]
    assert _held_out(records, 1).sum() == MOST_HELD_OUT


def test_seed_draws_the_same_and_another_seed_others(tmp_path: Path) -> None:
    folder = draw(tmp_path / "one", 100)
    first, again, other = (gathered(folder, seed=seed).held_out.tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_copies_of_a_held_out_picture_are_held_out_too(tmp_path: Path) -> None:
    folder = draw(tmp_path / "one", 100)
    shutil.copytree(folder, tmp_path / "two")
    material = gathered(folder, tmp_path / "two")
    contents = [material.files[place].read_bytes() for place in material.held_out]
    assert len(contents) == 4
    assert len(set(contents)) == 2


def test_odd_files_are_left_out_each_with_its_reason(tmp_path: Path) -> None:
    folder = draw(tmp_path / "one", 2)
    os.mkfifo(folder / "pipe.png")
    (folder / "notes.txt").write_text("no picture")
    (folder / "gone.png").symlink_to(tmp_path / "nowhere")
    data = gathered(folder).data
    assert {item.name: item.count for item in data.reasons} == {
        "not a regular file": 1,
        "not an image": 1,
        "link": 1,
    }


def test_material_without_damaged_pictures_keeps_the_order_of_the_others(tmp_path: Path) -> None:
    material = gathered(draw(tmp_path / "one", 3), *[draw(tmp_path / "two", 2, first=3)] * 2)
    less = material.without({1: "It is torn.", 3: "It is blurred."})
    names = [file.name for file in less.files]
    assert names == ["00000.bmp", "00002.bmp", "00004.bmp"]
    assert less.shown.tolist() == [0, 1, 2, 2]
    assert [(r.path, r.reason, r.detail) for r in less.data.left_out] == [
        ("00001.bmp", "damaged", "It is torn."),
        ("00003.bmp", "damaged", "It is blurred."),
    ]
    np.testing.assert_array_equal(material.without({}).times, material.times)
