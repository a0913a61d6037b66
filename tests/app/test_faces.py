"""Faces on the command line and in a browser: trained on, indexed, searched, and refused kindly."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from tests import serving
from tests.indexer.fixtures import draw_gallery
from tests.indexer.test_faces import draw_faces
from tests.portraits import draw_portrait

pytestmark = pytest.mark.usefixtures("untraced")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 12 pictures with faces, in two classes."""
    return draw_faces(tmp_path_factory.mktemp("pictures") / "gallery", 6)


@pytest.fixture(scope="module")
def instance(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an instance with a run that learnt from faces, and an index by it."""
    folder = tmp_path_factory.mktemp("faces") / "instance"
    runner = serving.make_app(folder).test_cli_runner()
    trained = runner.invoke(
        args=["train", "classifier", str(pictures), "--network", "simple_cnn", "--name", "mine",
              "--size", "32", "--epochs", "1", "--precision", "fp32", "--faces"]
    )  # fmt: skip
    assert trained.exit_code == 0, trained.output
    built = runner.invoke(
        args=["index", "build", str(pictures), "--network", "run:mine", "--crop", "faces",
              "--name", "people", "--kind", "exact", "--accept", "0"]
    )  # fmt: skip
    assert built.exit_code == 0, built.output
    return folder


@pytest.fixture
def runner(instance: Path) -> FlaskCliRunner:
    return serving.make_app(instance).test_cli_runner()


@pytest.fixture
def waves(tmp_path: Path) -> Path:
    """Return a picture without a face."""
    draw_portrait(()).save(tmp_path / "waves.png")
    return tmp_path / "waves.png"


def test_a_run_on_faces_brings_them_along(runner: FlaskCliRunner, instance: Path) -> None:
    known = json.loads((instance / "runs" / "mine" / "encoder.json").read_text())
    assert known["crop"] == "faces"
    assert "32 x 32 pixels of the largest face" in (instance / "runs/mine/card.md").read_text()
    told = runner.invoke(args=["index", "info", "people"])
    assert "32 pixels of the largest face" in told.stdout


def test_a_search_takes_the_face_or_the_part_that_is_given(
    runner: FlaskCliRunner, pictures: Path, waves: Path
) -> None:
    file = str(pictures / "one" / "0.png")
    found = runner.invoke(args=["search", file, "--index", "people", "-k", "1", "--json"])
    assert json.loads(found.stdout)["hits"][0]["path"] == "one/0.png"
    refused = runner.invoke(args=["search", str(waves), "--index", "people"])
    assert refused.exit_code == 1
    assert "No face was found in" in refused.stderr
    assert "--crop LEFT TOP RIGHT BOTTOM" in refused.stderr
    part = ["--crop", "10", "10", "90", "90"]
    found = runner.invoke(args=["search", str(waves), "--index", "people", *part])
    assert found.exit_code == 0, found.output


def test_a_visitor_is_told_that_no_face_was_found(instance: Path, waves: Path) -> None:
    client = serving.make_app(instance).test_client()
    answer = serving.api(client, waves.read_bytes(), "index=people")
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["error"]["code"] == "no_face"
    assert "looks at the camera" in answer.json["error"]["message"]


def test_a_page_on_an_index_of_faces_says_so(instance: Path) -> None:
    page = serving.make_app(instance).test_client().get("/index/people").get_data(as_text=True)
    assert "32 x 32 pixels of the largest face" in page


def test_faces_are_refused_of_a_run_on_whole_pictures(tmp_path: Path) -> None:
    gallery = draw_gallery(tmp_path / "gallery", 6)
    runner = serving.make_app(tmp_path / "instance").test_cli_runner()
    trained = runner.invoke(
        args=["train", "classifier", str(gallery), "--network", "simple_cnn", "--name", "whole",
              "--size", "32", "--epochs", "1", "--precision", "fp32"]
    )  # fmt: skip
    assert trained.exit_code == 0, trained.output
    for command in (["index", "build"], ["evaluate", "folders"]):
        refused = runner.invoke(
            args=[*command, str(gallery), "--network", "run:whole", "--crop", "faces"]
        )
        assert refused.exit_code == 1
        assert "Leave out --crop faces, or train it with --faces" in refused.stderr
