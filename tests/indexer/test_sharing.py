"""Generations that share what they have in common, and are whole without each other."""

import errno
import os
import shutil
from dataclasses import replace

import pytest

from indexer.build import build_index
from indexer.errors import DamagedIndex
from indexer.generations import IndexFolder
from indexer.live import sync
from indexer.manifest import FileEntry, list_files, read_manifest
from indexer.opening import check_index, open_current
from models.exported import ENCODER_FILES
from tests.indexer.fixtures import draw

# Of other matters than the encoding: the pictures are encoded once for all.
pytestmark = pytest.mark.usefixtures("encoded")

FEATURES = ("features.npy", "norms.npy")
ENCODER = tuple(f"encoder/{name}" for name in ENCODER_FILES)


def inodes(path, names):
    """Return which files of a generation have these names."""
    return [(path / name).stat().st_ino for name in names]


def shared(first, second, names):
    """Return the names that lead to the same file in both generations."""
    return tuple(name for name in names if inodes(first, [name]) == inodes(second, [name]))


@pytest.mark.parametrize(
    "changes",
    [{"kind": "exact"}, {"reduce": 8}, {"store_as": "float16"}],
    ids=["as they are", "reduced", "rounded"],
)
def test_another_index_of_the_same_features_shares_them(plan, instance, changes):
    plan = replace(plan, **changes)
    first = build_index(plan, instance).path
    second = build_index(replace(plan, options=replace(plan.options, g=2, seed=0)), instance).path
    assert shared(first, second, FEATURES + ENCODER) == FEATURES + ENCODER
    check_index(instance, "shapes")


def test_sync_of_another_label_shares_the_features(plan, instance, tmp_path):
    labels = tmp_path / "labels.csv"
    labels.write_text("lines/00.png,one")
    first = build_index(replace(plan, labels=labels), instance).path
    labels.write_text("lines/00.png,two")
    second = sync("shapes", instance).summary.path
    assert shared(first, second, FEATURES + ENCODER) == FEATURES + ENCODER
    check_index(instance, "shapes")


def test_other_pictures_share_the_encoder_alone(plan, instance, gallery):
    first = build_index(plan, instance).path
    draw("lines", 50).save(gallery / "lines" / "new.png")
    second = build_index(plan, instance).path
    assert shared(first, second, FEATURES + ENCODER) == ENCODER
    check_index(instance, "shapes")


def test_the_same_pictures_in_another_order_share_no_features(plan, instance, gallery):
    first = build_index(plan, instance).path
    (gallery / "circles").rename(gallery / "zircles")
    second = build_index(plan, instance).path
    assert shared(first, second, FEATURES) == ()
    assert (first / "features.npy").read_bytes() != (second / "features.npy").read_bytes()


def test_another_reduction_shares_no_features(plan, instance):
    first = build_index(replace(plan, reduce=8), instance).path
    second = build_index(replace(plan, reduce=8, whiten=True), instance).path
    assert shared(first, second, FEATURES + ENCODER) == ENCODER


def test_a_generation_is_whole_without_the_one_that_it_shared_with(plan, instance):
    build_index(plan, instance)
    second = build_index(plan, instance)
    folder = IndexFolder(instance, "shapes")
    folder.prune(0)
    assert folder.generations() == [second.generation]
    check_index(instance, "shapes")
    assert inodes(second.path, FEATURES)
    assert (second.path / "features.npy").stat().st_nlink == 1


def test_what_was_shared_is_checked_like_everything_else(plan, instance):
    build_index(plan, instance)
    flip_last_digit(build_index(plan, instance).path)
    with pytest.raises(DamagedIndex, match=r"features\.npy"):
        check_index(instance, "shapes")


def flip_last_digit(generation):
    """Change one feature, in place, by so little that only the checksum can tell."""
    with (generation / "features.npy").open("r+b") as file:
        file.seek(-4, os.SEEK_END)
        digit = file.read(1)[0]
        file.seek(-4, os.SEEK_END)
        file.write(bytes([digit ^ 1]))


@pytest.mark.parametrize("name", [*FEATURES, *ENCODER, "catalog.sqlite"])
def test_nothing_damaged_is_shared_so_that_a_build_heals(plan, instance, name):
    first = build_index(plan, instance).path
    sound = {part: (first / part).read_bytes() for part in FEATURES + ENCODER}
    content = bytearray((first / name).read_bytes())
    content[-4] ^= 1
    (first / name).write_bytes(content)
    second = build_index(plan, instance).path
    check_index(instance, "shapes")
    assert open_current(instance, "shapes").path == second
    assert {part: (second / part).read_bytes() for part in sound} == sound
    assert (first / name).read_bytes() == content  # the damaged file itself was left alone


def test_a_file_system_without_links_gets_files_of_its_own(plan, instance, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EPERM, "links are not supported")

    monkeypatch.setattr(os, "link", refuse)
    first = build_index(plan, instance).path
    second = build_index(plan, instance).path
    assert shared(first, second, FEATURES + ENCODER) == ()
    check_index(instance, "shapes")


def test_what_is_shared_keeps_its_entry_in_the_manifest(plan, instance):
    first = read_manifest(build_index(plan, instance).path)
    second = read_manifest(build_index(replace(plan, kind="exact"), instance).path)
    entries = {entry.path: entry for entry in second.files}
    assert [entries[entry.path] for entry in first.files if entry.path in FEATURES + ENCODER] == [
        entry for entry in first.files if entry.path in FEATURES + ENCODER
    ]


def test_files_with_known_entries_are_not_read(tmp_path):
    folder = tmp_path / "some"
    folder.mkdir()
    (folder / "a").write_text("a")
    (folder / "b").write_text("b")
    known = FileEntry("a", "not its checksum", 7)
    assert list_files(folder, {"a": known}) == (known, list_files(folder)[1])


def test_the_encoder_of_a_generation_returned_to_is_shared_with_the_next(plan, instance, gallery):
    first = build_index(plan, instance).path
    build_index(replace(plan, precision="bf16"), instance)
    IndexFolder(instance, "shapes").rollback()
    shutil.rmtree(instance / "encoders")
    draw("lines", 50).save(gallery / "lines" / "new.png")
    assert shared(first, sync("shapes", instance).summary.path, ENCODER) == ENCODER
