"""The pictures of an evaluation are those of folders, or of an index, as builds find them."""

from dataclasses import replace

from indexer.build import build_index
from indexer.evaluation.pictures import pictures_of_folders, pictures_of_index
from indexer.files import sha256_of
from indexer.opening import open_current
from tests.indexer.fixtures import CLASSES, PER_CLASS, draw, draw_gallery


def test_pictures_of_folders_have_classes_and_distractors_come_last(gallery, tmp_path):
    others = tmp_path / "others"
    (others / "sub").mkdir(parents=True)
    draw("lines", 90).save(others / "sub" / "a.png")
    (gallery / "circles" / "note.txt").write_text("no picture")
    found = pictures_of_folders([gallery], [others])
    assert [each.distractor for each in found.pictures] == [False] * 24 + [True]
    assert {each.label for each in found.pictures[:24]} == set(CLASSES)
    last = found.pictures[-1]
    assert (last.name, last.label, last.file) == ("sub/a.png", "", others / "sub" / "a.png")
    assert all(each.sha256 == sha256_of(each.file) for each in found.pictures)
    assert [(each.path, each.reason) for each in found.rejections] == [
        ("circles/note.txt", "not an image")
    ]


def test_labels_may_come_from_a_file(gallery, tmp_path):
    labels = tmp_path / "labels.csv"
    labels.write_text("circles/00.png,round\n")
    found = pictures_of_folders([gallery], labels=labels).pictures
    assert [each.name for each in found if each.label == "round"] == ["circles/00.png"]
    assert sum(each.label == "" for each in found) == 23


def test_pictures_of_an_index_are_those_of_its_folders_by_id(instance, plan, gallery, tmp_path):
    others = draw_gallery(tmp_path / "others", 1)
    build_index(replace(plan, distractors=(others,), accept=0), instance)
    found = pictures_of_index(open_current(instance, "shapes"))
    assert found == pictures_of_folders([gallery], [others]).pictures
    assert len(found) == len(CLASSES) * (PER_CLASS + 1)
