"""A trained network that describes pictures to the one that learns."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.engines.base import Float32, UInt8
from models.engines.keras import import_keras
from models.engines.openvino import core
from models.export import convert, feature_map
from models.layers import PREPROCESSING
from models.networks import network
from models.training.precision import on_gpu
from models.types import EncoderSpec
from models.weights import load_into, resolve


@dataclass(frozen=True)
class Teacher:
    """Describes crops of any size; it never learns itself.

    Attributes:
        name: network and layer.
        width: numbers in a feature.
        weights_sha256: of its weight file, in hexadecimal.
        describe: crops uint8 (n, size, size, 3) -> maps float32 (n, h, w, width).
    """

    name: str
    width: int
    weights_sha256: str
    describe: Callable[[UInt8], Float32]


def open_teacher(
    name: str, weights: Path, *, layer: str | None = None, precision: str = "fp32"
) -> Teacher:
    """Build a teacher and fill it with its trained weights.

    Args:
        name: a network of the table of networks.
        weights: a file of its weights, of any kind that models.weights reads.
        layer: the layer that is learnt from, or None for the network's last.
        precision: fp32, bf16 or fp16.

    Raises:
        UnknownNetwork: there is no such network or layer.
        WeightsMissing: there is no such file.
        WeightsMismatch: the file does not hold the network up to that layer.
    """
    chosen = network(name)
    file = resolve(EncoderSpec(name, str(weights)))
    keras = import_keras()
    crops = keras.Input((None, None, 3), dtype="uint8", name="crops")
    whole = keras.Model(crops, chosen.build(PREPROCESSING[chosen.preprocessing](crops)))
    model = keras.Model(crops, feature_map(whole, chosen, layer or chosen.default_layer))
    load_into(model.layers, file, of_network=whole.layers, name=name)
    return Teacher(
        name=f"{name}:{layer}" if layer else name,
        width=model.output_shape[-1],
        weights_sha256=file.sha256,
        describe=answering(model, precision),
    )


def answering(model: Any, precision: str) -> Callable[[UInt8], Float32]:
    """Return the quickest way to run a Keras model that does not learn.

    On a processor that is OpenVINO, for which Keras has to run on TensorFlow; elsewhere it is
    Keras itself, in the precision that its layers were built with.
    """
    keras = import_keras()
    if keras.config.backend() == "tensorflow" and not on_gpu():
        hint = {"INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32"}
        compiled = core().compile_model(convert(model), "CPU", hint)
        return lambda crops: np.array(compiled(crops)[0], np.float32)
    return lambda crops: np.asarray(model.predict_on_batch(crops), np.float32)


def shrunk(maps: Float32, side: int) -> Float32:
    """Average maps (n, h, w, width) over the areas of fewer places: (n, side, side, width)."""
    rows, columns = (_shares(length, side) for length in maps.shape[1:3])
    fewer: Float32 = np.einsum("ah,bw,nhwc->nabc", rows, columns, maps, optimize=True)
    return fewer


def _shares(length: int, fewer: int) -> Float32:
    """Return (fewer, length): the share of each old place in each new one's mean."""
    edges = np.linspace(0, length, fewer + 1)
    old = np.arange(length)
    covered = np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old)
    return np.asarray(covered.clip(0) * fewer / length, np.float32)
