"""What a fine-tuning leaves behind opens as an encoder, and what its weights reach is known."""

from pathlib import Path

import numpy as np
import pytest

from models.engines.keras import import_keras
from models.export import build_encoder
from models.training.tails import covered_layer, open_tail, pooled, save_encoder, unfrozen
from models.types import EncoderSpec
from models.weights import resolve
from tests.models.courses import InMemory
from tests.models.nets import random_network, write_npz

pytestmark = pytest.mark.usefixtures("untraced")

SIZE = 32


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of weights of the small network, drawn from a seed."""
    model = random_network("simple_cnn", size=SIZE)
    return write_npz(model, tmp_path_factory.mktemp("weights") / "whole.npz")


def without(file: Path, layer: str, to: Path) -> Path:
    with np.load(file) as stored:
        np.savez(to, **{name: stored[name] for name in stored if not name.startswith(layer)})
    return to


def test_weights_that_lack_a_layer_reach_the_one_before(whole: Path, tmp_path: Path) -> None:
    some = without(whole, "conv3/", tmp_path / "some.npz")
    for file, layer, found in (
        (whole, None, ""),
        (some, None, "pool2"),
        (some, "conv2_relu", "conv2_relu"),
    ):
        spec = EncoderSpec("simple_cnn", str(file), layer, size=SIZE)
        assert covered_layer(spec, resolve(spec)) == found


def test_saved_encoder_gives_the_features_that_the_tail_gives(whole: Path, tmp_path: Path) -> None:
    spec = EncoderSpec("simple_cnn", str(whole), size=SIZE)
    tail = open_tail(spec, "", resolve(spec), init_missing=False, augmented=True, seed=1)
    save_encoder(tail, tmp_path / "saved.npz")
    saved = build_encoder(EncoderSpec("simple_cnn", str(tmp_path / "saved.npz"), size=SIZE)).model
    pictures = np.random.default_rng(0).integers(0, 256, (5, SIZE, SIZE, 3), np.uint8)
    features = pooled(tail, InMemory(pictures), np.arange(5))
    assert np.allclose(features, np.asarray(saved(pictures)[0]), rtol=2e-2, atol=2e-3)


def test_head_is_taken_from_the_best_weights(whole: Path, tmp_path: Path) -> None:
    spec = EncoderSpec("simple_cnn", str(whole), size=SIZE)
    tail = open_tail(spec, "", resolve(spec), init_missing=False, augmented=False, seed=1)
    kernel = np.random.default_rng(0).normal(size=(256, 4)).astype(np.float32)
    np.savez(tmp_path / "best.npz", **{"head_1/kernel": kernel, "head_1/bias": np.zeros(4)})
    file = tmp_path / "saved.npz"
    save_encoder(tail, file, head="4 linear", best=tmp_path / "best.npz")
    encoder = build_encoder(EncoderSpec("simple_cnn", str(file), size=SIZE, head="4 linear"))
    assert encoder.fingerprint.dim == 4
    assert np.allclose(encoder.model.get_layer("head_1").kernel, kernel, atol=2e-3)


def test_weights_beyond_float16_stay_whole(whole: Path, tmp_path: Path) -> None:
    spec = EncoderSpec("simple_cnn", str(whole), size=SIZE)
    tail = open_tail(spec, "", resolve(spec), init_missing=False, augmented=False, seed=1)
    tail.encoder.get_layer("conv1").bias.assign(np.full(32, 1e6, np.float32))
    save_encoder(tail, tmp_path / "saved.npz")
    with np.load(tmp_path / "saved.npz") as stored:
        assert (stored["conv1/bias"] == 1e6).all()
        assert stored["conv2/bias"].dtype == np.float16


def test_default_of_what_is_trained_is_a_layer_of_its_network() -> None:
    assert unfrozen("resnet50v2", trained=True) == "conv5_block1_preact_bn"
    assert unfrozen("resnet50v2", trained=False) == unfrozen("simple_cnn", trained=True) == ""
    keras = import_keras()
    names = {layer.name for layer in keras.applications.MobileNetV2(weights=None).layers}
    assert unfrozen("mobilenetv2", trained=True) in names
