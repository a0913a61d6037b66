"""A small encoder exported once for all tests of this room, and a small training."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.training.fit import History, fit
from models.types import EncoderSpec
from tests.models.courses import vectors_course
from tests.models.nets import random_network, write_npz
from tests.once import made_once, prepared


@pytest.fixture(scope="session")
def small_spec() -> EncoderSpec:
    """Return what to ask for to get the small encoder: simple_cnn for 48x48 pixels."""
    file = made_once("small.npz", lambda path: write_npz(random_network("simple_cnn"), path))
    return EncoderSpec("simple_cnn", str(file), size=48)


@pytest.fixture(scope="session")
def small_export(small_spec: EncoderSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the small encoder, exported; tests copy it before they harm it."""
    return prepared(small_spec, tmp_path_factory.mktemp("encoders"))


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, History]:
    """Return folder and history of a training without interruption; not to be changed."""
    folder = tmp_path_factory.mktemp("fitted")
    return folder, fit(vectors_course(), folder)


@pytest.fixture
def traced(untraced: None) -> Iterator[None]:
    """Trace the steps all the same, where a test takes so many that this is the quicker way."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(False)
    yield
    tf.config.run_functions_eagerly(True)
