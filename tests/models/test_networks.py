"""Every network of the table is built, fed, cut and pooled as it says."""

import importlib

import numpy as np
import pytest

from models.engines.keras import import_keras
from models.errors import NetworkError, UnknownNetwork
from models.export import lay_out
from models.layers import PREPROCESSING
from models.networks import NETWORKS, network
from models.pooling import POOLINGS, pooling
from models.types import EncoderSpec


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_gives_the_width_of_the_table_at_its_default_layer(name: str) -> None:
    model, whole = lay_out(EncoderSpec(name, size=64))
    feature, feature_map = model.outputs
    assert feature.shape == (None, NETWORKS[name].feature_width)
    assert feature_map.shape[-1] == NETWORKS[name].feature_width
    assert whole.layers[-1].name == NETWORKS[name].default_layer


def test_an_unknown_network_is_told_the_names() -> None:
    with pytest.raises(UnknownNetwork, match="pocket, resnet50, resnet50v2, resnet101"):
        network("resnet5O")


def test_an_unknown_layer_is_told_the_ones_close_to_it() -> None:
    with pytest.raises(UnknownNetwork, match="conv5_block3_out"):
        lay_out(EncoderSpec("resnet50", layer="conv5_block3_uot", size=64))


def test_an_unknown_pooling_is_told_the_names() -> None:
    with pytest.raises(UnknownNetwork, match="avg, max, gem"):
        pooling("mean")


@pytest.mark.parametrize("size", [-1, 0, 31, 1025])
def test_a_size_out_of_bounds_is_refused(size: int) -> None:
    with pytest.raises(NetworkError, match="32 to 1024 pixels"):
        lay_out(EncoderSpec("resnet50", size=size))


@pytest.mark.parametrize(("mode", "module"), [("caffe", "resnet"), ("tf", "resnet_v2")])
def test_preprocessing_is_that_of_keras(mode: str, module: str, pictures: np.ndarray) -> None:
    keras = import_keras()
    image = keras.Input((96, 96, 3), dtype="uint8")
    model = keras.Model(image, PREPROCESSING[mode](image))
    theirs = getattr(keras.applications, module).preprocess_input(pictures.astype(np.float32))
    assert np.abs(np.asarray(model(pictures)) - theirs).max() < 1e-4


@pytest.mark.parametrize("name", POOLINGS)
def test_pooling_is_its_formula(name: str) -> None:
    features = np.random.default_rng(0).normal(size=(3, 4, 5, 6)).astype(np.float32)
    import_keras()
    expected = {
        "avg": features.mean(axis=(1, 2)),
        "max": features.max(axis=(1, 2)),
        "gem": (np.maximum(features, 1e-6) ** 3).mean(axis=(1, 2)) ** (1 / 3),
    }
    assert np.allclose(np.asarray(pooling(name)(features)), expected[name], atol=1e-6)


@pytest.mark.parametrize("name", ["resnet50", "resnet101", "resnet50v2"])
def test_the_hashes_of_the_imagenet_weights_are_those_of_keras(name: str) -> None:
    resnet = importlib.import_module("keras.src.applications.resnet")
    download = NETWORKS[name].imagenet
    assert download is not None
    assert download.md5 == resnet.WEIGHTS_HASHES[name][1]
    assert download.url.startswith(resnet.BASE_WEIGHTS_PATH + name)
