"""The bundled network learns from a teacher, and what it learnt is what an encoder loads."""

import numpy as np
import pytest
from PIL import Image

from models.errors import UnknownNetwork, WeightsMissing
from models.training.data import batches, load_pictures, random_crop
from models.training.distill import Lesson, build_student, crop_size, direction_loss, distill
from models.training.teachers import Teacher, open_teacher
from models.weight_files import open_weights


@pytest.fixture
def gallery():
    """Eight pictures of one colour each, with noise."""
    generator = np.random.default_rng(0)
    shades = generator.integers(60, 255, (8, 1, 1, 3)) - generator.integers(0, 60, (8, 48, 64, 3))
    return [Image.fromarray(shade.astype(np.uint8)) for shade in shades]


@pytest.fixture
def teacher():
    """A teacher that describes a picture by its mean colour."""
    import keras

    keras.utils.set_random_seed(0)
    crops = keras.Input((None, None, 3))
    colours = keras.layers.GlobalAveragePooling2D()(crops)
    return Teacher(keras.Model(crops, keras.layers.Dense(6)(colours)))


def test_loss_falls_and_weights_fit_the_network(gallery, teacher, tmp_path):
    lesson = Lesson(epochs=3, size=32, batch_size=4, rate=3e-3)
    losses = distill(gallery * 4, teacher, lesson, tmp_path / "student.npz")
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    student = build_student(teacher.width)
    with open_weights(tmp_path / "student.npz", student.layers) as entries:
        wanted = {
            (layer.name, weight.name): tuple(weight.shape)
            for layer in student.layers
            if layer.name != "head"
            for weight in layer.weights
        }
        assert {key: entry.shape for key, entry in entries.items()} == wanted


def test_direction_loss_is_one_minus_cosine():
    targets = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]], np.float32)
    directions = np.array([[5.0, 0.0], [0.0, 2.0], [-3.0, 0.0]], np.float32)
    losses = np.asarray(direction_loss(targets, directions))
    np.testing.assert_allclose(losses, [0.0, 1.0, 2.0], atol=1e-6)


def test_every_picture_is_shown_once():
    pictures = [Image.new("RGB", (20, 20), (shade, 0, 0)) for shade in range(12)]
    shown = batches(pictures, size=8, batch_size=4, generator=np.random.default_rng(1))
    reds = np.concatenate([crops[:, 0, 0, 0] for crops in shown])
    assert sorted(np.rint((reds + 1) * 127.5)) == list(range(12))


def test_same_seed_gives_same_crops(gallery):
    first, second = (
        list(batches(gallery, size=16, batch_size=4, generator=np.random.default_rng(5)))
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_crop_stays_inside_the_picture():
    picture = Image.new("RGB", (90, 30), (200, 100, 50))
    generator = np.random.default_rng(2)
    for _ in range(20):
        crop = random_crop(picture, 16, generator)
        assert crop.shape == (16, 16, 3)
        assert (crop == (200, 100, 50)).all()


def test_crops_grow_to_their_full_size():
    lesson = Lesson(epochs=10, size=160)
    sizes = [crop_size(lesson, epoch) for epoch in range(10)]
    assert sizes[0] == 112
    assert sizes == sorted(sizes)
    assert sizes[-2:] == [160, 160]


def test_folder_named_twice_counts_twice_and_other_files_are_left_out(tmp_path):
    Image.new("RGB", (100, 50)).save(tmp_path / "wide.png")
    (tmp_path / "notes.txt").write_text("no picture")
    pictures = load_pictures([tmp_path, tmp_path], side=25)
    assert [picture.size for picture in pictures] == [(50, 25), (50, 25)]


def test_unknown_teacher_and_missing_weights_are_refused(tmp_path):
    with pytest.raises(UnknownNetwork, match="nobody"):
        open_teacher("nobody", tmp_path / "weights.npz")
    with pytest.raises(WeightsMissing, match=r"weights\.npz"):
        open_teacher("mobilenetv2", tmp_path / "weights.npz")
