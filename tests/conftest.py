"""What the tests of all rooms share: real data where there is some, and drawn pictures."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests import once

IGNORED_WARNINGS = (
    # Pillow may remark on odd metadata, as it may when Likeness runs.
    r"ignore::UserWarning:PIL\..*",
    # Keras reads TensorFlow's variables so, wherever it saves or compares them.
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning:keras.*",
)


def pytest_configure(config: pytest.Config) -> None:
    """Let pass the few warnings that are not ours to mend, and prepare what processes share."""
    for warning in IGNORED_WARNINGS:
        config.addinivalue_line("filterwarnings", warning)
    once.open_folder(config)
    # Else each instance would get a list of the machine's fonts of its own.
    os.environ.setdefault("MPLCONFIGDIR", str(Path(os.environ[once.FOLDER], "matplotlib")))
    # Each process of tests has a core: threads for all cores would wait for each other, and spin.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files in the order of their names from the last to the first.

    So no two processes begin with what both need, which one would wait for, and short files come
    last.
    """
    items.sort(key=lambda item: item.path, reverse=True)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real pictures and weights, or skip the test where there is none."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("LIKENESS_TEST_DATA", beside))
    if not (folder / "data").is_dir():
        pytest.skip(f"needs the real pictures and weights, which are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def pictures() -> NDArray[np.uint8]:
    """Return 16 different drawn pictures, uint8 (16, 96, 96, 3)."""
    return np.stack([draw_picture(seed) for seed in range(16)])


def draw_picture(seed: int, height: int = 96, width: int = 96) -> NDArray[np.uint8]:
    """Draw waves of three colours, with a disc and a bar of another, uint8 (height, width, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    frequency = rng.uniform(-25, 25, (3, 2))
    phase = rng.uniform(0, 6, 3)
    waves = np.sin(x[..., None] * frequency[:, 0] + y[..., None] * frequency[:, 1] + phase)
    pixels = 128 + rng.uniform(30, 120, 3) * waves
    disc = (x - rng.uniform(0.2, 0.8)) ** 2 + (y - rng.uniform(0.2, 0.8)) ** 2
    pixels[disc < rng.uniform(0.01, 0.1)] = rng.uniform(0, 255, 3)
    pixels[np.abs(x - rng.uniform(0.2, 0.8)) < 0.04] = rng.uniform(0, 255, 3)
    return np.clip(pixels, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def untraced() -> Iterator[None]:
    """Run each step as it stands: to trace it first would take longer than these few steps."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
