"""The builds on disk: one pointer, one builder, the last two kept."""

import json
from dataclasses import replace

import pytest

from indexer.build import build_index
from indexer.errors import BadParameter, BuildRunning, NoIndex, UnknownIndex
from indexer.generations import IndexFolder, drafting, index_names, require_name
from indexer.manifest import read_manifest, write_manifest
from indexer.opening import check_index, open_current


@pytest.mark.parametrize("name", ["", "A", "-a", "a/b", "..", "a.b", "é", "a" * 65, "a\n"])
def test_names_that_are_no_folder_names_are_refused(name):
    with pytest.raises(BadParameter, match="name"):
        require_name(name)


def test_the_last_two_generations_are_kept(plan, instance):
    names = [build_index(plan, instance).generation for _ in range(3)]
    folder = IndexFolder(instance, "shapes")
    assert sorted(names) == names
    assert folder.generations() == names[1:]
    assert folder.current() == names[2]
    assert sorted(path.name for path in folder.path.iterdir()) == ["current", "generations", "lock"]


def test_a_generation_is_whole_and_checks(built):
    manifest = check_index(built, "shapes")
    path = IndexFolder(built, "shapes").generation(manifest.generation)
    files = {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()}
    assert files == {entry.path for entry in manifest.files} | {"manifest.json"}
    assert manifest.images == 24
    assert manifest.fingerprint.dim == 256


def test_a_manifest_comes_back_as_it_was(built, tmp_path):
    manifest = open_current(built, "shapes").manifest
    copy = tmp_path / manifest.generation
    copy.mkdir()
    write_manifest(copy, manifest)
    assert read_manifest(copy) == manifest
    assert json.loads((copy / "manifest.json").read_text())["content"]["format"] == 1


def test_one_builder_at_a_time(instance):
    with (
        drafting(instance, "shapes"),
        pytest.raises(BuildRunning, match="another process"),
        drafting(instance, "shapes"),
    ):
        pass
    with drafting(instance, "shapes"):
        pass


def test_two_indexes_may_be_built_at_once(instance):
    with drafting(instance, "one"), drafting(instance, "two"):
        pass


def test_an_abandoned_draft_is_removed(instance):
    folder = IndexFolder(instance, "shapes")
    (folder.staging / "000009-20200101T000000").mkdir(parents=True)
    with drafting(instance, "shapes") as draft:
        assert [path.name for path in folder.staging.iterdir()] == [draft.generation]
    assert not folder.staging.exists()


def test_names_are_those_of_built_indexes(built, instance):
    assert index_names(built) == ["shapes"]
    assert index_names(instance) == []
    (instance / "indexes" / "empty").mkdir(parents=True)
    assert index_names(instance) == []


def test_what_was_not_built_is_explained(built, instance):
    with pytest.raises(NoIndex, match="flask index build"):
        open_current(instance, "shapes")
    with pytest.raises(UnknownIndex, match="shapes"):
        open_current(built, "other")


def test_a_lost_pointer_leaves_the_newest_generation(copied):
    IndexFolder(copied, "shapes").pointer.unlink()
    generation = open_current(copied, "shapes")
    assert "pointer" in generation.problem or "current" in generation.problem
    assert generation.manifest.images == 24


def test_a_generation_that_never_became_current_does_not_serve(plan, instance):
    first = build_index(plan, instance).generation
    build_index(plan, instance)
    folder = IndexFolder(instance, "shapes")
    folder.pointer.write_text(first + "\n")
    assert open_current(instance, "shapes").manifest.generation == first
    third = build_index(replace(plan, kind="exact"), instance)
    assert folder.generations() == [first, third.generation]
