"""The bundled network learns from a teacher, and goes on exactly where it was interrupted."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import TrainingRefused, UnknownNetwork, WeightsMismatch, WeightsMissing
from models.training.checkpoints import Epoch, State, read_curve, restore, save
from models.training.distill import Step, Stopped, Task, distill
from models.training.lessons import Lesson, crop_size, crop_sizes
from models.training.pictures import Pictures
from models.training.students import HEAD, build_student, start_from
from models.training.teachers import Teacher, open_teacher, shrunk
from models.types import EncoderSpec
from models.weight_files import open_weights
from models.weights import WeightFile, resolve
from tests.models.nets import random_network, write_npz

pytestmark = pytest.mark.usefixtures("untraced")

LESSON = Lesson(epochs=2, size=32, batch_size=8, rate=3e-3)
COLOURS = np.random.default_rng(7).normal(size=(3, 6)).astype(np.float32)


def describe(crops: np.ndarray) -> np.ndarray:
    """Describe each quarter of a crop by its mean colour, turned to six numbers."""
    count, side = crops.shape[:2]
    quarters = crops.reshape(count, 2, side // 2, 2, side // 2, 3).mean(axis=(2, 4))
    return (quarters.astype(np.float32) / 255) @ COLOURS


@pytest.fixture(scope="module")
def task() -> Task:
    """Eight pictures to learn from and three held out, each of one colour with noise."""
    generator = np.random.default_rng(0)
    shades = generator.integers(60, 255, (11, 1, 1, 3)) - generator.integers(0, 60, (11, 48, 64, 3))
    pixels = shades.astype(np.uint8).reshape(-1)
    sizes = np.tile([48, 64], (11, 1))
    pictures = Pictures(pixels, sizes, np.arange(11) * 48 * 64 * 3)
    teacher = Teacher("quarters", 6, "0" * 64, describe)
    return Task(pictures, np.arange(8), np.arange(8, 11), teacher, "pocket", LESSON, "this")


@pytest.fixture(scope="module")
def taught(task: Task, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Epoch]]:
    """Return the folder and the curve of a training without interruption; not to be changed."""
    folder = tmp_path_factory.mktemp("taught")
    return folder, distill(task, folder)


def test_loss_falls_and_is_measured_on_held_out_pictures_too(
    taught: tuple[Path, list[Epoch]],
) -> None:
    first, second = taught[1]
    assert second.loss < first.loss
    assert [(epoch.number, epoch.size) for epoch in taught[1]] == [(1, 32), (2, 32)]
    assert math.isfinite(second.held_out)


def test_weights_are_those_of_the_student_without_its_head(
    taught: tuple[Path, list[Epoch]], task: Task
) -> None:
    student = build_student("pocket", task.teacher.width)
    with open_weights(taught[0] / "weights.npz", student.layers) as entries:
        wanted = {
            (layer.name, weight.name): tuple(weight.shape)
            for layer in student.layers
            if layer.name != HEAD
            for weight in layer.weights
        }
        assert {key: entry.shape for key, entry in entries.items()} == wanted


def test_training_stopped_after_each_batch_ends_with_the_same_weights(
    taught: tuple[Path, list[Epoch]], task: Task, tmp_path: Path
) -> None:
    told: list[Step] = []
    for _ in range(3):
        with pytest.raises(Stopped):
            distill(task, tmp_path, told=told.append, asked_to_stop=lambda: True)
    curve = distill(task, tmp_path, told=told.append)
    assert [(step.epoch, step.done, step.total) for step in told] == [
        (1, 1, 4),
        (1, 2, 4),
        (2, 3, 4),
        (2, 4, 4),
    ]
    assert [replace(epoch, seconds=0.0) for epoch in curve] == [
        replace(epoch, seconds=0.0) for epoch in taught[1]
    ]
    with (
        np.load(tmp_path / "checkpoint.npz") as ours,
        np.load(taught[0] / "checkpoint.npz") as whole,
    ):
        assert set(ours) == set(whole)
        for name in set(ours) - {"told"}:  # weights, statistics, and the optimizer's memory
            np.testing.assert_array_equal(ours[name], whole[name])


def test_finished_training_is_not_repeated(
    taught: tuple[Path, list[Epoch]], task: Task, refuse: Callable[..., None]
) -> None:
    before = (taught[0] / "weights.npz").read_bytes()
    assert distill(task, taught[0], told=refuse) == taught[1]
    assert (taught[0] / "weights.npz").read_bytes() == before


@pytest.fixture
def refuse() -> Callable[..., None]:
    """Return what fails the test when it is called."""

    def fail(*received: object) -> None:
        pytest.fail(f"called with {received}")

    return fail


def test_curve_of_a_training_under_way_can_be_read(
    taught: tuple[Path, list[Epoch]], tmp_path: Path
) -> None:
    assert list(read_curve(taught[0] / "checkpoint.npz")) == taught[1]
    assert read_curve(tmp_path / "checkpoint.npz") == ()


def test_checkpoint_of_another_training_is_refused(
    taught: tuple[Path, list[Epoch]], task: Task
) -> None:
    with pytest.raises(TrainingRefused, match=r"checkpoint\.npz belongs to a training of other"):
        distill(replace(task, of="another"), taught[0])


@pytest.mark.parametrize("damage", ["cut", "no file of ours", "flipped", "a part is missing"])
def test_damaged_checkpoint_is_refused(tmp_path: Path, damage: str) -> None:
    file, model = tmp_path / "checkpoint.npz", small_model()
    save(file, model, State(epoch=1), "this")
    content = bytearray(file.read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 255
    file.write_bytes({"cut": content[:-100], "no file of ours": b"text"}.get(damage, content))
    if damage == "a part is missing":
        with np.load(file) as stored:
            np.savez(file, **{name: stored[name] for name in stored if name != "1"})
    with pytest.raises(TrainingRefused, match=r"checkpoint\.npz is damaged"):
        restore(file, model, "this")


def test_checkpoint_holds_weights_optimizer_and_place(tmp_path: Path) -> None:
    model, other = small_model(), small_model()
    inputs = np.ones((2, 3), np.float32)
    for _ in range(3):
        model.train_on_batch(inputs, inputs)
    curve = [Epoch(1, 32, 0.5, math.nan, 12.0)]
    state = State(epoch=1, batch=3, losses=[0.5, 0.25, 0.125], seconds=4.5, curve=curve)
    save(tmp_path / "checkpoint.npz", model, state, "this")
    found = restore(tmp_path / "checkpoint.npz", other, "this")
    assert replace(found, curve=[]) == replace(state, curve=[])
    assert str(found.curve) == str(curve)  # not equal: it holds a NaN
    losses = [each.train_on_batch(inputs, inputs) for each in (model, other)]
    assert losses[0] == losses[1]
    np.testing.assert_array_equal(model.get_weights()[0], other.get_weights()[0])


def small_model():
    """Return a compiled model of one layer, whose optimizer has a memory."""
    import keras

    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Dense(3)(inputs))
    model.compile(optimizer=keras.optimizers.AdamW(0.1), loss="mse")
    return model


def test_too_few_pictures_are_refused(task: Task, tmp_path: Path) -> None:
    few = replace(task, shown=np.arange(3))
    with pytest.raises(TrainingRefused, match=r"3 pictures .* takes 4"):
        distill(few, tmp_path)


def test_contrast_adds_its_share_to_the_loss(task: Task, tmp_path: Path) -> None:
    """The three begin alike, so their first batches differ by the weight alone."""
    losses = []
    for contrast in (0.0, 1.0, 2.0):
        told: list[Step] = []
        other = replace(task, lesson=replace(LESSON, contrast=contrast))
        with pytest.raises(Stopped):
            distill(other, tmp_path / str(contrast), told=told.append, asked_to_stop=lambda: True)
        losses.append(told[0].loss)
    share = losses[1] - losses[0]
    assert share > 0.01
    assert losses[2] - losses[1] == pytest.approx(share, rel=1e-3)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> WeightFile:
    """Return a file of weights that a student may begin with."""
    file = tmp_path_factory.mktemp("begun") / "begun.npz"
    write_npz(random_network("pocket", seed=5), file)
    return resolve(EncoderSpec("pocket", str(file)))


def test_start_fills_the_body_and_not_the_head(begun: WeightFile) -> None:
    student = build_student("pocket", 6)
    head = student.get_layer(HEAD)
    before = head.get_weights()
    start_from(student, begun, "pocket")
    np.testing.assert_equal(head.get_weights(), before)
    with np.load(begun.path) as stored:
        body = [layer for layer in student.layers if layer is not head]
        filled = [(layer, weight) for layer in body for weight in layer.weights]
        assert len(filled) > 50
        for layer, weight in filled:
            expected = stored[f"{layer.name}/{weight.name}"]
            np.testing.assert_array_equal(np.asarray(weight), expected)


def test_start_from_a_file_that_does_not_fit_is_refused(
    small_spec: EncoderSpec, begun: WeightFile, tmp_path: Path
) -> None:
    student = build_student("pocket", 6)
    with pytest.raises(WeightsMismatch, match=r"small\.npz does not cover pocket"):
        start_from(student, resolve(small_spec), "pocket")
    with np.load(begun.path) as stored:
        np.savez(tmp_path / "wide.npz", **{**stored, "conv1/kernel": np.zeros((3, 3, 3, 48))})
    wide = resolve(EncoderSpec("pocket", str(tmp_path / "wide.npz")))
    with pytest.raises(WeightsMismatch, match=r"wide\.npz does not fit pocket: conv1/kernel"):
        start_from(student, wide, "pocket")


def test_training_begins_with_the_weights_of_its_start(
    task: Task, begun: WeightFile, tmp_path: Path
) -> None:
    """A training at next to no rate keeps them, as far as float16 holds them."""
    still = replace(task, lesson=replace(LESSON, epochs=1, rate=1e-12), start=begun)
    distill(still, tmp_path)
    with np.load(begun.path) as before, np.load(tmp_path / "weights.npz") as after:
        kernels = [name for name in after if "conv" in name]
        assert len(kernels) > 10
        for name in kernels:
            np.testing.assert_array_equal(after[name], before[name].astype(np.float16))


def test_crops_grow_to_their_full_size() -> None:
    lesson = Lesson(epochs=10, size=160, zoom=1.5)
    sizes = [crop_size(lesson, epoch) for epoch in range(10)]
    assert sizes == sorted(sizes)
    assert sizes[0] < 160
    assert sizes[-2:] == [160, 160]
    assert crop_sizes(lesson, 9) == (160, 256)  # in steps of 32, as networks halve five times


def test_maps_are_averaged_over_areas() -> None:
    maps = np.random.default_rng(1).normal(size=(2, 6, 6, 3)).astype(np.float32)
    by_blocks = maps.reshape(2, 3, 2, 3, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(shrunk(maps, 3), by_blocks, atol=1e-6)
    for side in (1, 4, 5):  # no whole places: the mean of all stays
        np.testing.assert_allclose(
            shrunk(maps, side).mean(axis=(1, 2)), maps.mean(axis=(1, 2)), atol=1e-6
        )


def test_teacher_describes_as_its_network_does(small_spec: EncoderSpec) -> None:
    from models.encoder import keras_encoder

    encoder = keras_encoder(small_spec)
    teacher = open_teacher("simple_cnn", Path(small_spec.weights))
    images = np.random.default_rng(3).integers(0, 256, (3, 48, 48, 3), dtype=np.uint8)
    expected = encoder.map(images)
    assert teacher.width == encoder.dim
    np.testing.assert_allclose(
        teacher.describe(images), expected, atol=2e-5 * np.abs(expected).max()
    )


def test_unknown_teacher_and_missing_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNetwork, match="nobody"):
        open_teacher("nobody", tmp_path / "weights.npz")
    with pytest.raises(WeightsMissing, match=r"weights\.npz"):
        open_teacher("mobilenetv2", tmp_path / "weights.npz")
