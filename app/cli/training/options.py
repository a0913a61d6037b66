"""What the methods of fine-tuning take in common, and the plan of it."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.errors import explained
from app.cli.options import FOLDER, LABELS, POOLING, SIZE, default_weights, encoder_spec
from app.cli.stopping import typed
from app.cli.training.running import run
from app.config import gallery_limits
from indexer.experiments.finetuning.plan import (
    DEFAULT_VARIANTS,
    NO_WEIGHTS,
    Kind,
    TrainPlan,
    Wanted,
)
from indexer.experiments.pictures.labelled import HELD_OUT_SHARE, Choice
from indexer.experiments.runs.encoders import is_run
from models.networks import network as network_named
from models.training.precision import PRECISIONS
from models.types import Crop, EncoderSpec

Command = Callable[..., None]
CHANGES = ("epochs", "batch_size", "rate", "patience")
"""Options that change fields of the recipe."""

_OPTIONS = (
    click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=FOLDER),
    click.option(
        "--network",
        default="resnet50v2",
        show_default=True,
        help="The network that learns: resnet50, resnet50v2, resnet101, mobilenetv2, pocket or "
        "simple_cnn; or run:NAME to learn on with what a training has left.",
    ),
    click.option(
        "--weights",
        help="What it begins with: bundled, imagenet, a file (.h5, .weights.h5, .npz), or none to "
        "train it from scratch.  [default: bundled for pocket, none for simple_cnn, imagenet for "
        "the others]",
    ),
    click.option(
        "--init-missing",
        is_flag=True,
        help="Draw layers anew that the weights lack, where they are trained.",
    ),
    click.option(
        "--unfreeze",
        default="",
        metavar="LAYER",
        help="The first layer that is trained; none for the method's own alone.  [default: of the "
        "network, the first of its last block]",
    ),
    click.option(
        "--recipe",
        default="auto",
        show_default=True,
        help="How it learns: auto; or model1 to model5 of resnet50 and resnet50v2, as published.",
    ),
    click.option("--name", required=True, help="What the run is called."),
    click.option(
        "--size",
        type=SIZE,
        help=f"Side of the network's square input, in pixels.  [default: {EncoderSpec.size}]",
    ),
    click.option(
        "--pooling",
        type=POOLING,
        help=f"How the last map is pooled.  [default: {EncoderSpec.pooling}]",
    ),
    click.option(
        "--faces",
        is_flag=True,
        help="Learn from the largest face of each picture, and leave out pictures without one.",
    ),
    click.option(
        "--validation",
        type=FOLDER,
        help="A folder of pictures that are held out: they choose the epoch that is kept.  "
        "[default: a share of each class]",
    ),
    click.option(
        "--held-out",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        help=f"Share of each class that is held out.  [default: {HELD_OUT_SHARE:g}]",
    ),
    click.option(
        "--test",
        type=FOLDER,
        help="A folder of pictures that are never learnt from and choose nothing: they tell what "
        "was learnt.  [default: the held out ones do]",
    ),
    LABELS,
    click.option(
        "--min-per-class",
        default=Choice.min_per_class,
        show_default=True,
        type=click.IntRange(2),
        help="Leave out classes of fewer pictures.",
    ),
    click.option(
        "--classes",
        type=click.IntRange(2),
        help="Learn so many classes, those with the most pictures.  [default: all]",
    ),
    click.option(
        "--variants",
        type=click.IntRange(0, 64),
        help="Varied forms in which each picture is shown too, where the recipe varies pictures: "
        "mirrored, cropped, turned, in other colours. Frozen layers see each once.  [default: "
        f"{DEFAULT_VARIANTS}]",
    ),
    click.option("--epochs", type=click.IntRange(1), help="At most.  [default: of the recipe]"),
    click.option(
        "--batch-size",
        type=click.IntRange(2, 4096),
        help="Pictures that are learnt from together.  [default: of the recipe]",
    ),
    click.option(
        "--rate",
        type=click.FloatRange(0, 1, min_open=True),
        help="The highest learning rate.  [default: of the recipe]",
    ),
    click.option(
        "--patience",
        type=click.IntRange(1),
        help="End after so many epochs without a smaller loss.  [default: of the recipe]",
    ),
    click.option(
        "--seed",
        default=TrainPlan.seed,
        show_default=True,
        type=click.IntRange(0),
        help="Of all chance: order, variants, first weights, and what is held out.",
    ),
    click.option(
        "--precision",
        default="auto",
        show_default=True,
        type=click.Choice(PRECISIONS),
        help="auto: bf16 on a GPU, and on a processor that has it; else fp32.",
    ),
    click.option("--resume", is_flag=True, help="Go on with a run that was interrupted."),
)


def method(kind: Kind, name: str = "") -> Callable[[Command], click.Command]:
    """Make a command that fine-tunes by a method.

    The function that is decorated gives the command its text and its further options, which are
    fields of Wanted, and does nothing.

    Args:
        kind: the method.
        name: of the command, where it is not the kind's.
    """

    def decorate(function: Command) -> click.Command:
        @wraps(function)
        def command(**given: Any) -> None:
            run(_plan(kind, **given))

        made: Command = with_appcontext(explained(command))
        for option in reversed(_OPTIONS):
            made = option(made)
        return click.command(name or kind)(made)

    return decorate


def _plan(
    kind: Kind,
    sources: tuple[Path, ...],
    network: str,
    weights: str | None,
    size: int | None,
    pooling: str | None,
    faces: bool,
    validation: Path | None,
    held_out: float | None,
    test: Path | None,
    labels: Path | None,
    min_per_class: int,
    classes: int | None,
    seed: int,
    **rest: Any,
) -> TrainPlan:
    """Return the plan of a command line."""
    changes = {name: rest.pop(name) for name in CHANGES}
    crop: Crop = "faces" if faces else ""
    own = {name: rest.pop(name) for name in tuple(rest) if hasattr(Wanted, name)}
    weights = weights or (None if is_run(network) else _weights(network))
    # A run is learnt on with as a network, without what its own method has laid over it.
    encoder = replace(encoder_spec(network, weights, None, pooling, size, crop), head="")
    return TrainPlan(
        kind=kind,
        sources=sources,
        encoder=encoder,
        changes={name: value for name, value in changes.items() if value is not None},
        choice=Choice(validation, labels, min_per_class, classes, seed, held_out, test),
        wanted=Wanted(**own),
        seed=seed,
        command=typed(click.get_current_context(), leave_out=("resume",)),
        limits=gallery_limits(current_app.config),
        **rest,
    )


def _weights(network: str) -> str:
    chosen = network_named(network)
    known = chosen.bundled or chosen.has_imagenet
    return default_weights(network) if known else NO_WEIGHTS
