"""The walk: what is kept, what is rejected and why, in which order, with which label."""

import os
from hashlib import sha256

import pytest
from PIL import Image

from indexer.errors import EmptyGallery, LabelsInvalid, SourceMissing
from indexer.gallery import scan
from models.types import Limits
from tests.indexer.fixtures import draw
from tests.models.files import png


def reasons(found):
    return {item.path: item.reason for item in found.rejections}


def test_images_are_kept_with_what_is_known_of_them(gallery):
    found = scan([gallery])
    first = found.records[0]
    file = gallery / "circles" / "00.png"
    assert len(found.records) == 24
    assert (first.path, first.label, first.root) == ("circles/00.png", "circles", 0)
    assert (first.width, first.height, first.format) == (60, 48, "PNG")
    assert first.sha256 == sha256(file.read_bytes()).hexdigest()
    assert (first.bytes, first.mtime_ns) == (file.stat().st_size, file.stat().st_mtime_ns)


def test_the_order_is_that_of_roots_and_bytes(tmp_path):
    for name in ("b/é.png", "b/z.png", "a-.png", "a/x.png", "B.png"):
        (tmp_path / "one" / name).parent.mkdir(parents=True, exist_ok=True)
        draw("lines", 0).save(tmp_path / "one" / name)
    (tmp_path / "a-first").mkdir()
    draw("lines", 1).save(tmp_path / "a-first" / "1.png")
    found = scan([tmp_path / "one", tmp_path / "a-first"], workers=4)
    paths = [(record.root, record.path) for record in found.records]
    names = ["B.png", "a-.png", "a/x.png", "b/z.png", "b/é.png"]
    assert paths == [*((0, name) for name in names), (1, "1.png")]


def test_images_at_the_root_and_distractors_have_no_label(gallery, tmp_path):
    draw("lines", 99).save(gallery / "loose.png")
    (tmp_path / "more" / "things").mkdir(parents=True)
    draw("lines", 98).save(tmp_path / "more" / "things" / "1.png")
    found = scan([gallery], distractors=[tmp_path / "more"])
    by_path = {record.path: record for record in found.records}
    assert by_path["loose.png"].label is None
    assert by_path["things/1.png"].label is None
    assert by_path["things/1.png"].distractor
    assert not by_path["loose.png"].distractor


def test_a_label_file_replaces_the_folders(gallery, tmp_path):
    (tmp_path / "labels.csv").write_text("circles/00.png,round\nlines/01.png,thin\n")
    found = scan([gallery], labels=tmp_path / "labels.csv")
    labelled = {record.path: record.label for record in found.records if record.label}
    assert labelled == {"circles/00.png": "round", "lines/01.png": "thin"}


def test_labels_that_name_no_image_are_refused(gallery, tmp_path):
    (tmp_path / "labels.csv").write_text("elsewhere/x.png,round\n")
    with pytest.raises(LabelsInvalid, match=r"elsewhere/x\.png"):
        scan([gallery], labels=tmp_path / "labels.csv")


def test_a_header_is_enough_unless_the_check_is_thorough(gallery):
    (gallery / "cut.png").write_bytes(png(60, 48, bytes(1000)))  # a fraction of its pixels
    assert "cut.png" in {record.path for record in scan([gallery]).records}
    assert reasons(scan([gallery], thorough=True)) == {"cut.png": "damaged"}


def test_limits_hold(gallery):
    Image.new("RGB", (300, 200)).save(gallery / "wide.png")
    found = scan([gallery], limits=Limits(max_pixels=50_000))
    assert reasons(found) == {"wide.png": "too large"}
    heavy = gallery / "heavy.png"
    heavy.write_bytes((gallery / "wide.png").read_bytes() + bytes(100_000))
    found = scan([gallery], limits=Limits(max_bytes=50_000))
    assert reasons(found)["heavy.png"] == "too large"


def test_nothing_is_changed(gallery):
    (gallery / "bad.jpg").write_text("no picture")
    before = {path: path.stat() for path in gallery.rglob("*")}
    scan([gallery], thorough=True)
    after = {path: path.stat() for path in gallery.rglob("*")}
    assert before.keys() == after.keys()
    assert all(before[path].st_mtime_ns == after[path].st_mtime_ns for path in before)


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ([], "No folder"),
        (["absent"], "does not exist"),
        (["file.txt"], "is not a folder"),
        (["gallery", "gallery"], "share images"),
        (["gallery", "gallery/lines"], "share images"),
    ],
)
def test_sources_that_cannot_be_walked_are_refused(gallery, tmp_path, sources, message):
    (tmp_path / "file.txt").write_text("x")
    with pytest.raises(SourceMissing, match=message):
        scan([tmp_path / name for name in sources])


def test_a_folder_without_an_image_says_what_was_found(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(EmptyGallery, match="2 files rejected") as caught:
        scan([tmp_path])
    assert {item.reason for item in caught.value.rejections} == {"not an image", "empty"}


def test_progress_is_told_of_every_file(gallery):
    told = []
    scan([gallery], progress=told.append)
    assert [item.done for item in told] == list(range(1, 25))
    assert {item.total for item in told} == {24}


def test_a_link_inside_the_gallery_is_kept_as_a_file(gallery):
    os.symlink("circles/00.png", gallery / "again.png")
    found = scan([gallery])
    assert len(found.records) == 25
