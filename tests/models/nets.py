"""Makes weight files and features by plain Keras, for the tests of networks and encoders."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engines.keras import import_keras
from models.export import lay_out
from models.types import EncoderSpec

REAL_WEIGHTS = {
    "resnet50": ("resnet50_conv1-4.npz", "conv4_block6_out"),
    "resnet50v2": ("resnet50v2_conv1-4.npz", "conv5_block1_preact_relu"),
    "mobilenetv2": ("mobilenetv2.npz", "out_relu"),
}
"""Network -> its file among the real weights, and the last layer that the file covers."""


def random_network(name: str, *, seed: int = 1, size: int = 96) -> Any:
    """Return a whole network in Keras with weights drawn from a seed."""
    import_keras().utils.set_random_seed(seed)
    return lay_out(EncoderSpec(name, size=size))[1]


def write_npz(model: Any, file: Path, kind: type = np.float32) -> Path:
    """Write a Keras model's weights as .npz of layer/weight."""
    arrays = {
        f"{layer.name}/{weight.name}": np.asarray(weight).astype(kind)
        for layer in model.layers
        for weight in layer.weights
    }
    np.savez(file, **arrays)
    return file


def write_head(source: Path, file: Path, widths: tuple[int, ...]) -> None:
    """Add a head of random weights to a network's: layers from each width to the next."""
    random, arrays = np.random.default_rng(5), dict(np.load(source))
    for number, (inputs, outputs) in enumerate(pairwise(widths), start=1):
        kernel = random.normal(0, inputs**-0.5, (inputs, outputs))
        arrays[f"head_{number}/kernel"] = kernel.astype(np.float32)
        arrays[f"head_{number}/bias"] = random.normal(0, 0.1, outputs).astype(np.float32)
    np.savez(file, **arrays)


def write_legacy_h5(model: Any, file: Path, prefix: str = "") -> Path:
    """Write weights in the layout of Keras 2, as keras.applications publishes them."""
    import h5py

    with h5py.File(file, "w") as root:
        root.attrs["layer_names"] = [(prefix + layer.name).encode() for layer in model.layers]
        for layer in model.layers:
            group = root.create_group(prefix + layer.name)
            paths = [f"{prefix}{layer.name}/{weight.name}:0" for weight in layer.weights]
            group.attrs["weight_names"] = [path.encode() for path in paths]
            for path, weight in zip(paths, layer.weights, strict=True):
                group.create_dataset(path, data=np.asarray(weight))
    return file


def centred_cosine(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return the least cosine of two sets' features (n, dim), each less its set's mean."""
    one, two = first - first.mean(axis=0), second - second.mean(axis=0)
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
    return float((np.einsum("nd,nd->n", one, two) / lengths).min())
