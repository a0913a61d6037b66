"""Indexes that are synced with their folders: each is what a build of them makes."""

import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

from indexer.build import build_index
from indexer.building.drafts import drafting
from indexer.errors import BuildRunning, EmptyGallery, SourceMissing, UnknownIndex
from indexer.generations import IndexFolder
from indexer.live import add, remove, sync
from indexer.opening import open_current
from indexer.scanning.changes import Changes
from tests.indexer.fixtures import draw
from tests.indexer.live import contents, require_same_as_a_build


def test_sync_adds_changes_moves_and_drops(plan, followed, gallery):
    draw("lines", 50).save(gallery / "lines" / "new.png")
    draw("lines", 51).save(gallery / "lines" / "00.png")
    (gallery / "arcs").mkdir()
    (gallery / "circles" / "03.png").rename(gallery / "arcs" / "moved.png")
    (gallery / "squares" / "01.png").unlink()
    (gallery / "squares" / "02.png").unlink()
    (gallery / "text.png").write_text("not a picture")
    update = sync("shapes", followed)
    assert update.changes == Changes(added=1, changed=1, moved=1, dropped=2)
    assert update.images == 23
    assert update.summary.reused == 21
    found, reasons = contents(followed)
    assert found["arcs/moved.png"][0] == "arcs"
    assert reasons == {"text.png": "not an image"}
    require_same_as_a_build(plan, followed)


def test_sync_of_what_has_not_changed_makes_no_generation(followed, gallery):
    before = IndexFolder(followed, "shapes").generations()
    update = sync("shapes", followed)
    assert (update.changes, update.images, update.summary) == (Changes(), 24, None)
    assert IndexFolder(followed, "shapes").generations() == before


def test_sync_opens_no_file_that_is_as_it_was(followed, gallery):
    picture = gallery / "lines" / "00.png"
    status = picture.stat()
    picture.write_bytes(b"x" * status.st_size)
    os.utime(picture, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert sync("shapes", followed).summary is None


def test_sync_notes_another_time_of_the_same_content(plan, followed, gallery):
    os.utime(gallery / "lines" / "00.png", ns=(0, 0))
    update = sync("shapes", followed)
    assert update.changes == Changes(noted=1)
    assert update.summary.reused == 24
    require_same_as_a_build(plan, followed)


def test_files_that_cannot_be_used_make_one_generation_and_no_more(followed, gallery):
    (gallery / "text.png").write_text("not a picture")
    cut = (gallery / "lines" / "00.png").read_bytes()
    large = draw("lines", 9).resize((600, 600))
    large.save(gallery / "broken.png")
    data = bytearray((gallery / "broken.png").read_bytes())
    data[len(data) // 2] ^= 0xFF
    (gallery / "broken.png").write_bytes(data)
    (gallery / "cut.png").write_bytes(cut[:60])
    update = sync("shapes", followed)
    assert update.changes == Changes()
    assert update.summary.images == 24
    assert contents(followed)[1] == {
        "text.png": "not an image",
        "broken.png": "damaged",
        "cut.png": "damaged",
    }
    assert sync("shapes", followed).summary is None


def test_sync_needs_no_weights_and_makes_the_same_features(plan, instance, tmp_path, gallery):
    weights = shutil.copy(plan.encoder.weights, tmp_path / "weights.npz")
    build_index(replace(plan, encoder=replace(plan.encoder, weights=str(weights))), instance)
    weights.unlink()
    shutil.rmtree(instance / "encoders")
    draw("lines", 50).save(gallery / "lines" / "new.png")
    assert sync("shapes", instance).changes == Changes(added=1)
    old, new = map(IndexFolder(instance, "shapes").generation, folder_names(instance))
    assert (old / "encoder/encoder.bin").read_bytes() == (new / "encoder/encoder.bin").read_bytes()


def folder_names(instance):
    """Return the names of the generations."""
    return IndexFolder(instance, "shapes").generations()


def test_sync_without_stored_features_takes_those_of_the_generation(followed, gallery):
    shutil.rmtree(followed / "features")
    draw("lines", 50).save(gallery / "lines" / "new.png")
    assert sync("shapes", followed).summary.reused == 24


def test_a_small_index_of_the_same_pictures_hides_no_lost_features(plan, followed, gallery):
    def stored():
        return sum(file.stat().st_size for file in (followed / "features").rglob("*.*"))

    before = stored()
    shutil.rmtree(followed / "features")
    build_index(replace(plan, name="small", sources=(gallery / "circles",)), followed)
    os.utime(gallery / "lines" / "00.png", ns=(0, 0))
    update = sync("shapes", followed)
    assert (update.summary.reused, update.summary.computed) == (24, 0)
    assert stored() == before  # each feature once


def test_lost_features_whose_generation_is_damaged_are_computed_again(plan, followed, gallery):
    file = open_current(followed, "shapes").path / "features.npy"
    content = bytearray(file.read_bytes())
    content[-4] ^= 1  # so little that only the checksum tells
    file.write_bytes(content)
    shutil.rmtree(followed / "features")
    draw("lines", 50).save(gallery / "lines" / "new.png")
    assert sync("shapes", followed).summary.computed == 25
    require_same_as_a_build(plan, followed)


def test_a_folder_that_is_gone_drops_nothing(followed, gallery):
    gallery.rename(gallery.with_name("elsewhere"))
    with pytest.raises(SourceMissing, match=str(gallery)):
        sync("shapes", followed)
    gallery.mkdir()
    with pytest.raises(EmptyGallery):
        sync("shapes", followed)
    assert open_current(followed, "shapes").manifest.images == 24


def test_sync_goes_on_from_the_generation_returned_to(followed, gallery):
    (gallery / "squares" / "01.png").unlink()
    sync("shapes", followed)
    folder = IndexFolder(followed, "shapes")
    names = folder.generations()
    folder.rollback()
    update = sync("shapes", followed)
    assert update.changes == Changes(dropped=1)
    assert update.summary.generation > names[1]
    assert folder.generations() == [names[0], update.summary.generation]


def test_sync_heals_an_index_whose_current_generation_is_damaged(plan, followed):
    build_index(plan, followed)
    (open_current(followed, "shapes").path / "norms.npy").unlink()
    assert open_current(followed, "shapes").problem
    update = sync("shapes", followed)
    assert (update.changes, update.summary.reused) == (Changes(), 24)
    assert open_current(followed, "shapes").problem == ""


def test_live_changes_wait_for_no_builder(followed, gallery):
    with drafting(followed, "shapes"):
        for change in (
            lambda: sync("shapes", followed),
            lambda: add("shapes", [gallery / "lines" / "00.png"], followed),
            lambda: remove("shapes", [gallery / "lines" / "00.png"], followed),
        ):
            with pytest.raises(BuildRunning):
                change()


def test_an_unknown_index_leaves_no_folder(followed):
    with pytest.raises(UnknownIndex):
        sync("other", followed)
    assert not (followed / "indexes" / "other").exists()


def test_features_follow_their_files(followed, gallery):
    first, second = gallery / "lines" / "00.png", gallery / "squares" / "00.png"
    before, _ = contents(followed)
    aside = gallery / "aside"
    first.rename(aside), second.rename(first), aside.rename(second)
    assert sync("shapes", followed).changes == Changes(changed=2)
    after, _ = contents(followed)
    assert after["lines/00.png"][1:] == before["squares/00.png"][1:]
    assert after["squares/00.png"][1:] == before["lines/00.png"][1:]
    assert not np.array_equal(after["lines/00.png"][3], before["lines/00.png"][3])
