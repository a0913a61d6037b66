"""A run that is gone on with finds its pictures again, or names what has become of them."""

import shutil

import numpy as np
import pytest

from indexer.experiments.finetuning.givens import Givens, require_settings
from indexer.experiments.finetuning.lasting import same_pictures
from indexer.experiments.pictures.choosing import chosen, scanned
from indexer.experiments.pictures.labelled import Choice
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.refusals import RunError
from indexer.types import Count
from tests.indexer.fixtures import draw

SETTINGS = {"size": "32", "seed": "1", "precision": "fp32"}


@pytest.fixture
def run(tmp_path):
    """Return a run's folder that was begun."""
    folder = RunFolder(tmp_path / "instance", "mine")
    folder.path.mkdir(parents=True)
    folder.record.write_text(
        '{"state": "running", "of": "it", "begun": "now", "command": "flask train it", '
        '"precision": "fp32"}'
    )
    return folder


@pytest.fixture
def begun(run, gallery):
    """Return what the run was given, and its pictures."""
    found = chosen(scanned([gallery], Choice()), [gallery], Choice())
    Givens.of(SETTINGS, found).write(run)
    return found


def again(run, gallery):
    return same_pictures(run, Givens.read(run), scanned([gallery], Choice()))


def test_same_pictures_are_found_in_the_same_order(run, begun, gallery):
    found = again(run, gallery)
    assert found.records == begun.records
    assert found.classes == begun.classes
    assert np.array_equal(found.labels, begun.labels)
    assert np.array_equal(found.is_held_out, begun.is_held_out)
    assert Givens.of(SETTINGS, found).digest == Givens.of(SETTINGS, begun).digest


def test_what_was_left_out_at_first_is_still_told(run, gallery):
    (gallery / "few").mkdir()
    draw("lines", 40).save(gallery / "few" / "only.png")
    draw("lines", 41).save(gallery / "unnamed.png")
    found = chosen(scanned([gallery], Choice()), [gallery], Choice())
    Givens.of(SETTINGS, found).write(run)
    assert again(run, gallery).left_out == found.left_out
    draw("lines", 42).save(gallery / "lines" / "new.png")
    assert again(run, gallery).left_out == (*found.left_out, Count("not of this run", 1))


def test_added_pictures_are_not_of_the_run(run, begun, gallery):
    (gallery / "aaa").mkdir()
    for seed in range(20, 30):
        draw("lines", seed).save(gallery / "aaa" / f"{seed}.png")
        draw("circles", seed).save(gallery / "circles" / f"{seed}.png")
    found = again(run, gallery)
    assert found.records == begun.records
    assert found.classes == begun.classes
    assert found.left_out == (Count("not of this run", 20),)


def test_moved_pictures_are_known_by_their_content(run, begun, gallery):
    (gallery / "lines" / "00.png").rename(gallery / "lines" / "renamed.png")
    found = again(run, gallery)
    assert [each.sha256 for each in found.records] == [each.sha256 for each in begun.records]
    assert Givens.of(SETTINGS, found).digest == Givens.of(SETTINGS, begun).digest


def test_lost_pictures_are_named_with_what_became_of_them(run, begun, gallery):
    (gallery / "circles" / "00.png").unlink()
    (gallery / "circles" / "01.png").write_bytes(b"")
    shutil.copy(gallery / "lines" / "03.png", gallery / "circles" / "02.png")
    (gallery / "squares" / "05.png").rename(gallery / "lines" / "s.png")
    with pytest.raises(RunError) as refused:
        again(run, gallery)
    said = str(refused.value)
    assert "circles/00.png (gone)" in said
    assert "circles/01.png (empty)" in said
    assert "circles/02.png (changed)" in said
    assert "squares/05.png (gone)" in said


def test_many_lost_pictures_are_counted(run, begun, gallery):
    shutil.rmtree(gallery / "lines")
    with pytest.raises(RunError, match="; and 3 more"):
        again(run, gallery)


def test_settings_that_differ_are_named_with_both_values(run, begun):
    givens = Givens.read(run)
    require_settings(run, givens, SETTINGS)
    with pytest.raises(RunError) as refused:
        require_settings(run, givens, {**SETTINGS, "size": "64", "precision": "bf16"})
    said = str(refused.value)
    assert "size 32, and now 64; precision fp32, and now bf16" in said
    assert said.endswith("flask train it --resume --precision fp32")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "5",
        "[" * 100_000,
        '{"settings": {}, "classes": [], "pictures": [["x"]]}',
        '{"settings": {}, "classes": [], "pictures": [[0, "x", "y", "z", "shown"]]}',
        '{"settings": {"size": 5}, "classes": [], "pictures": []}',
    ],
)
def test_damaged_lists_are_named(run, content):
    run.given.write_text(content)
    with pytest.raises(RunError, match=r"given\.json does not say what the run 'mine' learns from"):
        Givens.read(run)
