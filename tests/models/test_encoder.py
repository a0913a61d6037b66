"""An encoder gives the same features however it is asked, and fails by name."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.encoder import Encoder, build_engine, export_encoder, keras_encoder, open_encoder
from models.errors import EncoderBusy, EncoderFailed, FeatureNotFinite, NetworkError
from models.types import EncoderSpec, Fingerprint


@pytest.mark.parametrize("latency", [True, False])
def test_the_size_of_the_batch_does_not_change_a_feature(
    latency: bool, small_export: Path, pictures: np.ndarray
) -> None:
    encoder = open_encoder(small_export, latency=latency)
    images = np.ascontiguousarray(pictures[:, :48, :48])
    whole = encoder.encode(images)
    for batch in (1, 3, 7):
        parts = [encoder.encode(images[at : at + batch]) for at in range(0, 16, batch)]
        assert np.array_equal(np.concatenate(parts), whole)


def test_many_threads_get_the_features_of_one(small_export: Path, pictures: np.ndarray) -> None:
    encoder = open_encoder(small_export)
    images = np.ascontiguousarray(pictures[:, :48, :48])
    alone = encoder.encode(images)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            together = list(pool.map(lambda at: encoder.encode(images[at : at + 1]), range(16)))
            assert np.array_equal(np.concatenate(together), alone)


def test_the_map_pools_to_the_feature(small_export: Path, pictures: np.ndarray) -> None:
    encoder = open_encoder(small_export)
    images = np.ascontiguousarray(pictures[:3, :48, :48])
    maps = encoder.map(images)
    assert maps.shape == (3, 6, 6, encoder.dim)
    assert np.allclose(maps.mean(axis=(1, 2)), encoder.encode(images), atol=1e-5)


@pytest.mark.parametrize("batch_size", [None, 5])
def test_the_keras_engine_gives_the_same(
    batch_size: int | None, small_spec: EncoderSpec, small_export: Path, pictures: np.ndarray
) -> None:
    reference, exported = keras_encoder(small_spec, batch_size), open_encoder(small_export)
    images = np.ascontiguousarray(pictures[:, :48, :48])
    assert reference.fingerprint == exported.fingerprint
    for wanted, got in (
        (reference.encode(images), exported.encode(images)),
        (reference.map(images), exported.map(images)),
    ):
        assert wanted.shape == got.shape
        assert np.abs(wanted - got).max() <= 2e-5 * np.abs(wanted).max()


def test_the_place_in_a_batch_does_not_change_a_feature_of_keras(
    small_spec: EncoderSpec, pictures: np.ndarray
) -> None:
    encoder = keras_encoder(small_spec, batch_size=4)
    images = np.ascontiguousarray(pictures[:, :48, :48])
    alone = encoder.encode(images[:1])
    assert np.array_equal(encoder.encode(images)[:1], alone)
    assert np.array_equal(encoder.encode(images[::-1])[-1:], alone)


CHOOSE = """
import sys
from models.encoder import build_engine
print(build_engine("auto"), "tensorflow" in sys.modules)
"""


@pytest.mark.skipif(any(Path("/dev").glob("nvidia*")), reason="there is a GPU")
def test_builds_use_openvino_where_there_is_no_gpu_and_import_no_tensorflow() -> None:
    command = [sys.executable, "-c", CHOOSE]
    chosen = subprocess.run(command, capture_output=True, text=True, check=True)
    assert chosen.stdout == "openvino False\n"


@pytest.mark.parametrize("asked", ["openvino", "keras"])
def test_the_engine_asked_for_is_used(asked: str) -> None:
    assert build_engine(asked) == asked


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(NetworkError, match=r"'torch'.*auto, openvino, keras"):
        build_engine("torch")


SERVE = """
import sys
import numpy as np
from pathlib import Path
from models.encoder import open_encoder
encoder = open_encoder(Path(sys.argv[1]))
encoder.encode(np.zeros((1, encoder.size, encoder.size, 3), np.uint8))
heavy = {"tensorflow", "keras", "h5py", "openvino_telemetry"}
print([name for name in heavy if sys.modules.get(name)])
"""


def test_serving_imports_no_tensorflow(small_export: Path) -> None:
    command = [sys.executable, "-c", SERVE, str(small_export)]
    served = subprocess.run(command, capture_output=True, text=True, check=True)
    assert served.stdout == "[]\n"
    assert served.stderr == ""


def test_pictures_of_another_shape_or_kind_are_refused(small_export: Path) -> None:
    encoder = open_encoder(small_export)
    for images in (
        np.zeros((1, 47, 48, 3), np.uint8),
        np.zeros((48, 48, 3), np.uint8),
        np.zeros((1, 48, 48, 3), np.float32),
    ):
        with pytest.raises(ValueError, match="uint8 pictures of shape"):
            encoder.encode(images)


def test_an_empty_batch_gives_no_feature(small_export: Path) -> None:
    features = open_encoder(small_export).encode(np.zeros((0, 48, 48, 3), np.uint8))
    assert features.shape == (0, 256)


def test_fault_73_a_feature_that_is_not_finite_fails_and_the_next_is_answered(
    small_spec: EncoderSpec, tmp_path: Path
) -> None:
    arrays = dict(np.load(small_spec.weights))
    # Bright pixels give infinity, dark ones nothing, and infinity stays to the end.
    arrays["conv1/kernel"][:] = 1e38
    for layer in ("conv2", "conv3", "conv4"):
        arrays[f"{layer}/kernel"] = np.abs(arrays[f"{layer}/kernel"])
    file = tmp_path / "huge.npz"
    np.savez(file, **arrays)
    export_encoder(replace(small_spec, weights=str(file)), tmp_path / "encoder")
    encoder = open_encoder(tmp_path / "encoder")
    black = np.zeros((2, 48, 48, 3), np.uint8)
    for _ in range(2):
        with pytest.raises(FeatureNotFinite, match="not finite for 2 of 2"):
            encoder.encode(black + np.uint8(255))
        assert encoder.encode(black).shape == (2, 256)


class FailingEngine:
    """Fails once and then answers, as an engine short of memory may."""

    def __init__(self) -> None:
        self.calls = 0

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Fail on the first call."""
        self.calls += 1
        if self.calls == 1:
            raise RuntimeError("out of memory")
        return np.ones((len(images), 4), np.float32)

    map = encode


class WaitingEngine:
    """Answers when it is let go."""

    def __init__(self) -> None:
        self.entered, self.released = threading.Event(), threading.Event()

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Wait, and answer."""
        self.entered.set()
        self.released.wait(10)
        return np.ones((len(images), 4), np.float32)

    map = encode


FOUR_WIDE = Fingerprint("simple_cnn", "0" * 64, "conv4_relu", "tf", "avg", 32, 4)
PICTURE = np.zeros((1, 32, 32, 3), np.uint8)


def test_fault_73_a_failed_inference_is_named_and_the_next_is_answered() -> None:
    encoder = Encoder(FailingEngine(), FOUR_WIDE)
    with pytest.raises(EncoderFailed, match="out of memory") as caught:
        encoder.encode(PICTURE)
    assert not isinstance(caught.value, FeatureNotFinite)
    assert encoder.encode(PICTURE).shape == (1, 4)


def test_fault_74_a_full_queue_is_refused_and_empties_again() -> None:
    engine = WaitingEngine()
    encoder = Encoder(engine, FOUR_WIDE, queue=1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(encoder.encode, PICTURE)
        assert engine.entered.wait(10)
        with pytest.raises(EncoderBusy):
            encoder.encode(PICTURE)
        engine.released.set()
        assert first.result(10).shape == (1, 4)
    assert encoder.encode(PICTURE).shape == (1, 4)
