"""The student's last layer is fitted so that changed copies of a picture stay together."""

from pathlib import Path

import numpy as np
import pytest

from models.encoder import keras_encoder
from models.errors import WeightsMismatch
from models.pocket import DESCRIPTOR, WIDTH
from models.training.pictures import Pictures
from models.training.students import build_student, save_body
from models.training.whitening import SHRINKAGE, VIEWS, fit, fit_descriptor
from models.types import EncoderSpec

pytestmark = pytest.mark.usefixtures("untraced")

WIDTHS = (5, 11)


@pytest.fixture(scope="module")
def views() -> np.ndarray:
    """Features of 300 pictures, the whole first, that differ most in a direction of noise."""
    generator = np.random.default_rng(0)
    pictures = generator.normal(size=(300, 1, 16)) + 3
    noise = generator.normal(size=(300, VIEWS, 16)) * 0.2
    noise[:, 0] = 0
    noise[:, 1:, 2] *= 40
    return (pictures + noise).astype(np.float32)


def mapped(views: np.ndarray, dim: int) -> np.ndarray:
    linear = fit(views, WIDTHS, dim)
    return views @ linear.kernel + linear.bias


def test_centre_of_whole_pictures_is_mapped_to_nought_and_their_mean_length_to_one(views):
    whole = mapped(views, 16)[:, 0]
    np.testing.assert_allclose(whole.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose((whole**2).sum(axis=1).mean(), 1, atol=1e-3)


def test_differences_within_pictures_become_white_but_for_the_shrinkage(views):
    """With levels of equal spread: kernel' (C + s I) kernel is a multiple of the identity."""
    spreads = [views[:, 0, part].var(axis=0).sum() for part in (slice(0, 5), slice(5, 16))]
    even = views / np.repeat(np.sqrt(spreads), WIDTHS)
    offsets = (even - even.mean(axis=1, keepdims=True)).reshape(-1, 16)
    covariance = offsets.T @ offsets / len(offsets)
    covariance += SHRINKAGE * np.trace(covariance) / 16 * np.eye(16)
    kernel = fit(even, WIDTHS, 16).kernel
    white = kernel.T @ covariance @ kernel
    np.testing.assert_allclose(white / white[0, 0], np.eye(16), atol=5e-3)


def test_copies_are_found_that_noise_hid(views):
    def found(features: np.ndarray) -> float:
        unit = features / np.linalg.norm(features, axis=-1, keepdims=True)
        nearest = (unit[:, 1] @ unit[:, 0].T).argmax(axis=1)
        return float((nearest == np.arange(len(unit))).mean())

    assert found(mapped(views, 12)) > found(views - views[:, :1].mean(axis=0)) + 0.3


def test_directions_in_which_pictures_differ_most_are_kept(views):
    whole, fewer = mapped(views, 16)[:, 0], mapped(views, 4)[:, 0]
    spread = whole.var(axis=0)
    assert (np.diff(spread) <= 1e-6).all()
    np.testing.assert_allclose(
        fewer / np.linalg.norm(fewer), whole[:, :4] / np.linalg.norm(whole[:, :4]), atol=1e-3
    )


def few_pictures() -> Pictures:
    generator = np.random.default_rng(1)
    pixels = generator.integers(0, 256, (6, 6, 8, 3)).repeat(8, 1).repeat(8, 2).astype(np.uint8)
    return Pictures(pixels.reshape(-1), np.tile([48, 64], (6, 1)), np.arange(6) * 48 * 64 * 3)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("fitted") / "weights.npz"
    save_body(build_student("pocket", 8), file)
    fit_descriptor("pocket", file, few_pictures(), np.array([0, 1, 2, 3, 3, 4]), seed=3)
    return file


def test_fitted_layer_completes_the_network(fitted):
    image = few_pictures()[5][None, :, :48].repeat(2, 1).repeat(2, 2)
    whole = keras_encoder(EncoderSpec("pocket", str(fitted), size=96))
    feature = whole.encode(np.ascontiguousarray(image))
    assert feature.shape == (1, WIDTH)
    assert np.isfinite(feature).all()


def test_body_alone_is_used_up_to_the_layer_that_was_taught(tmp_path, fitted):
    body = tmp_path / "weights.npz"
    save_body(build_student("pocket", 8), body)
    assert keras_encoder(EncoderSpec("pocket", str(body), layer="post_relu", size=64)).dim == WIDTH
    with pytest.raises(WeightsMismatch, match=DESCRIPTOR):
        keras_encoder(EncoderSpec("pocket", str(body), size=64))


def test_fitting_again_gives_the_same_file(tmp_path, fitted):
    again = tmp_path / "weights.npz"
    again.write_bytes(fitted.read_bytes())
    fit_descriptor("pocket", again, few_pictures(), np.array([0, 1, 2, 3, 3, 4]), seed=3)
    with np.load(fitted) as one, np.load(again) as other:
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])
