"""`flask index sync` and its like, as people type them."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result

from app.cli import tables
from indexer.build import build_index
from indexer.building.plans import BuildPlan
from indexer.decoding.ahead import MOST
from indexer.generations import IndexFolder
from indexer.indexes.base import IndexOptions
from indexer.types import Progress
from models.types import EncoderSpec
from tests import serving


def test_sync_tells_what_has_changed(index: Callable[..., Result], gallery: Path) -> None:
    first, second, third, *_ = sorted(gallery.glob("*/*.jpg"))
    first.unlink()
    second.rename(gallery / "moved.jpg")
    third.write_bytes(serving.png())
    (gallery / "new.png").write_bytes(serving.png(color="red"))
    (gallery / "text.jpg").write_text("not a picture")
    result = index("sync", "few")
    assert result.exit_code == 0, result.output
    assert "1 added, 1 changed, 1 moved, 1 dropped\n" in result.stdout
    assert "6 kept, 1 rejected" in result.stdout
    assert "2 computed, 4 reused" in result.stdout
    assert "text.jpg" in result.stdout
    assert "few is sound" in index("check", "few").output


def test_sync_says_where_nothing_has_changed(index: Callable[..., Result]) -> None:
    result = index("sync", "few")
    assert result.exit_code == 0
    assert result.stdout == "Nothing has changed: few stays as it is, with 6 images\n"


def test_a_picture_is_removed_and_added(index: Callable[..., Result], gallery: Path) -> None:
    picture = next(gallery.glob("*/*.jpg"))
    removed = index("remove", "few", picture)
    assert "1 dropped" in removed.stdout
    assert "5 kept, 1 rejected" in removed.stdout
    assert index("sync", "few").stdout.startswith("Nothing has changed")
    assert "1 added" in index("add", "few", picture).stdout
    assert index("add", "few", picture).stdout.startswith("Nothing has changed")


@pytest.mark.parametrize("command", ["add", "remove"])
def test_a_file_of_another_folder_is_explained(
    index: Callable[..., Result], gallery: Path, command: str
) -> None:
    outside = serving.pictures()[0]
    result = index(command, "few", outside)
    assert result.exit_code == 1
    assert f"{outside} lies in none of the folders of the index: {gallery}" in result.stderr


def test_one_can_go_back_and_forth(index: Callable[..., Result], gallery: Path) -> None:
    next(gallery.glob("*/*.jpg")).unlink()
    index("sync", "few")
    first, second = index("generations", "few").stdout.splitlines()
    assert first.startswith("000001-")
    assert "  before  " in first
    assert "6 images" in first
    assert "  current  " in second
    assert "5 images" in second
    assert "few: 6 images" in index("rollback", "few").stdout
    assert "few: 5 images" in index("rollback", "few", "--to", "2").stdout
    assert "none before" in (index("rollback", "few"), index("rollback", "few"))[1].stderr


def test_prune_removes_what_does_not_serve(
    index: Callable[..., Result], gallery: Path, instance: Path
) -> None:
    next(gallery.glob("*/*.jpg")).unlink()
    index("sync", "few")
    folder = IndexFolder(instance, "few")
    first, second = folder.generations()
    assert "no generation to remove" in index("prune", "few").stdout
    assert f"Removed {first}" in index("prune", "few", "--keep", "0").stdout
    assert folder.generations() == [second]


def test_prune_removes_features_that_no_generation_uses(
    index: Callable[..., Result], instance: Path
) -> None:
    stored = instance / "features"
    (mine,) = stored.iterdir()
    other = stored / "pocket-0123456789abcdef"
    other.mkdir()
    (other / "000001.keys").write_bytes(bytes(3_000_000))
    index("prune", "few")
    assert other.exists()
    assert "Removed 3.0 MB of stored features" in index("prune", "few", "--features").stdout
    assert list(stored.iterdir()) == [mine]


def test_prune_removes_features_and_maps_of_no_index_in_particular(
    index: Callable[..., Result], instance: Path
) -> None:
    maps = instance / "trunks" / "resnet50-0123456789abcdef"
    maps.mkdir(parents=True)
    (maps / "000001.keys").write_bytes(bytes(3_000_000))
    before = index("generations", "few").stdout
    assert "Removed 3.0 MB" in index("prune", "--features").stdout
    assert not maps.exists()
    assert index("generations", "few").stdout == before
    for arguments in ([], ["--keep", "0"], ["--keep", "0", "--features"]):
        refused = index("prune", *arguments)
        assert refused.exit_code == 2
        assert "Name the index" in refused.stderr


def test_an_update_can_go_live_unchecked_for_once(
    index: Callable[..., Result], gallery: Path
) -> None:
    new = gallery / "new.png"
    new.write_bytes(serving.png(color="red"))
    for command in (["sync", "few"], ["remove", "few", new], ["add", "few", new]):
        unchecked = index(*command, "--accept", "0")
        assert unchecked.exit_code == 0, unchecked.output
        assert "accepted    unchecked\n" in unchecked.stdout
    new.unlink()
    assert "(80% was wanted)" in index("sync", "few").stdout
    assert index("sync", "few", "--accept", "2").exit_code == 2


def test_a_summary_tells_how_many_pictures_could_not_be_read_again(
    tmp_path: Path, gallery: Path, spec: EncoderSpec, exported: Path
) -> None:
    shutil.copytree(exported, tmp_path / "instance/encoders")
    first, *_ = sorted(gallery.glob("*/*.jpg"))

    def vanish(progress: Progress) -> None:
        if progress.stage == "accept":
            first.unlink(missing_ok=True)

    summary = build_index(BuildPlan((gallery,), encoder=spec), tmp_path / "instance", vanish)
    assert "100% of 5 pictures" in tables.summary(summary)
    assert "; 1 more could not be read again" in tables.summary(summary)


def test_a_summary_remarks_on_reduced_features_that_are_ranked_by_their_lengths(
    tmp_path: Path, gallery: Path, spec: EncoderSpec, exported: Path
) -> None:
    shutil.copytree(exported, tmp_path / "instance/encoders")
    options = IndexOptions(metric="euclidean")
    plan = BuildPlan((gallery,), encoder=spec, reduce=4, options=options)
    summary = tables.summary(build_index(plan, tmp_path / "instance"))
    assert "lsh, euclidean; cosine suits reduced features better" in summary
    plain = replace(plan, options=IndexOptions())
    assert "cosine suits" not in tables.summary(build_index(plain, tmp_path / "instance"))


def test_the_help_tells_how_many_processes_decode_at_most(index: Callable[..., Result]) -> None:
    shown = " ".join(index("build", "--help").output.split())
    assert f"one for each core, but {MOST} at most" in shown


@pytest.mark.parametrize("command", ["sync", "generations", "rollback", "prune"])
def test_an_index_that_is_not_there_is_explained(
    index: Callable[..., Result], command: str
) -> None:
    result = index(command, "nowhere")
    assert result.exit_code == 1
    assert "no index 'nowhere'. There is: few" in result.stderr


def test_ctrl_c_ends_a_build_with_one_line(tmp_path: Path) -> None:
    shutil.copytree(serving.instance() / "encoders", tmp_path / "instance/encoders")
    command = [sys.executable, "-m", "flask", "index", "build", str(serving.gallery())]
    settings = os.environ | {"LIKENESS_INSTANCE": str(tmp_path / "instance"), "FLASK_APP": "app"}
    with subprocess.Popen(
        [*command, "--name", "all", "--batch-size", "1"],
        cwd=serving.PROJECT,
        env=settings,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as build:
        assert build.stderr is not None
        shown = [build.stderr.readline()]
        while not shown[-1].startswith("encode"):
            assert shown[-1], "".join(shown)
            shown.append(build.stderr.readline())
        os.killpg(build.pid, signal.SIGINT)  # as a terminal does
        rest = build.stderr.read()
        assert build.wait(60) == 130
    assert "Traceback" not in rest
    last = rest.splitlines()[-1]
    assert last.startswith("Stopped; the work so far is kept. To go on: flask index build ")
    assert last.endswith("--name all --batch-size 1")
    assert not (tmp_path / "instance/indexes/all/staging").exists()
