"""The network that learns: a body that is kept, and a head that leads to the teacher's features."""

from pathlib import Path
from typing import Any

import numpy as np

from models.engines.keras import import_keras
from models.layers import PREPROCESSING
from models.networks import network
from models.training.files import write_arrays

STUDENTS = ("pocket",)
"""Networks that can be taught."""

HEAD = "head"


def build_student(name: str, teacher_width: int) -> Any:
    """Build the network that learns.

    Args:
        name: one of STUDENTS.
        teacher_width: numbers in a feature of the teacher.

    Returns:
        Keras model from crops, uint8 (n, size, size, 3), to maps (n, h, w, teacher_width), float32.
    """
    keras = import_keras()
    chosen = network(name)
    crops = keras.Input((None, None, 3), dtype="uint8", name="crops")
    features = chosen.build(PREPROCESSING[chosen.preprocessing](crops))
    return keras.Model(
        crops, keras.layers.Dense(teacher_width, dtype="float32", name=HEAD)(features)
    )


def save_body(student: Any, file: Path) -> None:
    """Write a student's weights without its head, as float16 arrays named `layer/weight`."""
    from keras import ops

    arrays: dict[str, Any] = {
        f"{layer.name}/{weight.name}": ops.convert_to_numpy(weight).astype(np.float16)
        for layer in student.layers
        if layer.name != HEAD
        for weight in layer.weights
    }
    write_arrays(file, arrays)
