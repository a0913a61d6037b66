"""The builds on disk: one pointer, one builder, a few kept, and the way back to them."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from indexer.build import build_index
from indexer.building.drafts import drafting
from indexer.errors import BadParameter, BuildRunning, DamagedIndex, NoIndex, UnknownIndex
from indexer.generations import IndexFolder, index_names, require_name
from indexer.history import history, return_to
from indexer.live import sync
from indexer.manifest import FORMAT, read_manifest, write_manifest
from indexer.opening import check_index, open_current
from indexer.shelf import Shelf
from tests.indexer.fixtures import draw_gallery, plan_of
from tests.restored import Restored


@pytest.mark.parametrize("name", ["", "A", "-a", "a/b", "..", "a.b", "é", "a" * 65, "a\n"])
def test_names_that_are_no_folder_names_are_refused(name):
    with pytest.raises(BadParameter, match="name"):
        require_name(name)


def test_three_generations_before_the_newest_are_kept(plan, instance):
    names = [build_index(plan, instance).generation for _ in range(5)]
    folder = IndexFolder(instance, "shapes")
    assert sorted(names) == names
    assert folder.generations() == names[1:]
    assert folder.current() == names[4]
    left = sorted(path.name for path in folder.path.iterdir())
    assert left == ["current", "generations", "lock", "pointer.lock"]


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
    assert json.loads((copy / "manifest.json").read_text())["content"]["format"] == FORMAT


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


@pytest.fixture(scope="module")
def prepared(spec, exported, tmp_path_factory):
    """Return a folder of pictures, and an index with four generations, of two kinds in turn."""

    def make(folder):
        shutil.copytree(exported, folder / "instance/encoders")
        plan = plan_of(draw_gallery(folder / "gallery"), spec)
        for kind in ("lsh", "exact", "lsh", "exact"):
            build_index(replace(plan, kind=kind), folder / "instance")

    return Restored(tmp_path_factory.mktemp("four"), make)


@pytest.fixture
def four(prepared):
    """Return the folder of that index, which a test may change."""
    return IndexFolder(prepared.again() / "instance", "shapes")


@pytest.fixture
def next_plan(four, spec):
    """Return the plan that made them, of which another may be built."""
    return plan_of(four.instance.parent / "gallery", spec)


def test_rollback_goes_back_one_generation_at_a_time(four):
    names = four.generations()
    shelf = Shelf(four.instance)
    assert shelf.get("shapes").generation == names[3]
    for expected in (names[2], names[1], names[0]):
        assert four.rollback() == expected
        shelf.refresh()
        assert shelf.get("shapes").generation == expected
    assert four.generations() == names
    with pytest.raises(BadParameter, match="none before"):
        four.rollback()


@pytest.mark.parametrize("wanted", ["000002", "2", None])
def test_rollback_goes_to_a_generation_by_name_or_number(four, wanted):
    second = four.generations()[1]
    manifest = return_to(four.instance, "shapes", wanted or second)
    assert manifest.generation == second == four.current()
    assert open_current(four.instance, "shapes").manifest.kind == "exact"


def test_rollback_can_return_to_a_later_generation(four):
    last = four.generations()[3]
    four.rollback("1")
    assert four.rollback("4") == last == four.current()


@pytest.mark.parametrize("wanted", ["9", "", "0", "x", "../000001"])
def test_rollback_to_what_is_not_there_names_what_is(four, wanted):
    with pytest.raises(BadParameter) as caught:
        return_to(four.instance, "shapes", wanted)
    assert all(name in str(caught.value) for name in four.generations())
    assert four.current() == four.generations()[3]


def test_rollback_to_a_damaged_generation_is_refused(four):
    names = four.generations()
    content = bytearray((four.generation(names[2]) / "features.npy").read_bytes())
    content[-4] ^= 1
    (four.generation(names[2]) / "features.npy").write_bytes(content)
    with pytest.raises(DamagedIndex, match=r"features\.npy"):
        return_to(four.instance, "shapes")
    assert four.current() == names[3]


def test_one_can_return_while_a_build_runs(four, next_plan):
    names = four.generations()

    def back(progress):
        if progress.stage == "encode" and four.current() == names[3]:
            assert return_to(four.instance, "shapes", "2").generation == names[1]
            assert open_current(four.instance, "shapes").manifest.generation == names[1]

    built = build_index(next_plan, four.instance, back).generation
    assert four.current() == built
    assert four.generations() == [*names[:2], built]
    assert four.find() == names[1]


def test_prune_leaves_a_running_build_what_it_works_with(four, next_plan):
    names = four.generations()

    def clear(progress):
        if progress.stage == "encode" and progress.done and four.current() == names[3]:
            four.rollback("2")
            assert four.prune(0) == [names[0], names[2]]

    built = build_index(next_plan, four.instance, clear).generation
    assert four.generations() == [names[1], built]
    check_index(four.instance, "shapes")


def test_prune_leaves_sync_the_generation_that_it_goes_on_from(four):
    names = four.generations()
    (four.generation(names[3]) / "norms.npy").unlink()

    def clear(progress):
        if progress.stage == "scan":
            four.prune(0)

    assert sync("shapes", four.instance, progress=clear).summary
    assert four.generations()[:-1] == names[2:]
    assert open_current(four.instance, "shapes").problem == ""


def test_what_a_builder_held_can_be_removed_when_it_has_ended(four):
    with drafting(four.instance, "shapes") as draft:
        draft.hold(four.generations()[0])
        assert len(four.prune(0)) == 2
    assert len(four.prune(0)) == 1


def test_who_moves_the_pointer_waits_for_the_one_who_does(four):
    names = four.generations()
    with ThreadPoolExecutor(1) as pool:
        with four.changing():
            waiting = pool.submit(four.rollback)
            with pytest.raises(TimeoutError):
                waiting.result(0.2)
            assert four.current() == names[3]
        assert waiting.result(60) == names[2] == four.current()


def test_who_moves_the_pointer_does_not_wait_for_ever(four, monkeypatch):
    monkeypatch.setattr("indexer.generations.WAIT_SECONDS", 0.1)
    with four.changing(), pytest.raises(BuildRunning, match="has been changing"):
        four.rollback()


def test_a_build_after_a_rollback_replaces_what_was_returned_from(four, next_plan):
    names = four.generations()
    four.rollback("2")
    built = build_index(next_plan, four.instance).generation
    assert built > names[3]
    assert four.generations() == [*names[:2], built]
    assert four.candidates(four.current()) == [built, names[1], names[0]]


@pytest.mark.parametrize(("keep", "left"), [(0, [3]), (1, [2, 3]), (2, [1, 2, 3]), (9, range(4))])
def test_prune_keeps_the_current_generation_and_some_before(four, keep, left):
    names = four.generations()
    gone = four.prune(keep)
    assert four.generations() == [names[n] for n in left]
    assert sorted([*gone, *four.generations()]) == names


def test_prune_after_a_rollback_keeps_what_serves(four):
    names = four.generations()
    four.rollback("2")
    assert four.prune(0) == [names[0], *names[2:]]
    assert open_current(four.instance, "shapes").manifest.generation == names[1]


def test_the_history_tells_which_generation_serves(four):
    names = four.generations()
    four.rollback("2")
    (four.generation(names[0]) / "manifest.json").unlink()
    past = history(four.instance, "shapes")
    assert [each.name for each in past] == names
    assert [each.state for each in past] == ["before", "current", "after", "after"]
    assert past[0].manifest is None
    assert "manifest.json" in past[0].problem
    assert past[1].manifest.kind == "exact"
