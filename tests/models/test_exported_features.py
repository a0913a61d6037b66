"""Exported encoders give the features of plain Keras, for every network."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.engines.keras import import_keras
from models.engines.openvino import OpenVinoEngine
from models.export import KerasEncoder, build_encoder, export_model
from models.networks import NETWORKS
from models.types import EncoderSpec
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


@dataclass(frozen=True)
class Exported:
    """An exported network: its name, Keras's model of it, and OpenVINO's engine."""

    name: str
    built: KerasEncoder
    engine: OpenVinoEngine


@pytest.fixture(scope="module", params=SOME_NETWORKS)
def exported(
    request: pytest.FixtureRequest,
    pictures: np.ndarray,
    tmp_path_factory: pytest.TempPathFactory,
    real_weights: Path | None,
) -> Exported:
    """Return each network in its turn."""
    name, folder = request.param, tmp_path_factory.mktemp("exported")
    built = build_encoder(spec_with_weights(name, pictures.shape[1], folder, real_weights))
    export_model(built, folder / "encoder.xml")
    return Exported(name, built, OpenVinoEngine(folder / "encoder.xml"))


def test_exported_features_are_those_of_plain_keras(
    exported: Exported, pictures: np.ndarray
) -> None:
    features = exported.engine.encode(pictures)
    network = plain_network(exported.built, pictures.shape[1])

    def plain(inputs: np.ndarray) -> np.ndarray:
        return np.asarray(network(inputs, training=False)).mean(axis=(1, 2))

    right = plain(preprocessed(exported.name, pictures))
    assert np.abs(features - right).max() < 1e-3 * np.abs(right).max()
    assert centred_cosine(features, right) > 0.999
    wrong = plain(otherwise_preprocessed(exported.name, pictures))
    assert centred_cosine(features, wrong) < 0.999


def test_the_cosine_of_two_pictures_is_the_sum_over_all_pairs_of_their_places(
    exported: Exported, pictures: np.ndarray
) -> None:
    first, second = exported.engine.encode(pictures[:2]).astype(np.float64)
    lengths = np.linalg.norm(first) * np.linalg.norm(second)
    maps = exported.engine.map(pictures[:2]).astype(np.float64)
    places = maps.reshape(2, -1, maps.shape[-1])
    pairs = np.einsum("ic,jc->ij", *places) / places.shape[1] ** 2
    assert pairs.sum() / lengths == pytest.approx(first @ second / lengths, abs=1e-5)
