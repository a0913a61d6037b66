"""A fine-tuning tells what it did, and keeps its best weights."""

import math
import resource
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import TrainingRefused
from models.training.checkpoints import Epoch, best_of, is_best, read_curve
from models.training.distill import Step
from models.training.files import write_arrays
from models.training.fit import Asked, History, ended, fit
from models.training.methods.base import Method
from models.training.methods.classifier import Classifier
from models.training.methods.hashing import HashMethod
from models.training.methods.pairs import PairsMethod
from models.training.methods.triplet import TripletMethod
from models.training.triplets import sample_triplets
from tests.models.courses import RECIPE, InMemory, clouds, vectors_course
from tests.models.trained import arrays

pytestmark = pytest.mark.usefixtures("untraced")


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


@pytest.mark.usefixtures("traced")
def test_tail_has_the_best_weights_afterwards(tmp_path: Path) -> None:
    course = vectors_course()
    fit(course, tmp_path)
    kept = arrays(tmp_path / "best.npz")
    for name in ("inner", "inner_bn"):
        for weight in course.tail.get_layer(name).weights:
            np.testing.assert_array_equal(np.asarray(weight), kept[f"{name}/{weight.name}"])
    assert {"head_1/kernel", "classes/kernel"} < set(kept)


@pytest.mark.usefixtures("traced")
def test_each_batch_and_epoch_is_told(tmp_path: Path) -> None:
    steps: list[Step] = []
    epochs: list[Epoch] = []
    history = fit(vectors_course(), tmp_path, told=steps.append, measured=epochs.append)
    assert [(step.epoch, step.done, step.total) for step in steps] == [
        (1 + at // 5, 1 + at, 25) for at in range(25)
    ]
    assert tuple(epochs) == history.curve
    assert steps[4].loss == epochs[0].loss


@pytest.mark.usefixtures("traced")
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
    assert [is_best(curve[:count]) for count in (1, 2)] == [True, False]
    assert is_best([replace(epoch(1, 3), right=math.nan)])


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


@pytest.mark.usefixtures("traced")
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


@pytest.mark.usefixtures("traced")
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


def test_disk_without_room_for_checkpoints_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(TrainingRefused, match="The disk has 0 MB left"):
        fit(vectors_course(), tmp_path)


def test_file_that_the_disk_does_not_take_leaves_nothing(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            write_arrays(tmp_path / "some.npz", {"some": np.ones(4096)}, compress=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
