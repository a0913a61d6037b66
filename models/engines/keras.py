"""Runs an encoder in Keras: the reference that every other engine is measured against."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from models.engines.base import Float32, UInt8


def import_keras() -> Any:
    """Import Keras on TensorFlow, without TensorFlow's greetings on standard error."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if "keras" in sys.modules:
        return sys.modules["keras"]
    with _silent_descriptor(2):
        import keras
    return keras


@contextmanager
def _silent_descriptor(descriptor: int) -> Iterator[None]:
    """Send what C++ code writes to a file descriptor nowhere, for a moment."""
    kept, nowhere = os.dup(descriptor), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, descriptor)
        yield
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)
        os.close(nowhere)


class KerasEngine:
    """Runs a Keras encoder.

    Args:
        model: uint8 (n, size, size, 3) -> feature (n, dim), map (n, h, w, c).
    """

    def __init__(self, model: Any) -> None:
        self._model = model

    def encode(self, images: UInt8) -> Float32:
        """Return the features (n, dim)."""
        return self._outputs(images)[0]

    def map(self, images: UInt8) -> Float32:
        """Return the maps before pooling (n, h, w, c)."""
        return self._outputs(images)[1]

    def _outputs(self, images: UInt8) -> tuple[Float32, Float32]:
        feature, feature_map = self._model(images, training=False)
        return np.asarray(feature, np.float32), np.asarray(feature_map, np.float32)
