"""A small encoder with weights drawn from a seed, exported once for all tests of this room."""

from pathlib import Path

import pytest

from models.encoder import prepare_encoder
from models.types import EncoderSpec
from tests.models.nets import random_network, write_npz


@pytest.fixture(scope="session")
def small_spec(tmp_path_factory: pytest.TempPathFactory) -> EncoderSpec:
    """Return what to ask for to get the small encoder: simple_cnn for 48x48 pixels."""
    file = tmp_path_factory.mktemp("weights") / "simple_cnn.npz"
    write_npz(random_network("simple_cnn"), file)
    return EncoderSpec("simple_cnn", str(file), size=48)


@pytest.fixture(scope="session")
def small_export(small_spec: EncoderSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the small encoder, exported; tests copy it before they harm it."""
    return prepare_encoder(small_spec, tmp_path_factory.mktemp("encoders"))
