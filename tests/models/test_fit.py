"""A fine-tuning keeps its best weights, and goes on exactly where it was interrupted."""

import json
import math
import os
import resource
import shutil
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
from models.training.checkpoints import Epoch, best_of, read_curve
from models.training.distill import Step, Stopped
from models.training.files import write_arrays
from models.training.fit import Asked, History, ended, fit
from models.training.learner import Learner
from models.training.methods.base import Method
from models.training.methods.classifier import Classifier
from models.training.methods.hashing import HashMethod
from models.training.methods.pairs import PairsMethod
from models.training.methods.triplet import TripletMethod
from models.training.precision import set_precision
from models.training.triplets import sample_triplets
from tests.models.courses import RECIPE, InMemory, clouds, maps_course, vectors_course

KILLS = 6

pytestmark = pytest.mark.usefixtures("untraced")


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, History]:
    """Return folder and history of a training without interruption; not to be changed."""
    folder = tmp_path_factory.mktemp("fitted")
    return folder, fit(vectors_course(), folder)


def arrays(file: Path) -> dict[str, np.ndarray]:
    with np.load(file) as stored:
        return {name: stored[name] for name in stored if name != "told"}


def untimed(curve: tuple[Epoch, ...]) -> list[Epoch]:
    return [replace(epoch, seconds=0.0) for epoch in curve]


def assert_same(one: Path, other: Path) -> None:
    """Check that two trainings ended alike, to the last bit of weights and optimizer."""
    for name in ("checkpoint.npz", "best.npz"):
        ours, theirs = arrays(one / name), arrays(other / name)
        assert set(ours) == set(theirs)
        assert ours
        for part in ours:
            assert ours[part].tobytes() == theirs[part].tobytes()
    curves = [untimed(read_curve(folder / "checkpoint.npz")) for folder in (one, other)]
    assert curves[0] == curves[1]


def test_history_tells_loss_and_accuracy_of_both_parts(fitted: tuple[Path, History]) -> None:
    curve = fitted[1].curve
    assert [epoch.number for epoch in curve] == [1, 2, 3, 4, 5]
    assert curve[-1].loss < curve[0].loss
    assert curve[-1].held_out < curve[0].held_out
    for epoch in curve:
        assert epoch.right is not None
        assert epoch.held_out_right is not None
        assert round(epoch.right * 40, 3) % 1 == pytest.approx(0, abs=1e-2)  # of 40 pictures
        assert round(epoch.held_out_right * 20, 3) % 1 == pytest.approx(0, abs=1e-2)
    assert read_curve(fitted[0] / "checkpoint.npz") == curve


def test_held_out_figures_are_those_of_the_best_weights(fitted: tuple[Path, History]) -> None:
    """Cross-entropy and accuracy by hand, from what the best network says of the pictures."""
    folder, history = fitted
    course = vectors_course()
    scores = Asked(course, folder).outputs(course.held_out).astype(np.float64)
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = course.labels[course.held_out]
    best = history.curve[history.best - 1]
    losses = -np.log(shares[np.arange(len(labels)), labels])
    by_class = [losses[labels == label].mean() for label in range(3)]
    assert best.held_out == pytest.approx(float(np.mean(by_class)), rel=1e-4)
    assert best.held_out_right == pytest.approx((shares.argmax(1) == labels).mean())
    assert isinstance(course.method, Classifier)
    np.testing.assert_array_equal(course.method.predicted(scores), shares.argmax(1))


def test_tail_has_the_best_weights_afterwards(tmp_path: Path) -> None:
    course = vectors_course()
    fit(course, tmp_path)
    kept = arrays(tmp_path / "best.npz")
    for name in ("inner", "inner_bn"):
        for weight in course.tail.get_layer(name).weights:
            np.testing.assert_array_equal(np.asarray(weight), kept[f"{name}/{weight.name}"])
    assert {"head_1/kernel", "classes/kernel"} < set(kept)


def test_each_batch_and_epoch_is_told(tmp_path: Path) -> None:
    steps: list[Step] = []
    epochs: list[Epoch] = []
    history = fit(vectors_course(), tmp_path, told=steps.append, measured=epochs.append)
    assert [(step.epoch, step.done, step.total) for step in steps] == [
        (1 + at // 5, 1 + at, 25) for at in range(25)
    ]
    assert tuple(epochs) == history.curve
    assert steps[4].loss == epochs[0].loss


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


def test_patience_ends_a_training_that_does_not_get_better(tmp_path: Path) -> None:
    """With labels drawn by lot, what is learnt by heart soon harms the held out pictures."""
    course = vectors_course(recipe=replace(RECIPE, rate=0.1, epochs=60, patience=3))
    labels = np.random.default_rng(1).integers(0, 3, 60)
    history = fit(replace(course, labels=labels), tmp_path)
    held_out = [epoch.held_out for epoch in history.curve]
    assert len(held_out) < 60
    assert history.best == 1 + int(np.argmin(held_out)) == len(held_out) - 3


def epoch(number: int, loss: float, held_out: float = math.nan) -> Epoch:
    return Epoch(number, 0, loss, held_out, 1.0)


def test_best_epoch_has_the_smallest_held_out_loss_or_else_loss() -> None:
    curve = [epoch(1, 3), epoch(2, 1), epoch(3, 1), epoch(4, 2)]
    assert best_of(curve) is curve[1]
    curve = [epoch(1, 3, 1), epoch(2, 2, 2), epoch(3, 1, 3)]
    assert best_of(curve) is curve[0]
    assert best_of([]) is None


def test_training_ends_with_its_epochs_or_its_patience() -> None:
    recipe = replace(RECIPE, epochs=5, patience=2)
    losses = [3.0, 1.0, 2.0, 1.0, 0.5]
    curve = [epoch(at, loss) for at, loss in enumerate(losses, start=1)]
    assert [ended(curve[:count], recipe) for count in range(6)] == [
        False,
        False,
        False,
        False,
        True,  # two epochs since the second
        True,
    ]


def test_loss_beyond_all_bounds_is_refused(tmp_path: Path) -> None:
    course = vectors_course()
    vectors = np.full((60, 4), np.nan, np.float32)
    with pytest.raises(TrainingRefused, match=r"epoch 1 is nan.*smaller rate than 0\.01"):
        fit(replace(course, examples=InMemory(vectors)), tmp_path)


def test_training_without_a_batch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingRefused, match="40 pictures make no batch"):
        fit(vectors_course(TripletMethod()), tmp_path)


def test_held_out_figures_are_absent_without_held_out_pictures(tmp_path: Path) -> None:
    course = replace(vectors_course(), held_out=np.arange(0))
    history = fit(course, tmp_path)
    assert all(math.isnan(epoch.held_out) for epoch in history.curve)
    assert history.best == 1 + int(np.argmin([epoch.loss for epoch in history.curve]))


def test_kept_statistics_are_those_of_before(tmp_path: Path) -> None:
    for fresh, kept in (((), True), (("inner_bn",), False), (("inner",), False)):
        recipe = replace(RECIPE, keep_statistics=True, epochs=1)
        course = replace(vectors_course(recipe=recipe), fresh=fresh)
        before = course.tail.get_layer("inner_bn").get_weights()
        fit(course, tmp_path / "-".join(fresh))
        after = course.tail.get_layer("inner_bn").get_weights()
        assert all(np.array_equal(*each) for each in zip(before, after, strict=True)) is kept


def test_held_out_loss_that_is_no_number_is_refused(tmp_path: Path) -> None:
    """Nothing else than the loss that chooses the epoch may choose it from then on."""
    course = vectors_course()
    vectors = clouds()[0]
    vectors[50] = np.nan
    with pytest.raises(TrainingRefused, match="epoch 1 is nan"):
        fit(replace(course, examples=InMemory(vectors)), tmp_path)


@pytest.mark.parametrize(
    "method",
    [
        TripletMethod(triplets=sample_triplets(np.repeat(np.arange(20), 2), 40, seed=1)),
        TripletMethod(mining="batch-hard"),
        PairsMethod(),
        HashMethod(16, 20, "pairwise"),
    ],
)
def test_classes_of_three_end_a_training_by_their_held_out_picture(
    method: Method, tmp_path: Path
) -> None:
    """With a single picture of each class held out, it is compared with those learnt from."""
    course = replace(
        vectors_course(method, replace(RECIPE, rate=0.1, epochs=40, patience=2)),
        labels=np.concatenate([np.repeat(np.arange(20), 2), np.arange(20)]),
    )
    history = fit(course, tmp_path)
    held_out = [epoch.held_out for epoch in history.curve]
    assert all(map(math.isfinite, held_out))
    assert len(held_out) < 40
    assert history.best == 1 + int(np.argmin(held_out)) == len(held_out) - 2


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


def test_disk_without_room_for_checkpoints_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(TrainingRefused, match="The disk has 0 MB left"):
        fit(vectors_course(), tmp_path)


def test_what_a_killed_process_half_wrote_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.partial.npz").write_bytes(b"half")
    fit(vectors_course(recipe=replace(RECIPE, epochs=1)), tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"checkpoint.npz", "best.npz"}


def test_file_that_the_disk_does_not_take_leaves_nothing(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            write_arrays(tmp_path / "some.npz", {"some": np.ones(4096)}, compress=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


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
