"""Trained networks that describe pictures to the one that learns."""

from pathlib import Path
from typing import Any

import numpy as np

from models.engines.base import Float32
from models.engines.keras import import_keras
from models.engines.openvino import import_openvino
from models.errors import UnknownNetwork
from models.export import convert
from models.networks import network
from models.types import EncoderSpec
from models.weights import load_into, resolve

TEACHERS = ("mobilenetv2",)
"""Networks whose whole weights can be had and whose input is in [-1, 1], as the student's."""


class Teacher:
    """A trained network in the form in which it answers fastest: it never learns itself."""

    def __init__(self, model: Any, *, low_precision: bool = False) -> None:
        """Compile a Keras model for answering.

        Args:
            model: Keras model from pictures (n, size, size, 3) in [-1, 1] to features (n, width).
            low_precision: whether to compute in bfloat16.
        """
        self.width: int = model.output_shape[-1]
        precision = "bf16" if low_precision else "f32"
        self._compiled = (
            import_openvino()
            .Core()
            .compile_model(convert(model), "CPU", {"INFERENCE_PRECISION_HINT": precision})
        )

    def describe(self, crops: Float32) -> Float32:
        """Return the features (n, width) of crops (n, size, size, 3) in [-1, 1]."""
        return np.array(self._compiled(crops)[0], dtype=np.float32)


def open_teacher(name: str, weights: Path, *, low_precision: bool = False) -> Teacher:
    """Build a teacher and fill it with its trained weights.

    Args:
        name: one of TEACHERS.
        weights: a file of its weights, of any kind that models.weights reads.
        low_precision: whether to compute in bfloat16.

    Raises:
        UnknownNetwork: there is no such teacher.
        WeightsMissing: there is no such file.
        WeightsMismatch: the file does not hold the whole network.
    """
    if name not in TEACHERS:
        raise UnknownNetwork(f"No teacher is called '{name}'. Choose one of: {TEACHERS}.")
    file = resolve(EncoderSpec(name, str(weights)))
    keras = import_keras()
    pictures = keras.Input((None, None, 3), name="pictures")
    features = keras.layers.GlobalAveragePooling2D()(network(name).build(pictures))
    model = keras.Model(pictures, features)
    load_into(model.layers, file, of_network=model.layers, name=name)
    return Teacher(model, low_precision=low_precision)
