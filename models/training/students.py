"""The network that learns: a body that is kept, and a head that leads to the teacher's features."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models import pocket
from models.engines.keras import import_keras
from models.layers import PREPROCESSING
from models.networks import network
from models.training.files import write_arrays
from models.weights import WeightFile, load_into


@dataclass(frozen=True)
class Student:
    """What a network has to say of itself to be taught.

    Attributes:
        taught: the layer whose features lead to the teacher's.
        levels: the layers whose pooled features the last layer maps, in the order of its input.
        descriptor: the last layer, linear, which is fitted once the others have learnt.
    """

    taught: str
    levels: tuple[str, ...]
    descriptor: str


STUDENTS = {"pocket": Student(pocket.TAUGHT, pocket.LEVELS, pocket.DESCRIPTOR)}
"""Networks that can be taught."""

HEAD = "head"


def build_student(name: str, teacher_width: int) -> Any:
    """Build the network that learns.

    Args:
        name: one of STUDENTS.
        teacher_width: numbers in a feature of the teacher.

    Returns:
        Keras model from crops, uint8 (n, size, size, 3), to maps in the teacher's terms,
        float32 (n, h, w, teacher_width), and to its own maps (n, h, w, width).
    """
    keras = import_keras()
    chosen = network(name)
    crops = keras.Input((None, None, 3), dtype="uint8", name="crops")
    whole = keras.Model(crops, chosen.build(PREPROCESSING[chosen.preprocessing](crops)))
    features = whole.get_layer(STUDENTS[name].taught).output
    head = keras.layers.Dense(teacher_width, dtype="float32", name=HEAD)
    return keras.Model(crops, [head(features), features])


def start_from(student: Any, weights: WeightFile, name: str) -> None:
    """Fill a student, all but its head, with weights of before.

    Raises:
        WeightsMismatch: the file does not hold them.
    """
    body = [layer for layer in student.layers if layer.name != HEAD]
    load_into(body, weights, of_network=body, name=name)


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
