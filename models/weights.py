"""Weights from ImageNet, from the project or from a file, and never half of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

import numpy as np

from models.downloads import fetch, keras_cache
from models.errors import WeightsMismatch, WeightsMissing
from models.networks import Network, network
from models.types import EncoderSpec
from models.weight_files import Entries, open_weights

MOST_NAMED = 20  # missing layers that a message lists
_BUNDLED = Path(__file__).parent / "bundled"


@dataclass(frozen=True)
class WeightFile:
    """A weight file that is at hand.

    Attributes:
        path: of the file.
        sha256: of its content, in hexadecimal.
    """

    path: Path
    sha256: str


def resolve(spec: EncoderSpec) -> WeightFile:
    """Find the weights that a spec asks for, downloading ImageNet's once.

    TensorFlow is imported only where something has to be downloaded.

    Raises:
        UnknownNetwork: there is no such network.
        WeightsMissing: the file is absent, or cannot be downloaded; the message says what to do.
    """
    chosen = network(spec.network)
    if spec.weights == "imagenet":
        path = _imagenet(chosen)
    elif spec.weights == "bundled":
        path = _bundled(chosen)
    else:
        path = Path(spec.weights)
    if not path.is_file():
        raise WeightsMissing(f"There is no weight file at {path}. {_ways_out(chosen)}")
    with path.open("rb") as content:
        return WeightFile(path, file_digest(content, "sha256").hexdigest())


def load_into(
    layers: Sequence[Any], weights: WeightFile, *, of_network: Sequence[Any], name: str
) -> None:
    """Load a weight file into layers, all of which it must cover.

    Args:
        layers: the Keras layers up to the chosen feature layer.
        weights: the file; layers of the network that are not asked for may be missing in it.
        of_network: all layers of the network, by whose order some files name their weights.
        name: how messages call the network.

    Raises:
        WeightsMismatch: layers are missing, have other shapes, or hold what is no number.
    """
    with open_weights(weights.path, of_network) as entries:
        wanted = [(layer.name, weight) for layer in layers for weight in layer.weights]
        _check_covered(entries, wanted, weights.path, name)
        _check_shapes(entries, wanted, weights.path, name)
        for layer, weight in wanted:
            values = entries[layer, weight.name].read().astype(np.float32)
            if not np.isfinite(values).all():
                raise WeightsMismatch(
                    f"{weights.path}: {layer}/{weight.name} holds values that are not finite. "
                    "Get the file again."
                )
            weight.assign(values)


def _check_covered(
    entries: Entries, wanted: Sequence[tuple[str, Any]], file: Path, name: str
) -> None:
    missing = [layer for layer, weight in wanted if (layer, weight.name) not in entries]
    if missing:
        layers = list(dict.fromkeys(missing))
        named = ", ".join(layers[:MOST_NAMED]) + (", ..." if len(layers) > MOST_NAMED else "")
        raise WeightsMismatch(
            f"{file} does not cover {name} up to the chosen feature layer: {len(missing)} of "
            f"{len(wanted)} weights are missing, in the layers {named}. Choose an earlier layer "
            "with --layer, or other weights."
        )


def _check_shapes(
    entries: Entries, wanted: Sequence[tuple[str, Any]], file: Path, name: str
) -> None:
    for layer, weight in wanted:
        entry = entries[layer, weight.name]
        if entry.shape != tuple(weight.shape) or not entry.floating:
            kind = "floats" if entry.floating else "no floats"
            raise WeightsMismatch(
                f"{file} does not fit {name}: {layer}/{weight.name} must be floats of shape "
                f"{tuple(weight.shape)}. Received: {kind} of shape {entry.shape}."
            )


def _bundled(chosen: Network) -> Path:
    if chosen.bundled is None:
        raise WeightsMissing(
            f"No weights of {chosen.name} ship with the project. {_ways_out(chosen)}"
        )
    return _BUNDLED / chosen.bundled


def _imagenet(chosen: Network) -> Path:
    if chosen.imagenet is None:
        raise WeightsMissing(
            f"No ImageNet weights of {chosen.name} are published. {_ways_out(chosen)}"
        )
    try:
        return fetch(chosen.imagenet)
    except WeightsMissing as error:
        raise WeightsMissing(f"{error} {_ways_out(chosen)}") from error


def _ways_out(chosen: Network) -> str:
    """Say what a person can do who has no weights."""
    ways = ["give a file, from a mirror or of your own, with --weights FILE"]
    if chosen.imagenet is not None:
        ways.append(
            f"put {chosen.imagenet.file} where Keras looks for it, in {keras_cache()}, and use "
            "--weights imagenet"
        )
    ways.append("use the network that needs no download: --network pocket")
    return f"Ways out: {'; or '.join(ways)}."
