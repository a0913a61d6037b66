"""A fine-tuning goes on exactly where it was interrupted, and with nothing else."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import TrainingRefused
from models.training.checkpoints import read_curve
from models.training.distill import Step, Stopped
from models.training.fit import Asked, History, fit
from models.training.learner import Learner
from models.training.precision import set_precision
from tests.models.courses import RECIPE, maps_course, vectors_course
from tests.models.trained import arrays, assert_same, untimed

KILLS = 6

pytestmark = pytest.mark.usefixtures("untraced")


def test_training_stopped_keeps_the_best_and_goes_on(
    fitted: tuple[Path, History], tmp_path: Path
) -> None:
    counted: list[Step] = []
    history = fit(
        vectors_course(),
        tmp_path,
        told=counted.append,
        asked_to_stop=lambda: len(counted) == 13,
    )
    assert history.stopped
    assert untimed(history.curve) == untimed(fitted[1].curve[:2])
    assert arrays(tmp_path / "best.npz")
    again = fit(vectors_course(), tmp_path)
    assert not again.stopped
    assert_same(tmp_path, fitted[0])


def test_training_stopped_in_its_first_epoch_has_nothing_to_keep(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        fit(vectors_course(), tmp_path, asked_to_stop=lambda: True)
    assert not list(tmp_path.iterdir())


def test_finished_training_is_not_repeated(fitted: tuple[Path, History]) -> None:
    def refuse(step: Step) -> None:
        pytest.fail(f"told {step}")

    history = fit(vectors_course(), fitted[0], told=refuse)
    assert history == fitted[1]


def test_training_goes_on_when_it_is_given_more_epochs(
    fitted: tuple[Path, History], tmp_path: Path
) -> None:
    fit(vectors_course(recipe=replace(RECIPE, epochs=2)), tmp_path)
    fit(vectors_course(), tmp_path)
    assert_same(tmp_path, fitted[0])


def test_checkpoint_of_another_training_is_refused(fitted: tuple[Path, History]) -> None:
    with pytest.raises(TrainingRefused, match=r"checkpoint\.npz belongs to a training of other"):
        fit(vectors_course(of="another"), fitted[0])


def test_damaged_best_weights_are_refused(fitted: tuple[Path, History], tmp_path: Path) -> None:
    for name in ("checkpoint.npz", "best.npz"):
        (tmp_path / name).write_bytes((fitted[0] / name).read_bytes())
    (tmp_path / "best.npz").write_bytes(b"text")
    with pytest.raises(TrainingRefused, match=r"best\.npz holds no weights of this network"):
        Asked(vectors_course(), tmp_path)


def test_best_weights_are_taken_from_the_checkpoint_where_they_were_not_written(
    tmp_path: Path,
) -> None:
    """So it is where a process ends between the two files."""
    fit(vectors_course(recipe=replace(RECIPE, epochs=1)), tmp_path)
    stale = (tmp_path / "best.npz").read_bytes()
    history = fit(vectors_course(recipe=replace(RECIPE, epochs=2)), tmp_path)
    assert history.best == 2
    whole = arrays(tmp_path / "best.npz")
    for content in (stale, b"damaged"):
        (tmp_path / "best.npz").write_bytes(content)
        fit(vectors_course(recipe=replace(RECIPE, epochs=2)), tmp_path)
        again = arrays(tmp_path / "best.npz")
        assert {name: values.tobytes() for name, values in again.items()} == {
            name: values.tobytes() for name, values in whole.items()
        }


@pytest.mark.usefixtures("traced")
def test_best_weights_of_an_epoch_that_is_not_the_best_are_refused(tmp_path: Path) -> None:
    course = vectors_course(recipe=replace(RECIPE, rate=0.1, epochs=60, patience=3))
    course = replace(course, labels=np.random.default_rng(1).integers(0, 3, 60))
    history = fit(course, tmp_path)
    learner = Learner(course.tail, course.fresh, course.method, course.recipe, 9, 1)
    learner.save(tmp_path / "best.npz", history.curve[-1])
    with pytest.raises(TrainingRefused, match=rf"not of epoch {history.best} of its curve"):
        fit(course, tmp_path)


def test_checkpoint_of_another_backend_is_refused(
    fitted: tuple[Path, History], tmp_path: Path
) -> None:
    with np.load(fitted[0] / "checkpoint.npz") as stored:
        content = dict(stored)
    told = json.loads(str(content["told"]))
    content["told"] = np.array(json.dumps(told | {"backend": "jax"}))
    np.savez(tmp_path / "checkpoint.npz", **content)
    with pytest.raises(TrainingRefused, match="Set KERAS_BACKEND=jax to go on"):
        fit(vectors_course(), tmp_path)


def test_what_a_killed_process_half_wrote_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.partial.npz").write_bytes(b"half")
    fit(vectors_course(recipe=replace(RECIPE, epochs=1)), tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"checkpoint.npz", "best.npz"}


@pytest.fixture
def in_bf16() -> Iterator[None]:
    set_precision("bf16")
    yield
    set_precision("fp32")


@pytest.mark.usefixtures("in_bf16")
def test_training_in_bf16_stopped_ends_like_one_that_was_not(tmp_path: Path) -> None:
    fit(maps_course(), tmp_path / "whole")
    counted: list[Step] = []
    other = tmp_path / "other"
    assert fit(
        maps_course(), other, told=counted.append, asked_to_stop=lambda: len(counted) == 9
    ).stopped
    fit(maps_course(), other)
    assert_same(tmp_path / "whole", other)


def fit_in_a_process(
    folder: Path, traced: bool, course: str = "vectors_course"
) -> "subprocess.Popen[bytes]":
    """Start this training in a process of its own."""
    program = (
        "import sys; from pathlib import Path; import tensorflow as tf\n"
        f"from models.training.fit import fit; from tests.models.courses import {course}\n"
        f"tf.config.run_functions_eagerly({not traced})\n"
        f"fit({course}(), Path(sys.argv[1]))"
    )
    return subprocess.Popen([sys.executable, "-c", program, str(folder)])


def kill_when(process: "subprocess.Popen[bytes]", reached: Callable[[], bool]) -> bool:
    """Kill a training as soon as it has come somewhere; return whether it was still under way."""
    try:
        while process.poll() is None and not reached():
            time.sleep(0.001)
    finally:
        process.kill()
        process.wait()
    return process.returncode == -signal.SIGKILL


def test_killed_training_ends_with_the_same_weights(tmp_path: Path) -> None:
    """It learns from maps, with statistics, gentle rates and an annealed one, as `auto` does."""
    epochs = int(np.random.default_rng().integers(1, 4))
    fit(maps_course(), tmp_path / "whole")
    checkpoint = tmp_path / "killed" / "checkpoint.npz"
    process = fit_in_a_process(checkpoint.parent, traced=False, course="maps_course")
    assert kill_when(process, lambda: len(read_curve(checkpoint)) >= epochs)
    fit(maps_course(), checkpoint.parent)
    assert_same(checkpoint.parent, tmp_path / "whole")


@pytest.mark.campaign
@pytest.mark.timeout(1800)
def test_training_killed_again_and_again_ends_with_the_same_weights(tmp_path: Path) -> None:
    """Some are killed while files are written, some amid an epoch, some in the next attempt."""
    generator = np.random.default_rng()
    assert fit_in_a_process(tmp_path / "whole", traced=True).wait() == 0
    killed = 0
    for turn in range(KILLS):
        folder = tmp_path / str(turn)
        for _ in range(int(generator.integers(1, 3))):
            process, seconds = fit_in_a_process(folder, traced=True), generator.uniform(0, 0.2)
            killed += kill_when(process, Delay(folder, seconds).is_over)
        assert fit_in_a_process(folder, traced=True).wait() == 0
        assert_same(folder, tmp_path / "whole")
    assert killed > KILLS / 2


class Delay:
    """Some time after a training first wrote something to a folder in which nothing was new."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder, self._seconds = folder, seconds
        self._before, self._begun = self._state(), math.inf

    def is_over(self) -> bool:
        if math.isinf(self._begun) and self._state() != self._before:
            self._begun = time.monotonic()
        return time.monotonic() - self._begun >= self._seconds

    def _state(self) -> list[tuple[str, int]]:
        if not self._folder.is_dir():
            return []
        names = sorted(os.listdir(self._folder))
        return [(name, _changed(self._folder / name)) for name in names]


def _changed(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
