"""`flask train`, as people type it, stop it and go on with it."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from app.cli import outcomes
from app.cli.stopping import stop_requests, typed
from app.cli.training.distill import distill
from indexer.files import sha256_of
from models.types import EncoderSpec
from models.weights import resolve
from tests import serving
from tests.app.stopping import interrupted
from tests.indexer.fixtures import draw_gallery
from tests.models.nets import random_network, write_npz


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 18 drawn pictures in three classes."""
    return draw_gallery(tmp_path_factory.mktemp("pictures") / "gallery", 6)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of weights of the table's smallest network, drawn from a seed."""
    return write_npz(random_network("simple_cnn"), tmp_path_factory.mktemp("teacher") / "it.npz")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of weights that a student may begin with."""
    return write_npz(random_network("pocket"), tmp_path_factory.mktemp("begun") / "begun.npz")


@pytest.fixture
def runner(tmp_path: Path) -> FlaskCliRunner:
    """Return the command line on an empty instance."""
    return serving.make_app(tmp_path / "instance").test_cli_runner()


def stopped_here(arguments: list[str], instance: Path) -> tuple[int, str]:
    """Run a training until its first epoch; return how it ended, and what it said."""
    runner = serving.make_app(instance).test_cli_runner()
    with interrupted(instance / "runs/tiny/curve.png"):
        training = runner.invoke(args=arguments)
    return training.exit_code, training.stderr


def stopped_alone(arguments: list[str], instance: Path) -> tuple[int, str]:
    """Run a training in a process of its own until it begins to learn; return the same."""
    training = subprocess.Popen(
        [sys.executable, "-m", "flask", *arguments],
        cwd=serving.PROJECT,
        env=os.environ | {"LIKENESS_INSTANCE": str(instance)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert training.stderr is not None
    next(line for line in training.stderr if line.startswith("learn"))
    training.send_signal(signal.SIGINT)
    _, said = training.communicate(timeout=200)
    return training.returncode, said


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize(
    "stopped", [stopped_here, pytest.param(stopped_alone, marks=pytest.mark.campaign)]
)
def test_training_is_stopped_resumed_and_its_weights_build_an_index(
    runner: FlaskCliRunner,
    pictures: Path,
    teacher: Path,
    begun: Path,
    tmp_path: Path,
    stopped: Callable[[list[str], Path], tuple[int, str]],
    capfd: pytest.CaptureFixture[str],
) -> None:
    instance = tmp_path / "instance"
    command = [
        "train", "distill", str(pictures), "--teacher", "simple_cnn", "--weights", str(teacher),
        "--start", str(begun), "--name", "tiny", "--epochs", "2", "--size", "32",
        "--batch-size", "16", "--precision", "fp32", "--evaluate", str(pictures),
    ]  # fmt: skip
    status, said = stopped(command, instance)
    assert status == 130
    assert "Stopping as soon as" in capfd.readouterr().err + said
    again = said.rstrip().splitlines()[-1].strip()
    assert again == shlex.join(["flask", *command, "--resume"])

    resumed = runner.invoke(args=shlex.split(again)[1:])
    assert resumed.exit_code == 0, resumed.output
    assert "epoch 2 of 2, loss " in said + resumed.stderr
    run = instance / "runs" / "tiny"
    assert {path.name for path in run.iterdir()} >= {"weights.npz", "card.md", "curve.png"}
    assert resolve(EncoderSpec("pocket", str(run / "weights.npz"))).sha256 in resumed.stdout
    assert re.search(r"thumbnail +0\.\d+ +0\.\d+ +0\.\d+", resumed.stdout)

    record = json.loads((run / "run.json").read_text())
    assert record["state"] == "done"
    assert [epoch["held_out"] for epoch in record["curve"]] == [None, None]  # too few pictures
    assert record["start"] == {"path": str(begun), "sha256": sha256_of(begun)}
    assert f"`begun.npz`, `{sha256_of(begun)}`" in (run / "card.md").read_text()

    build = resumed.stdout.rstrip().splitlines()[-1].split()
    build[build.index("FOLDER")], build[build.index("NAME")] = str(pictures), "tiny"
    built = runner.invoke(args=build[1:])
    assert built.exit_code == 0, built.output
    assert "18 kept" in built.stdout


def test_command_to_go_on_repeats_what_was_typed_and_no_default(pictures: Path) -> None:
    words = [str(pictures), "--weights", str(pictures / "circles/00.png"), "--epochs", "3"]
    words += ["--evaluate", str(pictures), "--evaluate", str(pictures / "lines"), "--resume"]
    context = distill.make_context("distill", list(words))
    assert typed(context, leave_out={"resume"}) == shlex.join(["flask", *words[:-1]])
    assert typed(context).endswith(" --resume")


def test_command_names_the_backend_that_is_not_the_usual_one(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    words = [str(pictures), "--weights", str(pictures / "circles/00.png")]
    context = distill.make_context("distill", list(words))
    assert typed(context) == shlex.join(["KERAS_BACKEND=jax", "flask", *words])


def test_folder_that_looks_like_an_option_is_taken_for_a_folder(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "-odd").mkdir()
    monkeypatch.chdir(tmp_path)
    words = ["--weights", str(pictures / "circles/00.png"), "--", "-odd"]
    again = shlex.split(typed(distill.make_context("distill", words)) + " --resume")
    context = distill.make_context("distill", again[1:])
    assert context.params["sources"] == (Path("-odd"),)
    assert context.params["resume"]


def test_signal_that_python_did_not_set_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patch:
        patch.setattr(signal, "getsignal", lambda number: None)
        with stop_requests():
            patch.undo()
            assert signal.getsignal(signal.SIGTERM) == before
    assert signal.getsignal(signal.SIGTERM) == before


def test_nothing_is_said_to_be_learnt_before_there_is_a_checkpoint() -> None:
    assert "what was learnt is kept" in outcomes.stopped("flask", begun=True, learnt=True)
    early = outcomes.stopped("flask", begun=True, learnt=False)
    assert early == "Stopped before the learning began. To go on:\n  flask --resume"
    assert "--resume" not in outcomes.stopped("flask", begun=False, learnt=False)


STOPPABLE = """
import signal, time
from app.cli.stopping import stop_requests
before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
with stop_requests() as asked:
    print("ready", asked(), flush=True)
    while not asked():
        time.sleep(0.01)
    print("asked", flush=True)
    input()
print(before == (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)))
"""


@pytest.fixture
def stoppable() -> Iterator["subprocess.Popen[str]"]:
    """Start a process that has been asked to stop once, and waits for a line of input."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", STOPPABLE]
    with subprocess.Popen(
        command, cwd=serving.PROJECT, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready False\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "asked\n"
        yield process
        process.kill()


def test_first_signal_asks_and_handlers_are_put_back(stoppable: "subprocess.Popen[str]") -> None:
    output, said = stoppable.communicate("go on\n", timeout=10)
    assert output == "True\n"
    assert said.startswith("\nStopping")


def test_second_signal_ends_the_process_at_once(stoppable: "subprocess.Popen[str]") -> None:
    stoppable.send_signal(signal.SIGINT)
    assert stoppable.wait(timeout=10) == -signal.SIGINT


def test_nothing_to_go_on_with_is_explained(runner: FlaskCliRunner, pictures: Path) -> None:
    weights = str(pictures / "circles/00.png")
    result = runner.invoke(
        args=["train", "distill", str(pictures), "--weights", weights, "--resume"]
    )
    assert result.exit_code == 1
    assert "no run 'pocket' to go on with" in result.output


def test_missing_weights_to_begin_with_are_named(
    runner: FlaskCliRunner, pictures: Path, teacher: Path, tmp_path: Path
) -> None:
    missing = str(tmp_path / "absent.npz")
    command = ["train", "distill", str(pictures), "--weights", str(teacher)]
    result = runner.invoke(args=[*command, "--teacher", "simple_cnn", "--start", missing])
    assert result.exit_code == 1
    assert f"cannot begin with --start {missing}: There is no weight file" in result.output
    assert "Traceback" not in result.output


def test_batch_of_odd_length_is_refused(
    runner: FlaskCliRunner, pictures: Path, teacher: Path
) -> None:
    command = ["train", "distill", str(pictures), "--weights", str(teacher)]
    result = runner.invoke(args=[*command, "--batch-size", "63"])
    assert result.exit_code == 1
    assert "--batch-size takes an even number. Received: 63" in result.output


@pytest.mark.parametrize(
    "wrong",
    [
        ["--epochs", "0"],
        ["--rate", "0"],
        ["--contrast", "-1"],
        ["--student", "vgg"],
        ["--precision", "int8"],
    ],
)
def test_what_cannot_be_is_refused_with_its_option(
    runner: FlaskCliRunner, pictures: Path, wrong: list[str]
) -> None:
    weights = str(pictures / "circles/00.png")
    result = runner.invoke(args=["train", "distill", str(pictures), "--weights", weights, *wrong])
    assert result.exit_code == 2
    assert wrong[0] in result.output


def test_every_option_is_explained_and_no_command_is_cut_short(runner: FlaskCliRunner) -> None:
    assert [option.name for option in distill.params[1:] if not getattr(option, "help", "")] == []
    listed = runner.invoke(args=["train", "--help"]).output.split("Commands:")[1]
    assert "distill" in listed
    assert "..." not in listed


def test_every_option_stands_in_the_documents_with_its_default() -> None:
    text = (serving.PROJECT / "docs/distilling.md").read_text()
    rows = dict(re.findall(r"^\| `(--[a-z-]+)` \| ?`?([^|`]*?)`? \|", text, re.MULTILINE))
    for option in distill.params[1:]:
        assert option.opts[0] in rows
        if getattr(option, "show_default", False):
            assert rows[option.opts[0]] == str(option.default)
