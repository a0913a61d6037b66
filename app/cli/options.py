"""What several commands take: folders, a file of labels, and the instance they work on."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import click
from flask import current_app

from indexer.experiments.runs.encoders import encoder_of_run, is_run
from indexer.experiments.runs.refusals import RunError
from models.networks import network as network_named
from models.types import Crop, EncoderSpec

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
LABELS = click.option(
    "--labels",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV or text file of 'path label' lines, instead of folders as classes.",
)
POOLING = click.Choice(["avg", "max", "gem"])
SIZE = click.IntRange(32, 1024)  # side of a network's square input, in pixels
CROP = click.Choice([crop for crop in get_args(Crop) if crop])
JSON = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Progress for machines: a JSON object on a line of standard output, every second, and "
    "one with what came of it at the end.",
)


def instance() -> Path:
    """Return the folder that everything is written to."""
    folder: Path = current_app.config["INSTANCE"]
    return folder


def default_weights(network: str) -> str:
    """Return the weights that a network takes unless others are asked for.

    Raises:
        UnknownNetwork: there is no such network.
    """
    return "bundled" if network_named(network).bundled else "imagenet"


def encoder_spec(
    network: str,
    weights: str | None = None,
    layer: str | None = None,
    pooling: str | None = None,
    size: int | None = None,
    crop: Crop | None = None,
) -> EncoderSpec:
    """Return the encoder that options name: a network, or what a run has left.

    Args:
        network: of the table of networks, or "run:NAME".
        weights, layer, pooling, size, crop: None where they are not given.

    Raises:
        UnknownNetwork: there is no such network.
        RunError: there is no such run, it has left nothing, or an option contradicts it.
    """
    if not is_run(network):
        return EncoderSpec(
            network,
            weights or default_weights(network),
            layer,
            pooling or EncoderSpec.pooling,
            size or EncoderSpec.size,
            crop=crop or EncoderSpec.crop,
        )
    require_own(network, {"weights": weights, "pooling": pooling, "size": size})
    found = encoder_of_run(instance(), network, layer)
    if crop and crop != found.crop:
        raise RunError(
            f"--network {network} was trained on whole pictures. Leave out --crop {crop}, or train "
            "it with --faces."
        )
    return found


def require_own(run: str, given: Mapping[str, object]) -> None:
    """Refuse options that contradict what a run brings.

    Args:
        run: as it was named, "run:NAME".
        given: values of options by their names, None where they are not given.

    Raises:
        RunError: weights, pooling or size are given.
    """
    options = ("weights", "pooling", "size")
    named = [f"--{each} {given[each]}" for each in options if given.get(each) is not None]
    if named:
        raise RunError(
            f"--network {run} brings its own weights, pooling and size. Leave out "
            f"{' and '.join(named)}."
        )


def keep_settings_in_instance() -> None:
    """Let Keras and matplotlib write settings and caches there too, unless told otherwise."""
    os.environ.setdefault("KERAS_HOME", str(instance() / "keras"))
    os.environ.setdefault("MPLCONFIGDIR", str(instance() / "matplotlib"))
