"""Indexes whose folders fail: what is out of sight is not gone, and what was removed stays out."""

import errno
import os
import shutil
from dataclasses import replace

import pytest

from indexer.build import build_index
from indexer.errors import EmptyGallery, GalleryError
from indexer.live import add, remove, sync
from indexer.opening import open_current
from indexer.scanning.changes import Changes
from tests.indexer.fixtures import draw, draw_gallery


@pytest.fixture
def two(plan, instance, tmp_path):
    """Return a second folder of 12 other pictures, in one index with the small gallery."""
    other = draw_gallery(tmp_path / "other", per_class=4)
    for number, file in enumerate(sorted(other.rglob("*.png"))):
        draw("lines", 100 + number).save(file)
    build_index(replace(plan, sources=(*plan.sources, other)), instance)
    return other


def images(instance):
    """Return the images of an index by path; its second folder's begin with 1."""
    records = open_current(instance, "shapes").catalog.all_images()
    return {f"{record.root or ''}{record.path}": record for record in records}


def reasons(instance):
    """Return the reason of each rejected file."""
    rejections = open_current(instance, "shapes").catalog.rejections()
    return {item.path: item.reason for item in rejections}


def fail(monkeypatch, call, place, code=errno.EIO):
    """Let a call fail at a place, and below it, as a failing drive does."""
    real = getattr(os, call)

    def failing(path, *values, **options):
        if f"{path}/".startswith(f"{place}/"):
            raise OSError(code, os.strerror(code), str(path))
        return real(path, *values, **options)

    monkeypatch.setattr(os, call, failing)


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.EACCES])
def test_what_lies_in_a_folder_that_cannot_be_read_stays(followed, gallery, monkeypatch, code):
    before = images(followed)
    draw("circles", 50).save(gallery / "circles" / "new.png")
    with monkeypatch.context() as patch:
        fail(patch, "scandir", gallery / "lines", code)
        update = sync("shapes", followed)
        assert update.changes == Changes(added=1)
        after = images(followed)
        assert after.pop("circles/new.png")
        assert after == before
        assert reasons(followed) == {"lines": "unreadable"}
        assert sync("shapes", followed).summary is None
    assert sync("shapes", followed).changes == Changes()
    assert reasons(followed) == {}


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.EACCES])
def test_files_that_cannot_be_looked_at_stay(followed, gallery, monkeypatch, code):
    before = images(followed)
    fail(monkeypatch, "lstat", gallery / "lines", code)
    draw("circles", 50).save(gallery / "circles" / "new.png")
    assert sync("shapes", followed).changes == Changes(added=1)
    after = images(followed)
    assert after.pop("circles/new.png")
    assert after == before
    assert reasons(followed) == {}


def test_rejected_files_in_a_folder_that_cannot_be_read_stay(followed, gallery, monkeypatch):
    (gallery / "lines" / "text.png").write_text("not a picture")
    sync("shapes", followed)
    draw("circles", 50).save(gallery / "circles" / "new.png")
    fail(monkeypatch, "scandir", gallery / "lines")
    sync("shapes", followed)
    assert reasons(followed) == {"lines": "unreadable", "lines/text.png": "not an image"}


def test_a_file_that_is_gone_is_dropped_beside_a_folder_that_cannot_be_read(
    followed, gallery, monkeypatch
):
    (gallery / "circles" / "00.png").unlink()
    fail(monkeypatch, "scandir", gallery / "lines")
    assert sync("shapes", followed).changes == Changes(dropped=1)


def test_a_folder_that_is_suddenly_empty_drops_nothing(two, instance, gallery):
    mounted = two.rename(two.with_name("mounted"))
    two.mkdir()
    draw("circles", 50).save(gallery / "circles" / "new.png")
    with pytest.raises(GalleryError, match=f"12 of 12 in {two}.*shapes --drop-missing"):
        sync("shapes", instance)
    assert len(images(instance)) == 36
    assert sync("shapes", instance, drop_missing=True).changes == Changes(added=1, dropped=12)
    two.rmdir()
    mounted.rename(two)
    assert sync("shapes", instance).changes == Changes(added=12)


def test_more_than_half_of_the_images_are_not_dropped_at_once(followed, gallery):
    for name in ("circles", "squares"):
        shutil.rmtree(gallery / name)
    with pytest.raises(GalleryError, match=f"16 of 24 in {gallery}"):
        sync("shapes", followed)
    assert len(images(followed)) == 24
    assert sync("shapes", followed, drop_missing=True).changes == Changes(dropped=16)


def test_half_of_the_images_are_dropped(followed, gallery):
    for file in sorted(gallery.rglob("*.png"))[:12]:
        file.unlink()
    assert sync("shapes", followed).changes == Changes(dropped=12)


def test_images_that_moved_to_another_folder_are_not_missing(two, instance, gallery):
    for number, file in enumerate(two.rglob("*.png")):
        file.rename(gallery / f"{number}.png")
    assert sync("shapes", instance).changes == Changes(moved=12)


def test_an_index_is_never_emptied(followed, gallery):
    shutil.rmtree(gallery)
    gallery.mkdir()
    with pytest.raises(EmptyGallery):
        sync("shapes", followed, drop_missing=True)


def test_removed_pictures_stay_out_under_another_name(followed, gallery):
    remove("shapes", [gallery / "lines" / "00.png", gallery / "lines" / "01.png"], followed)
    (gallery / "lines").rename(gallery / "renamed")
    shutil.copy(gallery / "renamed" / "00.png", gallery / "copy.png")
    assert sync("shapes", followed).changes == Changes(moved=6)
    assert reasons(followed) == {
        "copy.png": "removed", "renamed/00.png": "removed", "renamed/01.png": "removed"
    }  # fmt: skip
    assert sync("shapes", followed).summary is None


def test_a_removed_picture_that_was_moved_can_be_added(followed, gallery):
    remove("shapes", [gallery / "lines" / "00.png"], followed)
    (gallery / "lines" / "00.png").rename(gallery / "moved.png")
    sync("shapes", followed)
    assert add("shapes", [gallery / "moved.png"], followed).changes == Changes(added=1)
    assert reasons(followed) == {}
    assert sync("shapes", followed).summary is None
    (gallery / "moved.png").rename(gallery / "again.png")
    assert sync("shapes", followed).changes == Changes(moved=1)


def test_one_of_two_copies_can_be_removed(followed, gallery):
    shutil.copy(gallery / "lines" / "00.png", gallery / "copy.png")
    sync("shapes", followed)
    remove("shapes", [gallery / "lines" / "00.png"], followed)
    assert sync("shapes", followed).summary is None
    (gallery / "copy.png").rename(gallery / "other.png")
    assert sync("shapes", followed).changes == Changes(moved=1)
    assert reasons(followed) == {"lines/00.png": "removed"}


def test_marks_outlast_that_their_files_are_out_of_sight(followed, gallery, monkeypatch):
    removed = gallery / "lines" / "00.png"
    remove("shapes", [removed], followed)
    aside = removed.rename(gallery.with_name("aside.png"))
    sync("shapes", followed)
    aside.rename(removed)
    assert sync("shapes", followed).summary is None
    with monkeypatch.context() as patch:
        fail(patch, "scandir", gallery / "lines")
        sync("shapes", followed)
    sync("shapes", followed)
    assert reasons(followed) == {"lines/00.png": "removed"}
    assert len(images(followed)) == 23


def test_removed_files_are_not_opened(followed, gallery):
    removed = gallery / "lines" / "00.png"
    remove("shapes", [removed], followed)
    removed.unlink()
    os.mkfifo(removed)
    assert sync("shapes", followed).summary is None


def test_a_build_takes_removed_files_back(plan, followed, gallery):
    remove("shapes", [gallery / "lines" / "00.png"], followed)
    assert build_index(plan, followed).images == 24
    assert reasons(followed) == {}
    shutil.copy(gallery / "lines" / "00.png", gallery / "copy.png")
    assert sync("shapes", followed).changes == Changes(added=1)
