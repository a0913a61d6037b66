"""Weights from ImageNet, from the project or from a file, and never half of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

import numpy as np

from models.downloads import fetch, keras_cache
from models.engines.keras import tensors_of
from models.errors import WeightsMismatch, WeightsMissing
from models.networks import Network, network
from models.types import EncoderSpec
from models.weight_files import Entries, open_weights

MOST_NAMED = 20  # missing layers that a message lists
STATISTICS = {"moving_mean", "moving_variance"}
"""Weights that are measured and not learnt: of the values that reach a batch normalisation."""
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
    layers: Sequence[Any],
    weights: WeightFile,
    *,
    of_network: Sequence[Any],
    name: str,
    init_missing: bool = False,
    training: bool = False,
) -> tuple[str, ...]:
    """Load a weight file into layers, all of which it must cover unless they are to be trained.

    Args:
        layers: the Keras layers up to the chosen feature layer.
        weights: the file; layers of the network that are not asked for may be missing in it.
        of_network: all layers of the network, by whose order some files name their weights.
        name: how messages call the network.
        init_missing: leave layers of which the file lacks a weight as they were drawn, where they
            are trainable; and batch normalisations behind them, whose statistics are of what is
            no more.
        training: whether the layers are to be trained, so that messages name the cures of that.

    Returns:
        the names of the layers that were left so.

    Raises:
        WeightsMismatch: layers are missing, or all of them; or they have other shapes, or hold
            what is no number.
    """
    with open_weights(weights.path, of_network) as entries:
        missing = _missing(entries, layers) if init_missing else []
        _check_trained(missing, weights.path, name)
        loaded = [layer for layer in layers if layer not in missing]
        wanted = [(layer.name, weight) for layer in loaded for weight in layer.weights]
        if missing and not wanted:
            raise WeightsMismatch(
                f"{weights.path} holds no layer of {name}: all of it would be drawn anew. Give "
                "weights of this network, or train it from scratch by --weights none."
            )
        _check_covered(entries, wanted, weights.path, name, training=training)
        _check_shapes(entries, wanted, weights.path, name)
        for layer, weight in wanted:
            values = entries[layer, weight.name].read().astype(np.float32)
            if not np.isfinite(values).all():
                raise WeightsMismatch(
                    f"{weights.path}: {layer}/{weight.name} holds values that are not finite. "
                    "Get the file again."
                )
            weight.assign(values)
    return tuple(layer.name for layer in missing)


def _missing(entries: Entries, layers: Sequence[Any]) -> list[Any]:
    """Return the layers that a file cannot fill, and the statistics behind them."""
    missing, changed = [], set[int]()
    for layer in layers:
        names = {weight.name for weight in layer.weights}
        lacking = any((layer.name, name) not in entries for name in names)
        behind = any(id(tensor) in changed for tensor in tensors_of(layer.input))
        if lacking or behind:
            changed |= {id(tensor) for tensor in tensors_of(layer.output)}
        if lacking or (behind and names & STATISTICS):
            missing.append(layer)
    return missing


def _check_trained(missing: Sequence[Any], file: Path, name: str) -> None:
    frozen = [layer.name for layer in missing if not layer.trainable]
    if frozen:
        raise WeightsMismatch(
            f"{file} lacks layers of {name} that are not trained, and would stay as they are "
            f"drawn: {_named(frozen)}. Give weights that hold them, or have them trained too, by "
            f"--unfreeze {frozen[0]} or a layer before it."
        )


def _named(layers: Sequence[str]) -> str:
    return ", ".join(layers[:MOST_NAMED]) + (", ..." if len(layers) > MOST_NAMED else "")


def _check_covered(
    entries: Entries, wanted: Sequence[tuple[str, Any]], file: Path, name: str, *, training: bool
) -> None:
    missing = [layer for layer, weight in wanted if (layer, weight.name) not in entries]
    if missing:
        layers = list(dict.fromkeys(missing))
        cure = "Choose an earlier layer with --layer, or other weights."
        if training:
            cure = "Draw anew those that are trained by --init-missing, or give other weights."
        raise WeightsMismatch(
            f"{file} does not cover {name} up to the chosen feature layer: {len(missing)} of "
            f"{len(wanted)} weights are missing, in the layers {_named(layers)}. {cure}"
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
