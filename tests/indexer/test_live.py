"""Indexes that follow their folders: each result is that of a build of the folders as they are."""

import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

from indexer.build import build_index
from indexer.building.drafts import drafting
from indexer.building.recipe import plan_of
from indexer.errors import (
    BadParameter,
    BuildRunning,
    EmptyGallery,
    GalleryError,
    NotAccepted,
    SourceMissing,
    UnknownIndex,
)
from indexer.generations import IndexFolder
from indexer.live import add, remove, sync
from indexer.opening import check_index, open_current
from indexer.scanning.changes import Changes
from indexer.types import DEFAULT_LIMITS
from models.encoder import keras_encoder, open_encoder
from models.images import decode
from tests.indexer.fixtures import draw
from tests.models.files import png


@pytest.fixture
def followed(plan, instance):
    """Return an instance with an index of the small gallery, that is to follow it."""
    build_index(plan, instance)
    return instance


def contents(instance):
    """Return an index as it is found: path -> label, content and feature; and reasons."""
    generation = open_current(instance, "shapes")
    images = generation.catalog.all_images()
    features = generation.store.features
    reasons = {item.path: item.reason for item in generation.catalog.rejections()}
    found = {
        image.path: (image.label, image.sha256, image.mtime_ns, features[n].tobytes())
        for n, image in enumerate(images)
    }
    return found, reasons


def require_same_as_a_build(plan, instance):
    """Assert that an index is what a build of its folders makes, and whole."""
    check_index(instance, "shapes")
    found = contents(instance)
    build_index(plan, instance)
    assert found == contents(instance)


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


def test_sync_keeps_what_was_asked_for_at_the_build(plan, instance, gallery, tmp_path):
    labels = tmp_path / "labels.csv"
    files = sorted(gallery.rglob("*.png"))
    lines = [f"{file.relative_to(gallery)},{n % 5}" for n, file in enumerate(files)]
    labels.write_text("path,label\n" + "\n".join(lines))
    (tmp_path / "more").mkdir()
    draw("lines", 77).save(tmp_path / "more" / "1.png")
    asked = replace(
        plan,
        kind="exact",
        labels=labels,
        distractors=(tmp_path / "more",),
        options=replace(plan.options, metric="euclidean", seed=3),
    )
    build_index(asked, instance)
    draw("lines", 50).save(gallery / "lines" / "new.png")
    labels.write_text(labels.read_text() + "\nlines/new.png,new")
    draw("lines", 78).save(tmp_path / "more" / "2.png")
    assert sync("shapes", instance).changes == Changes(added=2)
    assert contents(instance)[0]["lines/new.png"][0] == "new"
    manifest = open_current(instance, "shapes").manifest
    assert (manifest.kind, manifest.metric, manifest.distractors) == ("exact", "euclidean", 2)
    assert plan_of(manifest, DEFAULT_LIMITS) == asked
    require_same_as_a_build(asked, instance)


def test_another_label_makes_a_generation(plan, instance, gallery, tmp_path):
    labels = tmp_path / "labels.csv"
    labels.write_text("lines/00.png,one")
    build_index(replace(plan, labels=labels), instance)
    labels.write_text("lines/00.png,two")
    assert sync("shapes", instance).changes == Changes(noted=1)
    assert contents(instance)[0]["lines/00.png"][0] == "two"


def test_a_folder_that_is_gone_drops_nothing(followed, gallery):
    gallery.rename(gallery.with_name("elsewhere"))
    with pytest.raises(SourceMissing, match=str(gallery)):
        sync("shapes", followed)
    gallery.mkdir()
    with pytest.raises(EmptyGallery):
        sync("shapes", followed)
    assert open_current(followed, "shapes").manifest.images == 24


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


def test_sync_reduces_as_the_build_did(plan, instance, gallery):
    before = build_index(replace(plan, reduce=8), instance)
    draw("lines", 50).save(gallery / "lines" / "new.png")
    update = sync("shapes", instance)
    assert update.summary.fingerprint == before.fingerprint
    generation = open_current(instance, "shapes")
    assert generation.store.features.shape == (25, 8)
    check_index(instance, "shapes")


def test_sync_stays_in_the_precision_of_the_build(plan, instance, gallery):
    before = build_index(replace(plan, precision="bf16"), instance)
    draw("lines", 50).save(gallery / "lines" / "new.png")
    assert sync("shapes", instance).summary.fingerprint == before.fingerprint


def test_sync_computes_with_the_engine_of_the_build(plan, instance, gallery):
    build_index(replace(plan, engine="keras"), instance)
    draw("lines", 50).save(gallery / "lines" / "new.png")
    assert sync("shapes", instance).changes == Changes(added=1)
    picture = decode(gallery / "lines" / "new.png", plan.encoder.size)[None]
    keras = keras_encoder(plan.encoder, plan.batch_size).encode(picture)[0]
    assert contents(instance)[0]["lines/new.png"][3] == keras.tobytes()
    openvino = open_encoder(open_current(instance, "shapes").encoder).encode(picture)[0]
    assert openvino.tobytes() != keras.tobytes()


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_sync_does_without_keras_where_its_weights_are_not_there(
    plan, instance, gallery, tmp_path, harm
):
    weights = tmp_path / "weights.npz"
    shutil.copy(plan.encoder.weights, weights)
    own = replace(plan, engine="keras", encoder=replace(plan.encoder, weights=str(weights)))
    before = build_index(own, instance)
    if harm == "gone":
        weights.unlink()
    else:
        arrays = dict(np.load(plan.encoder.weights))
        np.savez(weights, **{name: 2 * array for name, array in arrays.items()})
    draw("lines", 50).save(gallery / "lines" / "new.png")
    told = []
    update = sync("shapes", instance, progress=told.append)
    assert update.summary.fingerprint == before.fingerprint
    assert any("OpenVINO computes" in each.note for each in told)


@pytest.fixture
def blind(plan, instance, tmp_path):
    """Return a plan whose network sees nothing; its index was let go live unchecked."""
    with np.load(plan.encoder.weights) as weights:
        nothing = {name: np.full_like(weights[name], "bias" in name) for name in weights}
    np.savez(tmp_path / "blind.npz", **nothing)
    encoder = replace(plan.encoder, weights=str(tmp_path / "blind.npz"))
    asked = replace(plan, encoder=encoder, accept=0)
    build_index(asked, instance)
    return asked


def test_updates_are_checked_also_where_the_build_was_not(blind, instance, gallery):
    new = gallery / "lines" / "new.png"
    draw("lines", 50).save(new)
    for change in (
        lambda **options: sync("shapes", instance, **options),
        lambda **options: remove("shapes", [new], instance, **options),
        lambda **options: add("shapes", [new], instance, **options),
    ):
        before = open_current(instance, "shapes").manifest.generation
        with pytest.raises(NotAccepted, match="--accept 0"):
            change()
        assert open_current(instance, "shapes").manifest.generation == before
        assert change(accept=0).summary.acceptance is None
    assert plan_of(open_current(instance, "shapes").manifest, DEFAULT_LIMITS) == blind


def test_what_is_asked_of_one_update_does_not_last(plan, instance, gallery):
    build_index(replace(plan, accept=0.5), instance)
    for number, (asked, wanted) in enumerate([(None, 0.5), (0.6, 0.6), (None, 0.5)]):
        draw("lines", 50 + number).save(gallery / "lines" / f"new-{number}.png")
        assert sync("shapes", instance, accept=asked).summary.acceptance.wanted == wanted


@pytest.mark.parametrize("accept", [-0.1, 1.1, float("nan")])
def test_an_impossible_share_is_refused_before_anything_is_done(followed, accept):
    told = []
    with pytest.raises(BadParameter, match="--accept"):
        sync("shapes", followed, accept=accept, progress=told.append)
    assert told == []
