"""A feature is the mean of what its places tell, wherever all that pools them is linear."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.encoder import export_encoder, keras_encoder, open_encoder
from models.errors import NoExplanation
from models.parting import require_parts
from models.precisions import PRECISIONS, derive
from models.types import EncoderSpec, Fingerprint
from tests.models.nets import write_head

HEAD = "24 linear, 16 linear"
PLAIN = Fingerprint("simple_cnn", "0" * 64, "conv4_relu", "tf", "avg", 48, 256)


@pytest.fixture(scope="module")
def images(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return pictures of the small encoder's size, (16, 48, 48, 3)."""
    return np.ascontiguousarray(pictures[:, :48, :48])


@pytest.fixture(scope="module")
def headed(small_spec: EncoderSpec, tmp_path_factory: pytest.TempPathFactory) -> EncoderSpec:
    """Return what to ask for to get the small encoder with a linear head of random weights."""
    file = tmp_path_factory.mktemp("headed") / "headed.npz"
    write_head(Path(small_spec.weights), file, (256, 24, 16))
    return replace(small_spec, weights=str(file), head=HEAD)


@pytest.fixture(scope="module")
def exported(
    headed: EncoderSpec, images: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a folder with that encoder in each precision, in folders of their names."""
    folder = tmp_path_factory.mktemp("exported")
    export_encoder(headed, folder / "exact")
    for precision in PRECISIONS:
        derive(folder / "exact", precision, folder / precision, images)
    return folder


def worst(places: NDArray[np.float32], features: NDArray[np.float32]) -> float:
    """Return by how much the mean of places differs from the features, in parts of the largest."""
    return float(np.abs(places.mean(axis=(1, 2)) - features).max() / np.abs(features).max())


def test_without_a_head_the_places_are_the_map(
    small_export: Path, images: NDArray[np.uint8]
) -> None:
    encoder = open_encoder(small_export)
    assert np.array_equal(encoder.places(images), encoder.map(images))


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_linear_head_is_shared_out_in_every_precision(
    precision: str, exported: Path, images: NDArray[np.uint8]
) -> None:
    encoder = open_encoder(exported / precision)
    places, features = encoder.places(images), encoder.encode(images)
    assert places.shape == (16, 6, 6, 16)
    assert worst(places, features) <= (1e-2 if precision == "bf16" else 1e-5)


def test_keras_shares_a_linear_head_out_as_openvino_does(
    headed: EncoderSpec, exported: Path, images: NDArray[np.uint8]
) -> None:
    reference = keras_encoder(headed)
    places = reference.places(images)
    assert worst(places, reference.encode(images)) <= 1e-5
    found = open_encoder(exported / "fp32").places(images)
    assert np.abs(places - found).max() <= 1e-4 * np.abs(places).max()


@pytest.mark.parametrize("pooling", ["max", "gem"])
def test_other_poolings_than_the_average_are_refused_by_name(pooling: str) -> None:
    with pytest.raises(NoExplanation, match=f"pools by '{pooling}'.*--pooling avg"):
        require_parts(replace(PLAIN, pooling=pooling))


@pytest.mark.parametrize(
    ("head", "layer"), [("8 relu", "Layer 1.*'8 relu'"), ("9 linear, 8 tanh", "Layer 2.*'8 tanh'")]
)
def test_a_head_that_is_not_linear_is_refused_with_its_layer(head: str, layer: str) -> None:
    with pytest.raises(NoExplanation, match=layer):
        require_parts(replace(PLAIN, head=head, dim=8))


def test_a_linear_head_and_none_are_let_pass() -> None:
    require_parts(PLAIN)
    require_parts(replace(PLAIN, head=HEAD, dim=16))


def test_an_encoder_that_cannot_be_parted_says_so(small_export: Path) -> None:
    encoder = open_encoder(small_export)
    encoder.fingerprint = replace(encoder.fingerprint, pooling="max")
    with pytest.raises(NoExplanation, match="'max'"):
        encoder.places(np.zeros((1, 48, 48, 3), np.uint8))
