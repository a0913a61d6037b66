"""The command line, as people type it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from tests import serving


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """The command line on the sample index."""
    return app.test_cli_runner()


def test_search_finds_the_picture_itself_first(runner: FlaskCliRunner) -> None:
    picture = serving.pictures()[0]
    result = runner.invoke(args=["search", str(picture), "-k", "3"])
    assert result.exit_code == 0
    assert f"1     0.0000   1.0000  {picture.parent.name}" in result.output


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (["--exact"], r"visited (\d+) of \1 images, exact, \d+ ms"),
        (["--recall", "0.5"], r"in \d+ buckets, measured \d+, finds [\d.]+% as measured, \d+ ms"),
        (["--budget", "12"], r"in \d+ buckets, measured \d+, approximate, \d+ ms"),
    ],
)
def test_search_says_what_was_done(runner: FlaskCliRunner, wish: list[str], said: str) -> None:
    answer = runner.invoke(args=["search", str(serving.pictures()[0]), *wish])
    assert re.search(said, answer.output), answer.output


def test_search_takes_one_wish_at_a_time(runner: FlaskCliRunner) -> None:
    wishes = ["--recall", "0.9", "--exact"]
    answer = runner.invoke(args=["search", str(serving.pictures()[0]), *wishes])
    assert answer.exit_code == 1
    assert "one of exact, recall and budget" in answer.output


def test_search_prints_one_json_object_for_each_image(runner: FlaskCliRunner) -> None:
    pictures = [str(path) for path in serving.pictures()[:2]]
    result = runner.invoke(args=["search", *pictures, "--json", "--exact"])
    answers = [json.loads(line) for line in result.output.splitlines()]
    assert [answer["query"] for answer in answers] == pictures
    assert all(answer["exact"] for answer in answers)
    assert all(
        str(serving.gallery() / answer["hits"][0]["path"]) == picture
        for answer, picture in zip(answers, pictures, strict=True)
    )


def test_a_query_that_is_no_picture_is_explained(runner: FlaskCliRunner, tmp_path: Path) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("not a picture")
    result = runner.invoke(args=["search", str(text)])
    assert result.exit_code == 1
    assert str(text) in result.output


def test_the_other_pictures_are_searched_all_the_same(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    (tmp_path / "text.jpg").write_text("not a picture")
    files = [serving.pictures()[0], tmp_path / "text.jpg", serving.pictures()[1]]
    result = runner.invoke(args=["search", *map(str, files), "--json"])
    assert result.exit_code == 1
    found = [json.loads(line)["query"] for line in result.stdout.splitlines()]
    assert found == [str(files[0]), str(files[2])]
    assert result.stderr.startswith(f"Error: {files[1]} is not a picture")


@pytest.mark.parametrize("k", ["0", "-1", "1001", "x"])
def test_a_wrong_k_is_explained(runner: FlaskCliRunner, k: str) -> None:
    result = runner.invoke(args=["search", str(serving.pictures()[0]), "-k", k])
    assert result.exit_code == 2
    assert "-k" in result.output


def test_list_and_info_name_the_index(runner: FlaskCliRunner) -> None:
    assert "sample: 6" in runner.invoke(args=["index", "list"]).output
    info = runner.invoke(args=["index", "info"]).output
    assert "pocket" in info
    assert "sculpture" in info


def test_an_unknown_index_is_explained(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["index", "info", "nowhere"])
    assert result.exit_code == 1
    assert "'nowhere'" in result.output
    assert "sample" in result.output


def test_check_finds_the_damaged_file(copy: Path) -> None:
    runner = serving.make_app(copy).test_cli_runner()
    assert runner.invoke(args=["index", "check"]).exit_code == 0
    features = next(copy.glob("indexes/sample/generations/*/features.npy"))
    content = bytearray(features.read_bytes())
    content[-1] ^= 1
    features.unlink()
    features.write_bytes(content)
    result = runner.invoke(args=["index", "check"])
    assert result.exit_code == 1
    assert str(features) in result.output


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Return a folder of six pictures and a text."""
    folder = tmp_path / "pictures"
    for picture in serving.pictures()[::10]:
        target = folder / picture.parent.name / picture.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, target)
    (folder / "notes.txt").write_text("not a picture")
    return folder


@pytest.fixture
def fresh(tmp_path: Path) -> FlaskCliRunner:
    """The command line on an instance without an index, its encoder exported."""
    shutil.copytree(serving.instance() / "encoders", tmp_path / "instance/encoders")
    return serving.make_app(tmp_path / "instance").test_cli_runner()


def test_build_prints_a_summary_and_the_index_answers(fresh: FlaskCliRunner, few: Path) -> None:
    result = fresh.invoke(args=["index", "build", str(few), "--name", "few", "--kind", "exact"])
    assert result.exit_code == 0, result.output
    assert "6 kept, 1 rejected (1 not an image)" in result.stdout
    assert "6 computed, 0 reused" in result.stdout
    assert "100% of 6 pictures found themselves first" in result.stdout
    assert "few is sound" in fresh.invoke(args=["index", "check", "few"]).output
    again = fresh.invoke(args=["index", "build", str(few), "--name", "few", "--g", "5"])
    assert "0 computed, 6 reused" in again.stdout


def test_build_tells_machines_how_far_it_is(fresh: FlaskCliRunner, few: Path) -> None:
    result = fresh.invoke(args=["index", "build", str(few), "--name", "few", "--json"])
    assert result.exit_code == 0, result.output
    *told, last = [json.loads(line) for line in result.stdout.splitlines()]
    stages = list(dict.fromkeys(each["stage"] for each in told))
    assert [stage for stage in stages if stage in ("scan", "encode", "publish")] == [
        "scan", "encode", "publish"
    ]  # fmt: skip
    assert {each["rejected"] for each in told if each["stage"] not in ("encoder", "scan")} == {1}
    assert "6 kept, 1 rejected" in result.stderr
    assert last["done"] is True
    assert (last["index"], last["images"], last["rejected"]) == ("few", 6, {"not an image": 1})
    assert (last["computed"], last["reused"], last["precision"]) == (6, 0, "fp32")
    assert last["accepted"]["pictures"] == 6
    assert last["seconds"].keys() >= {"scan", "encode", "publish"}
    assert last["generation"].startswith("000001-")


def test_a_rebuild_reads_unchanged_files_where_it_is_told_to(
    fresh: FlaskCliRunner, few: Path
) -> None:
    build = ["index", "build", str(few), "--name", "few"]
    for options, shown in ([], False), ([], True), (["--reread"], False):
        result = fresh.invoke(args=[*build, *options])
        assert result.exit_code == 0, result.output
        assert ("7 unchanged" in result.stderr) is shown


def test_build_takes_what_can_be_chosen(fresh: FlaskCliRunner, few: Path) -> None:
    chosen = ["--precision", "bf16", "--reduce", "4", "--whiten", "--accept", "0"]
    chosen += ["--store-as", "float16"]
    result = fresh.invoke(args=["index", "build", str(few), "--name", "few", *chosen])
    assert result.exit_code == 0, result.output
    assert "4 wide, reduced by pca4w-" in result.stdout
    assert "stored as float16" in result.stdout
    assert "bf16, as asked for" in result.stdout
    assert "unchecked" in result.stdout
    for wrong in (["--reduce", "6"], ["--whiten"], ["--engine", "keras", "--precision", "int8"]):
        refused = fresh.invoke(args=["index", "build", str(few), "--name", "few", *wrong])
        assert refused.exit_code == 1
        assert refused.stderr.splitlines()[-1].startswith("Error: ")


def test_building_an_empty_folder_is_refused(fresh: FlaskCliRunner, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = fresh.invoke(args=["index", "build", str(tmp_path / "empty")])
    assert result.exit_code == 1
    assert str(tmp_path / "empty") in result.output


def test_gallery_check_counts_reasons_and_writes_lists(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    csv_file, json_file = tmp_path / "list.csv", tmp_path / "list.json"
    result = runner.invoke(
        args=["gallery", "check", str(serving.gallery()), "--csv", str(csv_file),
              "--json", str(json_file)]
    )  # fmt: skip
    assert result.exit_code == 0
    assert "not an image" in result.output
    assert "damaged" in result.output
    rows = json.loads(json_file.read_text())
    assert len(csv_file.read_text().splitlines()) == len(rows) + 1
    assert sum(row["kept"] for row in rows) >= serving.COUNT


def test_gallery_sample_draws_the_same_twice(runner: FlaskCliRunner, tmp_path: Path) -> None:
    for name in ("one", "two"):
        runner.invoke(args=["gallery", "sample", str(tmp_path / name), "--count", "10"])
    one = sorted(path.read_bytes() for path in (tmp_path / "one").rglob("*.*"))
    two = sorted(path.read_bytes() for path in (tmp_path / "two").rglob("*.*"))
    assert len(one) > 10
    assert one == two


@pytest.mark.parametrize("option", ["--csv", "--json"])
def test_a_list_that_cannot_be_written_is_explained(
    runner: FlaskCliRunner, tmp_path: Path, option: str
) -> None:
    target = tmp_path / "absent" / "list"
    result = runner.invoke(args=["gallery", "check", str(serving.gallery()), option, str(target)])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert f"Error: {target}: No such file or directory" in result.output


def test_a_sample_in_a_folder_that_cannot_be_made_is_explained(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "sample"
    result = runner.invoke(args=["gallery", "sample", str(target)])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert str(target) in result.output


def test_a_wrong_setting_ends_a_command_with_its_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flask", "index", "list"]
    environment = os.environ | {"LIKENESS_MAX_K": "many", "LIKENESS_INSTANCE": str(tmp_path)}
    done = subprocess.run(
        command, cwd=serving.PROJECT, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"Error: LIKENESS_MAX_K should be a whole number")


def test_help_lists_every_command_with_a_whole_sentence(runner: FlaskCliRunner) -> None:
    for group in ([], ["index"], ["gallery"]):
        listed = runner.invoke(args=[*group, "--help"]).output.split("Commands:")[1]
        assert "..." not in listed
