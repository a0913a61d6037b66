"""Folders become classes; what is held out never shows up among what is learnt from."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from indexer.experiments.pictures.choosing import chosen, scanned
from indexer.experiments.pictures.labelled import Choice, Labelled
from indexer.types import Count
from models.errors import TrainingRefused


def gather(sources: list[Path], choice: Choice) -> Labelled:
    """Walk these folders, and choose among their pictures."""
    return chosen(scanned(sources, choice), sources, choice)


def test_a_fifth_of_each_class_is_held_out_by_seed(gallery):
    found = gather([gallery], Choice(seed=3))
    assert found.classes == ("circles", "lines", "squares")
    assert np.bincount(found.labels[found.held_out]).tolist() == [2, 2, 2]
    assert len(found.shown) == 18
    again = gather([gallery], Choice(seed=3))
    other = gather([gallery], Choice(seed=4))
    assert (again.is_held_out == found.is_held_out).all()
    assert not (other.is_held_out == found.is_held_out).all()


def test_copies_are_on_one_side(gallery):
    for number in range(8):
        shutil.copy(gallery / "lines" / f"{number:02d}.png", gallery / "lines" / f"c{number}.png")
    found = gather([gallery], Choice())
    sides = [{found.records[at].sha256 for at in side} for side in (found.shown, found.held_out)]
    assert not sides[0] & sides[1]
    assert len(found.records) == 32


def test_given_validation_is_held_out_with_its_copies(gallery, tmp_path):
    for kind in ("circles", "lines"):
        (tmp_path / "val" / kind).mkdir(parents=True)
        shutil.copy(gallery / kind / "00.png", tmp_path / "val" / kind / "x.png")
    found = gather([gallery], Choice(validation=tmp_path / "val"))
    assert sorted(found.records[at].path for at in found.held_out) == [
        "circles/00.png", "circles/x.png", "lines/00.png", "lines/x.png",
    ]  # fmt: skip
    assert len(found.shown) == 22


def test_a_class_that_is_held_out_as_a_whole_is_not_learnt(gallery, tmp_path):
    shutil.copytree(gallery / "lines", tmp_path / "val" / "lines")
    shutil.copytree(gallery / "circles", tmp_path / "val" / "circles")
    (tmp_path / "val" / "circles" / "00.png").unlink()
    (tmp_path / "val" / "circles" / "01.png").unlink()
    choice = Choice(validation=tmp_path / "val")
    found = gather([gallery], choice)
    assert found.classes == ("circles", "squares")
    assert np.bincount(found.labels[found.shown]).tolist() == [2, 8]
    shutil.rmtree(gallery / "squares")
    with pytest.raises(
        TrainingRefused,
        match=r"more beside those of --validation. Received: circles 2\. .*--labels\.$",
    ):
        gather([gallery], choice)


def test_content_of_two_classes_is_left_out(gallery):
    shutil.copy(gallery / "lines" / "00.png", gallery / "circles" / "same.png")
    found = gather([gallery], Choice())
    assert found.left_out == (Count("in two classes", 2),)
    assert "lines/00.png" not in {record.path for record in found.records}


def test_most_frequent_classes_are_chosen(gallery):
    (gallery / "lines" / "07.png").unlink()
    assert gather([gallery], Choice(most=2)).classes == ("circles", "squares")
    assert gather([gallery], Choice(min_per_class=8)).classes == ("circles", "squares")


def test_what_is_left_out_is_counted_by_cause(gallery):
    shutil.copy(gallery / "lines" / "00.png", gallery / "alone.png")
    (gallery / "few").mkdir()
    shutil.move(gallery / "lines" / "07.png", gallery / "few" / "x.png")
    found = gather([gallery], Choice(min_per_class=2, most=2))
    assert {each.name: each.count for each in found.left_out} == {
        "of no class": 1, "of too small a class": 1, "of a class beyond --classes": 7,
    }  # fmt: skip


def test_too_few_classes_are_refused(gallery):
    with pytest.raises(
        TrainingRefused, match=r"29 different pictures or more. Received: circles 8, "
    ):
        gather([gallery], Choice(min_per_class=29))


def test_pictures_that_cannot_be_decoded_are_dropped(gallery):
    found = gather([gallery], Choice())
    less = found.only(found.records[1:], ())
    assert len(less.records) == len(less.labels) == len(less.is_held_out) == 23
    assert (less.labels == found.labels[1:]).all()


def test_share_that_is_held_out_can_be_chosen(gallery):
    found = gather([gallery], Choice(held_out=0.5))
    assert np.bincount(found.labels[found.held_out]).tolist() == [4, 4, 4]


def test_test_pictures_are_neither_learnt_from_nor_held_out(gallery, tmp_path):
    for kind in ("circles", "lines", "unknown"):
        (tmp_path / "test" / kind).mkdir(parents=True)
        shutil.copy(gallery / "circles" / "00.png", tmp_path / "test" / "circles" / "x.png")
    shutil.copy(gallery / "lines" / "03.png", tmp_path / "test" / "lines" / "y.png")
    found = gather([gallery], Choice(test=tmp_path / "test"))
    assert found.asked_of == "test"
    assert [found.records[at].path for at in found.asked] == ["circles/x.png", "lines/y.png"]
    assert len(found.shown) + len(found.held_out) == 22
    contents = [
        {found.records[at].sha256 for at in side}
        for side in (found.shown, found.held_out, found.asked)
    ]
    assert not contents[2] & (contents[0] | contents[1])


def test_held_out_pictures_tell_what_was_learnt_where_no_others_are_given(gallery):
    found = gather([gallery], Choice())
    assert found.asked_of == "held out"
    assert (found.asked == found.held_out).all()


def test_test_folder_of_other_classes_is_refused(gallery, tmp_path):
    (tmp_path / "test" / "others").mkdir(parents=True)
    shutil.copy(gallery / "circles" / "00.png", tmp_path / "test" / "others" / "x.png")
    with pytest.raises(TrainingRefused, match="holds no picture of the classes that are learnt"):
        gather([gallery], Choice(test=tmp_path / "test"))


def test_share_and_folder_of_held_out_pictures_contradict_each_other(tmp_path):
    with pytest.raises(TrainingRefused, match=r"Leave out --held-out 0\.3"):
        Choice(validation=tmp_path, held_out=0.3)
