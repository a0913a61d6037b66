"""The command line, as people type it."""

import json
import shutil
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


def test_build_prints_a_summary_and_the_index_answers(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    for picture in serving.pictures()[::10]:
        target = folder / picture.parent.name / picture.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, target)
    (folder / "notes.txt").write_text("not a picture")
    shutil.copytree(serving.instance() / "encoders", tmp_path / "instance/encoders")
    runner = serving.make_app(tmp_path / "instance").test_cli_runner()
    result = runner.invoke(args=["index", "build", str(folder), "--name", "few", "--kind", "exact"])
    assert result.exit_code == 0, result.output
    assert "6 kept, 1 rejected (1 not an image)" in result.output
    assert "few is sound" in runner.invoke(args=["index", "check", "few"]).output


def test_building_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    runner = serving.make_app(tmp_path / "instance").test_cli_runner()
    result = runner.invoke(args=["index", "build", str(tmp_path / "empty")])
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
