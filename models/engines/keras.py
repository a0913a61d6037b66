"""Runs an encoder in Keras: the reference that every other engine is measured against."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np

from models.engines.base import Float32, UInt8, filled
from models.errors import NetworkError
from models.heads import is_of_head

_FEATURE, _MAP = 0, 1  # among the outputs of an encoder's model


def import_keras() -> Any:
    """Import Keras on TensorFlow, without TensorFlow's greetings on standard error."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if "keras" in sys.modules:
        return sys.modules["keras"]
    if not has_gpu():
        # Gradients differ in their last bits where operations run beside each other.
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    with _silent_descriptor(2):
        import keras
    return keras


def tensors_of(nested: Any) -> list[Any]:
    """Return the tensors of what a layer takes or gives: one, or several in lists."""
    return list(import_keras().tree.flatten(nested))


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


def has_gpu() -> bool:
    """Say whether the machine has a GPU that TensorFlow could compute on."""
    return any(Path("/dev").glob("nvidia*"))


def sees_gpu() -> bool:
    """Say whether TensorFlow computes on a GPU; it is imported only where the machine has one."""
    if not has_gpu():
        return False
    if import_keras().config.backend() != "tensorflow":
        return False
    import tensorflow

    with _silent_descriptor(2):
        return bool(tensorflow.config.list_physical_devices("GPU"))


class KerasEngine:
    """Runs a Keras encoder as one compiled function, in single precision.

    Args:
        model: uint8 (n, size, size, 3) -> feature (n, dim), map (n, h, w, c).
        batch_size: pictures of the one shape that is computed, to which all batches are cut or
            filled up; None to take each batch as it comes.

    Raises:
        NetworkError: Keras does not run on TensorFlow.
    """

    def __init__(self, model: Any, batch_size: int | None = None) -> None:
        backend = import_keras().config.backend()
        if backend != "tensorflow":
            raise NetworkError(
                "The engine keras needs Keras on TensorFlow: set KERAS_BACKEND=tensorflow, or use "
                f"--engine openvino. Received: Keras on {backend}."
            )
        self._model = model
        self._batch_size = batch_size
        self._lock = threading.Lock()
        self._functions: dict[int, Callable[[UInt8], Any]] = {}

    def encode(self, images: UInt8) -> Float32:
        """Return the features (n, dim)."""
        return self._run(_FEATURE, images)

    def map(self, images: UInt8) -> Float32:
        """Return the maps before pooling (n, h, w, c)."""
        return self._run(_MAP, images)

    def places(self, images: UInt8) -> Float32:
        """Return the maps, each place of which went through the head, (n, h, w, dim)."""
        maps = self.map(images)
        head = [layer for layer in self._model.layers if is_of_head(layer.name)]
        for layer in head:
            maps = np.asarray(layer(maps), np.float32)
        return maps

    def _run(self, output: int, images: UInt8) -> Float32:
        function = self._function(output)
        count = self._batch_size or len(images)
        starts = range(0, len(images), count)
        results = [function(filled(images[at : at + count], count)) for at in starts]
        return np.concatenate([np.asarray(result, np.float32) for result in results])[: len(images)]

    def _function(self, output: int) -> Callable[[UInt8], Any]:
        """Return the function that computes an output; it is traced at its first use."""
        with self._lock:
            if output not in self._functions:
                self._functions[output] = self._traced(output)
            return self._functions[output]

    def _traced(self, output: int) -> Callable[[UInt8], Any]:
        import tensorflow as tf

        # GPUs would otherwise round the factors of products to ten bits.
        tf.config.experimental.enable_tensor_float_32_execution(False)
        shape = (self._batch_size, *self._model.inputs[0].shape[1:])

        def compute(images: Any) -> Any:
            return self._model(images, training=False)[output]

        signature = [tf.TensorSpec(shape, tf.uint8)]
        return cast(
            Callable[[UInt8], Any],
            tf.function(compute, input_signature=signature, autograph=False),
        )
