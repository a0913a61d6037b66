"""`flask train classifier | triplet | pairs | hash`, as people type, stop and resume them."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import Result
from flask.testing import FlaskCliRunner

from app.cli.training.methods import classifier, hash_codes, pairs, triplet
from indexer.experiments.telling.advice import ENOUGH
from models.types import EncoderSpec
from tests import serving
from tests.app.stopping import interrupted
from tests.indexer.fixtures import draw_gallery
from tests.once import prepared

pytestmark = pytest.mark.usefixtures("untraced")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 30 drawn pictures in three classes."""
    return draw_gallery(tmp_path_factory.mktemp("pictures") / "gallery", 10)


def command(method: str, pictures: Path, *more: str) -> list[str]:
    return [
        "train", method, str(pictures), "--network", "simple_cnn", "--name", "mine", "--size",
        "32", "--precision", "fp32", *more,
    ]  # fmt: skip


def test_training_is_stopped_resumed_and_used_for_an_index_and_a_report(
    pictures: Path, tmp_path: Path
) -> None:
    instance = tmp_path / "instance"
    prepared(EncoderSpec("pocket", "bundled"), instance / "encoders")
    runner = serving.make_app(instance).test_cli_runner()
    typed = command("hash", pictures, "--epochs", "4", "--batch-size", "4", "--bits", "32")
    with interrupted(instance / "runs/mine/curve.png"):
        training = runner.invoke(args=typed)
    assert training.exit_code == 130, training.output
    said = training.stderr
    assert "what was learnt is kept" in said
    assert said.rstrip().endswith("--network run:mine")
    again = said.rstrip().splitlines()[-2].strip()
    assert again.endswith("--resume")
    assert "--bits 32" in again

    stopped = runner.invoke(args=typed)
    assert stopped.exit_code == 1
    assert "Go on with it: --resume" in stopped.stderr
    resumed = runner.invoke(args=shlex.split(again)[1:])
    assert resumed.exit_code == 0, resumed.output
    assert "drawn anew: conv1, conv2, conv3, conv4" in resumed.stdout
    assert "mAP " in resumed.stdout
    assert "drawn anew" in (instance / "runs/mine/card.md").read_text()
    assert "of the mAP of before, in 8 bytes a picture instead of 1,024" in resumed.stdout
    assert "flask index prune --features" in resumed.stdout
    assert (instance / "reports" / "training-mine" / "index.html").is_file()
    assert not (instance / "runs/mine/stage.json").exists()
    read_what_came_of_it(instance)

    built = runner.invoke(
        args=["index", "build", str(pictures), "--name", "codes", "--network", "run:mine",
              "--kind", "hamming", "--accept", "0"]
    )  # fmt: skip
    assert built.exit_code == 0, built.output
    compared = runner.invoke(
        args=["evaluate", "folders", str(pictures), "--split", "0.2", "--name", "both",
              "--network", "pocket", "--network", "run:mine", "--layer", "head_1"]
    )  # fmt: skip
    assert compared.exit_code == 0, compared.output
    assert "run:mine head_1" in compared.stdout
    more = runner.invoke(
        args=["train", "triplet", str(pictures), "--network", "run:mine", "--name", "more",
              "--epochs", "2", "--precision", "fp32", "--mining", "batch-hard"]
    )  # fmt: skip
    require_told(more, "more")
    assert "Before: simple_cnn with the weights of run:mine" in more.stdout
    read_what_came_of_it(instance, "more")


def require_told(trained: Result, name: str) -> None:
    """Require that a training has succeeded, and said how it goes."""
    assert trained.exit_code == 0, trained.output
    assert f"/runs/{name} shows how it goes" in trained.stderr
    assert "3 classes: circles 10, lines 10, squares 10" in trained.stderr
    assert "epoch 2: loss " in trained.stderr


def read_what_came_of_it(instance: Path, name: str = "mine") -> None:
    """Read the page of a run, and its twin, and find what the record says."""
    visitor = serving.make_app(instance).test_client()
    page = visitor.get(f"/runs/{name}").text
    twin = visitor.get(f"/runs/{name}", headers={"Accept": "application/json"}).json
    known = json.loads((instance / "runs" / name / "run.json").read_text())
    assert twin["problems"] == []
    assert twin["headline"].replace("->", "\N{RIGHTWARDS ARROW}") in page
    for field in ("method", "sha256", "parameters", "begun", "precision", "variants"):
        assert twin[field] == known[field]
    assert twin["shown"] == known["data"]["shown"]
    assert twin["sha256"] in page
    assert twin["right_is"] in page
    assert known["retrieval"]["before"] in page
    assert twin["classes"] == [
        {"name": name, "shown": shown, "held_out": held_out}
        for name, (shown, held_out) in known["classes"].items()
    ]
    assert len(twin["curve"]) == len(known["curve"])
    assert ("How well the classes" in page) == (known["classification"] is not None)
    assert ("--kind hamming" in page) == (
        known["method"] == "hash" and known["retrieval"]["codes"]["share"] >= ENOUGH
    )
    assert str(instance.parent) not in page


@pytest.mark.parametrize("method", ["classifier", "pairs"])
def test_a_run_of_the_other_methods_can_be_read(
    pictures: Path, tmp_path: Path, method: str
) -> None:
    instance = tmp_path / "instance"
    runner = serving.make_app(instance).test_cli_runner()
    require_told(runner.invoke(args=command(method, pictures, "--epochs", "2")), "mine")
    read_what_came_of_it(instance)


@pytest.fixture
def runner(tmp_path: Path) -> FlaskCliRunner:
    """Return the command line on an empty instance."""
    return serving.make_app(tmp_path / "instance").test_cli_runner()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--recipe", "model1"], "There is no recipe 'model1' for simple_cnn"),
        (["--mining", "batch-hard", "--in-class", "0.5"], "leave out --mining, or --in-class"),
        (["--held-out", "0.3", "--validation", "."], "Leave out --held-out 0.3"),
        (["--init-missing"], "Leave out --init-missing"),
        (
            ["--network", "run:none"],
            "brings its own weights, pooling and size. Leave out --size 32",
        ),
        (["--min-per-class", "29"], "two classes of 29 different pictures or more"),
    ],
)
def test_what_cannot_be_learnt_is_refused_with_its_cure(
    runner: FlaskCliRunner, pictures: Path, arguments: list[str], said: str
) -> None:
    refused = runner.invoke(args=command("triplet", pictures, *arguments))
    assert refused.exit_code == 1
    assert said in refused.stderr
    again = runner.invoke(args=command("triplet", pictures, *arguments))
    assert said in again.stderr  # nothing was begun


def test_runs_that_are_not_there_are_refused_wherever_they_are_named(
    runner: FlaskCliRunner, pictures: Path
) -> None:
    for arguments in (
        ["index", "build", str(pictures), "--network", "run:none"],
        ["evaluate", "folders", str(pictures), "--network", "run:none"],
    ):
        refused = runner.invoke(args=arguments)
        assert refused.exit_code == 1
        assert "There is no run 'none'" in refused.stderr


def test_run_brings_its_own_weights(runner: FlaskCliRunner, pictures: Path) -> None:
    named = ["--network", "run:mine", "--weights", "bundled"]
    for arguments in (["index", "build", str(pictures)], ["evaluate", "folders", str(pictures)]):
        refused = runner.invoke(args=[*arguments, *named])
        assert refused.exit_code == 1
        assert "Leave out --weights bundled" in refused.stderr


def test_every_option_of_the_methods_is_explained_in_the_documents() -> None:
    text = (serving.PROJECT / "docs/training.md").read_text()
    named = set(re.findall(r"`(--[a-z-]+)", text))
    for each in (classifier, triplet, pairs, hash_codes):
        options = [part for part in each.params if isinstance(part, click.Option)]
        assert {option.opts[0] for option in options} <= named
        assert all(option.help for option in options)
