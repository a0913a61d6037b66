"""A head is laid after pooling, everywhere alike, and changes nothing where there is none."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.encoder import export_encoder, export_key, keras_encoder, open_encoder
from models.errors import NetworkError, WeightsMismatch
from models.exported import FINGERPRINT, read_fingerprint
from models.heads import Dense, parse, text_of
from models.types import EncoderSpec, Fingerprint
from tests.models.nets import write_head

HEAD = "24 relu, 16 tanh"
POCKET = Fingerprint(
    network="pocket",
    weights_sha256="0f" * 32,
    layer="descriptor",
    preprocessing="tf",
    pooling="avg",
    size=224,
    dim=512,
)


@pytest.fixture(scope="module")
def headed(small_spec: EncoderSpec, tmp_path_factory: pytest.TempPathFactory) -> EncoderSpec:
    """Return what to ask for to get the small encoder with a head of random weights."""
    file = tmp_path_factory.mktemp("headed") / "headed.npz"
    write_head(Path(small_spec.weights), file, (256, 24, 16))
    return replace(small_spec, weights=str(file), head=HEAD)


@pytest.fixture(scope="module")
def exported(headed: EncoderSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the encoder with a head."""
    folder = tmp_path_factory.mktemp("exported")
    export_encoder(headed, folder)
    return folder


def test_a_head_is_read_and_written_in_one_way() -> None:
    assert parse("") == parse("  ") == ()
    assert parse(" 256  relu,48 tanh ") == (Dense(256, "relu"), Dense(48, "tanh"))
    assert text_of(parse(" 256  relu,48 tanh ")) == "256 relu, 48 tanh"
    assert text_of(()) == ""


@pytest.mark.parametrize(
    "text", ["relu", "256", "0 relu", "4097 relu", "8 selu", "8 relu,", "8 relu 9 tanh", "-8 relu"]
)
def test_what_is_no_head_is_refused_with_its_part(text: str) -> None:
    with pytest.raises(NetworkError, match=r"such as '256 relu, 48 tanh'.* Received: '"):
        parse(text)


@pytest.mark.parametrize("engine", ["keras", "openvino"])
def test_a_feature_is_the_head_of_the_pooled_map(
    engine: str, headed: EncoderSpec, exported: Path, pictures: np.ndarray
) -> None:
    images = np.ascontiguousarray(pictures[:, :48, :48])
    encoder = keras_encoder(headed) if engine == "keras" else open_encoder(exported)
    maps, arrays = encoder.map(images), np.load(headed.weights)
    assert maps.shape == (16, 6, 6, 256)
    pooled = maps.mean(axis=(1, 2))
    hidden = np.maximum(0, pooled @ arrays["head_1/kernel"] + arrays["head_1/bias"])
    expected = np.tanh(hidden @ arrays["head_2/kernel"] + arrays["head_2/bias"])
    assert encoder.dim == 16
    assert np.allclose(encoder.encode(images), expected, atol=1e-4)


def test_keras_and_openvino_give_the_same_features(
    headed: EncoderSpec, exported: Path, pictures: np.ndarray
) -> None:
    images = np.ascontiguousarray(pictures[:, :48, :48])
    reference, served = keras_encoder(headed), open_encoder(exported)
    assert reference.fingerprint == served.fingerprint
    assert np.abs(reference.encode(images) - served.encode(images)).max() <= 2e-5


def test_fingerprint_and_key_tell_the_head(headed: EncoderSpec, exported: Path) -> None:
    fingerprint = read_fingerprint(exported)
    assert (fingerprint.head, fingerprint.dim) == (HEAD, 16)
    assert fingerprint.digest != replace(fingerprint, head="").digest
    assert export_key(headed) == export_key(replace(headed, head="24  relu,16 tanh"))
    assert len({export_key(replace(headed, head=head)) for head in (HEAD, "16 tanh", "")}) == 3


def test_without_a_head_digest_and_file_are_those_of_before_there_were_heads(
    small_export: Path,
) -> None:
    assert POCKET.digest == "4ec8440f0e93a3e5"
    assert "head" not in json.loads((small_export / FINGERPRINT).read_text(encoding="utf-8"))
    assert read_fingerprint(small_export).head == ""


def test_weights_without_the_head_are_refused(headed: EncoderSpec, small_spec: EncoderSpec) -> None:
    with pytest.raises(WeightsMismatch, match="in the layers head_1, head_2"):
        keras_encoder(replace(headed, weights=small_spec.weights))


def test_a_head_of_other_widths_is_refused(headed: EncoderSpec) -> None:
    with pytest.raises(WeightsMismatch, match=r"head_2/kernel must be floats of shape \(24, 8\)"):
        keras_encoder(replace(headed, head="24 relu, 8 tanh"))
