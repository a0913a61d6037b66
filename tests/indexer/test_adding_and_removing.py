"""Files that are added to a live index, or removed from it, one by one."""

import os
from dataclasses import replace

import pytest

from indexer.build import build_index
from indexer.errors import EmptyGallery, GalleryError
from indexer.live import add, remove, sync
from indexer.opening import open_current
from indexer.scanning.changes import Changes
from tests.indexer.fixtures import draw
from tests.indexer.live import contents, require_same_as_a_build
from tests.models.files import png


def test_add_takes_in_one_file_and_nothing_else(followed, gallery):
    for name in ("new.png", "other.png"):
        draw("lines", 50 + len(name)).save(gallery / "lines" / name)
    (gallery / "squares" / "01.png").unlink()
    update = add("shapes", [gallery / "lines" / "new.png"], followed)
    assert update.changes == Changes(added=1)
    found, _ = contents(followed)
    assert found["lines/new.png"][0] == "lines"
    assert "lines/other.png" not in found
    assert "squares/01.png" in found


def test_add_of_what_is_indexed_already_makes_no_generation(followed, gallery):
    assert add("shapes", [gallery / "lines" / "00.png"], followed).summary is None


def test_add_takes_up_a_changed_file(plan, followed, gallery):
    draw("lines", 50).save(gallery / "lines" / "00.png")
    assert add("shapes", [gallery / "lines" / "00.png"], followed).changes == Changes(changed=1)
    require_same_as_a_build(plan, followed)


def test_add_labels_as_a_build_does(plan, instance, gallery, tmp_path):
    labels = tmp_path / "labels.csv"
    labels.write_text("lines/00.png,one\nnew.png,two\n00.png,three")
    asked = replace(plan, labels=labels)
    build_index(asked, instance)
    draw("lines", 50).save(gallery / "lines" / "new.png")
    add("shapes", [gallery / "lines" / "new.png"], instance)
    assert contents(instance)[0]["lines/new.png"][0] == "two"
    require_same_as_a_build(asked, instance)


def test_what_lies_in_a_folder_of_distractors_is_added_as_one(plan, instance, gallery, tmp_path):
    (tmp_path / "more" / "sub").mkdir(parents=True)
    draw("lines", 77).save(tmp_path / "more" / "1.png")
    asked = replace(plan, distractors=(tmp_path / "more",))
    build_index(asked, instance)
    draw("lines", 78).save(tmp_path / "more" / "sub" / "2.png")
    add("shapes", [tmp_path / "more" / "sub" / "2.png"], instance)
    assert open_current(instance, "shapes").manifest.distractors == 2
    require_same_as_a_build(asked, instance)


def test_add_takes_the_pictures_and_names_the_files_that_are_none(followed, gallery, tmp_path):
    outside = tmp_path / "outside.png"
    draw("lines", 50).save(outside)
    (gallery / "link.png").symlink_to(outside)
    (gallery / "text.png").write_text("not a picture")
    (gallery / "broken.png").write_bytes(png(60, 48, bytes(1000)))  # only decoding finds that out
    draw("lines", 51).save(gallery / "sound.png")
    expected = [
        (outside, "none of the folders"),
        (gallery / "absent.png", "No such file"),
        (gallery / "lines", "is a folder"),
        (gallery, "is a folder"),
        (gallery / "broken.png", "broken.png"),
        (gallery / "link.png", "leads out"),
        (gallery / "text.png", "not a picture"),
    ]
    wrong = [file for file, _ in expected]
    update = add("shapes", [*wrong[3:], gallery / "sound.png", *wrong[:3]], followed)
    assert update.changes == Changes(added=1)
    refused = {each.file: each.detail for each in update.refused}
    assert refused.keys() == set(wrong)
    assert [word for file, word in expected if word not in refused[file]] == []
    found, reasons = contents(followed)
    assert "sound.png" in found
    assert reasons == {"broken.png": "damaged", "link.png": "link", "text.png": "not an image"}


def test_add_names_what_it_refused_before_too(followed, gallery):
    (gallery / "text.png").write_text("not a picture")
    first = add("shapes", [gallery / "text.png"], followed)
    again = add("shapes", [gallery / "text.png"], followed)
    assert again.summary is None
    assert [each.reason for each in first.refused] == ["not an image"]
    assert again.refused == first.refused


def test_add_of_a_file_that_is_gone_drops_nothing(followed, gallery):
    (gallery / "lines" / "00.png").unlink()
    update = add("shapes", [gallery / "lines" / "00.png"], followed)
    assert (update.summary, update.images) == (None, 24)
    assert [each.reason for each in update.refused] == ["unreadable"]


def test_removed_files_stay_removed_until_they_are_added(followed, gallery):
    picture = gallery / "lines" / "00.png"
    draw("lines", 50).save(gallery / "lines" / "new.png")
    assert remove("shapes", [picture], followed).changes == Changes(dropped=1)
    assert picture.exists()
    found, reasons = contents(followed)
    assert "lines/00.png" not in found
    assert reasons == {"lines/00.png": "removed"}
    assert sync("shapes", followed).changes == Changes(added=1)
    draw("lines", 51).save(picture)
    assert sync("shapes", followed).summary is None
    assert contents(followed)[1] == {"lines/00.png": "removed"}
    assert add("shapes", [picture], followed).changes == Changes(added=1)
    assert contents(followed)[1] == {}
    assert sync("shapes", followed).summary is None


def test_a_file_that_is_gone_can_be_removed(followed, gallery):
    (gallery / "lines" / "00.png").unlink()
    assert remove("shapes", [gallery / "lines" / "00.png"], followed).images == 23


def test_files_are_found_by_any_path_that_leads_to_them(followed, gallery, tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(gallery)
    monkeypatch.chdir(gallery / "lines")
    wanted = [
        tmp_path / "link" / "circles" / "00.png",
        gallery / ".." / "gallery" / "squares/00.png",
    ]
    wanted.append(gallery.relative_to(gallery) / "00.png")
    assert remove("shapes", wanted, followed).changes == Changes(dropped=3)
    assert set(contents(followed)[1]) == {"circles/00.png", "squares/00.png", "lines/00.png"}


def test_remove_refuses_what_is_not_indexed(followed, gallery, tmp_path):
    for wrong in (tmp_path / "x.png", gallery / "x.png", gallery / "lines"):
        with pytest.raises(GalleryError, match=wrong.name):
            remove("shapes", [gallery / "lines" / "00.png", wrong], followed)
    assert open_current(followed, "shapes").manifest.images == 24


def test_the_last_image_cannot_be_removed(followed, gallery):
    with pytest.raises(EmptyGallery, match="at least one"):
        remove("shapes", sorted(gallery.rglob("*.png")), followed)


def test_names_of_any_bytes_are_added_and_removed(followed, gallery):
    file = gallery / os.fsdecode(b"caf\xe9\n.png")
    draw("lines", 50).save(gallery / "plain.png")
    (gallery / "plain.png").rename(file)
    assert add("shapes", [file], followed).changes == Changes(added=1)
    assert remove("shapes", [file], followed).changes == Changes(dropped=1)
    assert set(contents(followed)[1]) == {file.name}
