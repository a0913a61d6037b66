"""An encoder gives Keras's features, whatever engine runs it, and fails by name."""

import json
import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest

from models.encoder import (
    Encoder,
    build_engine,
    export_encoder,
    export_key,
    keras_encoder,
    open_encoder,
    prepare_encoder,
)
from models.engines.compiled import KEPT
from models.engines.keras import import_keras
from models.engines.openvino import OpenVinoEngine
from models.errors import (
    EncoderBusy,
    EncoderDamaged,
    EncoderFailed,
    FeatureNotFinite,
    LikenessError,
    NetworkError,
)
from models.export import KerasEncoder, build_encoder, export_model
from models.exported import ENCODER_FILES, read_fingerprint
from models.networks import NETWORKS
from models.types import EncoderSpec, Fingerprint
from tests.models.nets import REAL_WEIGHTS, centred_cosine, random_network, write_npz

APPLICATIONS = {
    "resnet50": ("ResNet50", "resnet"),
    "resnet101": ("ResNet101", "resnet"),
    "resnet50v2": ("ResNet50V2", "resnet_v2"),
    "mobilenetv2": ("MobileNetV2", "mobilenet_v2"),
}
"""Network -> its class and its module in keras.applications."""

LARGEST = "resnet101"
SOME_NETWORKS = [
    pytest.param(name, marks=pytest.mark.campaign) if name == LARGEST else name for name in NETWORKS
]


def spec_with_weights(name: str, size: int, folder: Path, shared: Path | None) -> EncoderSpec:
    """Ask for a network with real weights where there are some, and else with random ones."""
    if NETWORKS[name].bundled is not None:
        return EncoderSpec(name, "bundled", size=size)
    if shared is not None and name in REAL_WEIGHTS:
        file, layer = REAL_WEIGHTS[name]
        return EncoderSpec(name, str(shared / "weights" / file), layer=layer, size=size)
    file = write_npz(random_network(name, size=size), folder / f"{name}.npz")
    return EncoderSpec(name, str(file), size=size)


def plain_network(encoder: KerasEncoder, size: int) -> Any:
    """Build a network by plain Keras up to the encoder's layer, with the encoder's weights."""
    keras, name = import_keras(), encoder.fingerprint.network
    if name in APPLICATIONS:
        application = getattr(keras.applications, APPLICATIONS[name][0])
        network = application(include_top=False, weights=None, input_shape=(size, size, 3))
    else:
        image = keras.Input((size, size, 3))
        network = keras.Model(image, NETWORKS[name].build(image))
    for layer in encoder.model.layers:
        if layer.weights:
            network.get_layer(layer.name).set_weights(layer.get_weights())
    return keras.Model(network.input, network.get_layer(encoder.fingerprint.layer).output)


def preprocessed(name: str, pictures: np.ndarray) -> np.ndarray:
    """Preprocess pictures as Keras does for that network."""
    pixels = pictures.astype(np.float32)
    if name not in APPLICATIONS:
        return pixels / 127.5 - 1
    module = getattr(import_keras().applications, APPLICATIONS[name][1])
    return np.asarray(module.preprocess_input(pixels))


def otherwise_preprocessed(name: str, pictures: np.ndarray) -> np.ndarray:
    """Preprocess pictures wrongly: as for the other kind of network."""
    kind = NETWORKS[name].preprocessing
    other = next(row.name for row in NETWORKS.values() if row.preprocessing != kind)
    return preprocessed(other if kind == "caffe" else "resnet50", pictures)


@pytest.fixture(scope="session")
def real_weights(request: pytest.FixtureRequest) -> Path | None:
    """Return the folder of real data, or None: here random weights do as well."""
    try:
        return Path(request.getfixturevalue("shared"))
    except pytest.skip.Exception:
        return None


@pytest.mark.parametrize("name", SOME_NETWORKS)
def test_exported_features_are_those_of_plain_keras(
    name: str, pictures: np.ndarray, tmp_path: Path, real_weights: Path | None
) -> None:
    size = pictures.shape[1]
    built = build_encoder(spec_with_weights(name, size, tmp_path, real_weights))
    export_model(built, tmp_path / "encoder.xml")
    exported = OpenVinoEngine(tmp_path / "encoder.xml").encode(pictures)
    network = plain_network(built, size)

    def plain(inputs: np.ndarray) -> np.ndarray:
        return np.asarray(network(inputs, training=False)).mean(axis=(1, 2))

    right = plain(preprocessed(name, pictures))
    assert np.abs(exported - right).max() < 1e-3 * np.abs(right).max()
    assert centred_cosine(exported, right) > 0.999
    wrong = plain(otherwise_preprocessed(name, pictures))
    assert centred_cosine(exported, wrong) < 0.999


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


@pytest.mark.parametrize("latency", [True, False])
def test_a_kept_network_gives_the_same_features(
    latency: bool, small_export: Path, pictures: np.ndarray, tmp_path: Path
) -> None:
    images = np.ascontiguousarray(pictures[:, :48, :48])
    wanted = open_encoder(small_export, latency=latency)
    for _ in range(2):
        kept = open_encoder(small_export, latency=latency, compiled=tmp_path / "compiled")
        assert np.array_equal(kept.encode(images), wanted.encode(images))
        assert np.array_equal(kept.map(images), wanted.map(images))


def test_a_kept_network_is_used_again(small_export: Path, tmp_path: Path) -> None:
    open_encoder(small_export, compiled=tmp_path)
    (file,) = tmp_path.iterdir()
    written = file.stat().st_ino
    os.utime(file, (0, 0))
    open_encoder(small_export, compiled=tmp_path)
    assert list(tmp_path.iterdir()) == [file]
    assert file.stat().st_ino == written
    assert file.stat().st_mtime > 0


@pytest.mark.parametrize("harm", ["empty", "cut", "flip", "other"])
def test_a_damaged_kept_network_is_written_again(
    harm: str, small_export: Path, pictures: np.ndarray, tmp_path: Path
) -> None:
    images = np.ascontiguousarray(pictures[:, :48, :48])
    wanted = open_encoder(small_export, compiled=tmp_path).encode(images)
    (file,) = tmp_path.iterdir()
    content = bytearray(file.read_bytes())
    match harm:
        case "empty":
            content.clear()
        case "cut":
            del content[len(content) // 2 :]
        case "flip":
            content[len(content) // 2] ^= 0x40
        case "other":
            content[:] = b"no network" + crc32(b"no network").to_bytes(4)
    file.write_bytes(content)
    assert np.array_equal(open_encoder(small_export, compiled=tmp_path).encode(images), wanted)
    assert file.read_bytes() != content


def test_a_folder_that_cannot_be_written_is_done_without(
    small_export: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    encoder = open_encoder(small_export, compiled=tmp_path / "file" / "compiled")
    assert encoder.encode(np.zeros((1, 48, 48, 3), np.uint8)).shape == (1, 256)


def test_only_the_networks_used_last_are_kept(small_export: Path, tmp_path: Path) -> None:
    for number in range(KEPT):
        (tmp_path / f"{number}.blob").write_bytes(b"")
        os.utime(tmp_path / f"{number}.blob", (number, number))
    open_encoder(small_export, compiled=tmp_path)
    assert len(list(tmp_path.iterdir())) == KEPT
    assert not (tmp_path / "0.blob").exists()


def test_a_kept_network_hides_no_damage(small_export: Path, tmp_path: Path) -> None:
    home = tmp_path / "encoder"
    shutil.copytree(small_export, home)
    open_encoder(home, compiled=tmp_path / "compiled")
    os.truncate(home / "encoder.bin", 100)
    with pytest.raises(EncoderDamaged, match=str(home)):
        open_encoder(home, compiled=tmp_path / "compiled")


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


EXPORT = """
import sys
from pathlib import Path
from models.encoder import export_encoder
from models.types import EncoderSpec
export_encoder(EncoderSpec("simple_cnn", sys.argv[1], size=48), Path(sys.argv[2]))
"""


def test_exporting_says_nothing_on_the_terminal(small_spec: EncoderSpec, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    exported = subprocess.run(
        [sys.executable, "-c", EXPORT, small_spec.weights, str(tmp_path / "encoder")],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert exported.stdout + exported.stderr == ""


def test_an_export_holds_three_files_and_its_fingerprint(
    small_spec: EncoderSpec, small_export: Path
) -> None:
    assert sorted(file.name for file in small_export.iterdir()) == sorted(ENCODER_FILES)
    fingerprint = read_fingerprint(small_export)
    assert (fingerprint.network, fingerprint.layer) == ("simple_cnn", "conv4_relu")
    assert (fingerprint.size, fingerprint.dim, fingerprint.precision) == (48, 256, "fp32")


def test_a_prepared_encoder_is_found_again(small_spec: EncoderSpec, small_export: Path) -> None:
    before = (small_export / "encoder.bin").stat().st_mtime_ns
    assert prepare_encoder(small_spec, small_export.parent) == small_export
    assert (small_export / "encoder.bin").stat().st_mtime_ns == before
    assert [entry.name for entry in small_export.parent.iterdir()] == [small_export.name]


@pytest.mark.parametrize("name", ENCODER_FILES)
def test_a_damaged_prepared_encoder_is_made_again(
    name: str, small_spec: EncoderSpec, small_export: Path, tmp_path: Path
) -> None:
    home = tmp_path / small_export.name
    shutil.copytree(small_export, home)
    os.truncate(home / name, 100)
    assert prepare_encoder(small_spec, tmp_path) == home
    assert open_encoder(home).fingerprint == read_fingerprint(small_export)


def test_a_failed_export_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.npz").write_bytes(b"")
    spec = EncoderSpec("simple_cnn", str(tmp_path / "empty.npz"), size=48)
    with pytest.raises(LikenessError):
        prepare_encoder(spec, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_key_of_an_export_tells_all_that_changes_a_feature(
    small_spec: EncoderSpec, tmp_path: Path
) -> None:
    other = tmp_path / "other.npz"
    other.write_bytes(b"other weights")
    changed = [
        small_spec,
        replace(small_spec, weights=str(other)),
        replace(small_spec, layer="conv3_relu"),
        replace(small_spec, pooling="gem"),
        replace(small_spec, size=64),
    ]
    assert len({export_key(spec) for spec in changed}) == len(changed)
    assert export_key(replace(small_spec, layer="conv4_relu")) == export_key(small_spec)


@pytest.mark.parametrize("name", ENCODER_FILES)
@pytest.mark.parametrize("harm", ["remove", "truncate", "overwrite"])
def test_a_damaged_export_is_named(
    name: str, harm: str, small_export: Path, tmp_path: Path
) -> None:
    home = tmp_path / "encoder"
    shutil.copytree(small_export, home)
    file = home / name
    match harm:
        case "remove":
            file.unlink()
        case "truncate":
            os.truncate(file, file.stat().st_size // 2)
        case "overwrite":
            file.write_bytes(b"<html>")
    with pytest.raises(EncoderDamaged, match=str(home)):
        open_encoder(home)


@pytest.mark.parametrize("content", ["[]", "{}", '{"network": 1}', "null", "\x00"])
def test_a_fingerprint_of_another_form_is_refused(
    content: str, small_export: Path, tmp_path: Path
) -> None:
    home = tmp_path / "encoder"
    shutil.copytree(small_export, home)
    (home / "fingerprint.json").write_text(content)
    with pytest.raises(EncoderDamaged, match=r"fingerprint\.json"):
        open_encoder(home)


@pytest.mark.parametrize(
    "wrong", [{"dim": 255}, {"size": 64}, {"size": 0}, {"size": -1}, {"precision": "fp8"}]
)
def test_a_fingerprint_of_another_encoder_is_refused(
    wrong: dict[str, Any], small_export: Path, tmp_path: Path
) -> None:
    home = tmp_path / "encoder"
    shutil.copytree(small_export, home)
    values = asdict(replace(read_fingerprint(home), **wrong))
    (home / "fingerprint.json").write_text(json.dumps(values))
    with pytest.raises(EncoderDamaged, match=str(home)):
        open_encoder(home)


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
