"""Options that name several systems to be evaluated, in the order in which they are typed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import click

from app.cli.errors import sentence
from app.cli.options import CROP, POOLING, SIZE, default_weights, encoder_spec, require_own
from indexer.evaluation.systems.base import SystemSpec
from indexer.experiments.runs.encoders import is_run
from indexer.experiments.runs.refusals import RunError
from models.errors import NetworkError
from models.types import EncoderSpec

INDEX, NETWORK = "index", "network"
DEFAULT = SystemSpec(encoder=EncoderSpec())

OPTIONS = (
    click.Option(
        [f"--{INDEX}"],
        metavar="NAME",
        multiple=True,
        help="Evaluate this index as it answers searches; may be given again.",
    ),
    click.Option(
        [f"--{NETWORK}"],
        metavar="NETWORK",
        multiple=True,
        help="Evaluate the features of this network: pocket, resnet50, resnet50v2, resnet101, "
        "mobilenetv2 or simple_cnn; or run:NAME for what a training has left. May be given again; "
        "the six options below belong to the "
        "network before them.  [default: pocket, where no index is named]",
    ),
    click.Option(
        ["--weights"],
        metavar="WEIGHTS",
        multiple=True,
        help="Its weights: bundled, imagenet, or a file (.h5, .weights.h5, .npz).  [default: "
        "bundled for pocket, imagenet for the others]",
    ),
    click.Option(
        ["--layer"],
        metavar="LAYER",
        multiple=True,
        help="The layer whose output is its feature.  [default: the last]",
    ),
    click.Option(
        ["--pooling"],
        multiple=True,
        type=POOLING,
        help=f"How that layer's map is pooled.  [default: {EncoderSpec.pooling}]",
    ),
    click.Option(
        ["--size"],
        multiple=True,
        type=SIZE,
        help=f"Side of its square input, in pixels.  [default: {EncoderSpec.size}]",
    ),
    click.Option(
        ["--crop"],
        multiple=True,
        type=CROP,
        help="faces: it sees the largest face of each picture.  [default: the whole picture; of a "
        "run, what it was trained on]",
    ),
    click.Option(
        ["--label"],
        metavar="TEXT",
        multiple=True,
        help="What tables call it.  [default: network and layer]",
    ),
)
NAMES = tuple(str(option.name) for option in OPTIONS)
DETAILS = NAMES[2:]
"""Options that belong to the network before them."""


class SystemsCommand(click.Command):
    """A command that compares systems: its function is given `systems`, a tuple of SystemSpec."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what a command takes; the options that name systems follow its own."""
        super().__init__(*args, **kwargs)
        self.params = [*self.params, *OPTIONS]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line, and bring together what belongs to each system."""
        typed = list(args)
        rest = super().parse_args(ctx, args)
        if ctx.resilient_parsing:
            return rest
        # click converts the values, but only its parser tells in which order options came.
        _, _, order = self.make_parser(ctx).parse_args(args=typed)
        values = {name: iter(ctx.params.pop(name)) for name in NAMES}
        given = [(str(one.name), next(values[str(one.name)])) for one in order if one in OPTIONS]
        try:
            ctx.params["systems"] = tuple(map(_spec, _brought_together(given))) or (DEFAULT,)
        except (click.UsageError, NetworkError) as error:
            raise click.UsageError(str(error), ctx) from error
        except RunError as error:
            raise click.ClickException(sentence(error)) from error
        return rest


@dataclass(frozen=True)
class _Named:
    """An index or network as it was typed, with the options that belong to it."""

    what: str
    name: str
    details: Mapping[str, Any]


def _brought_together(given: list[tuple[str, Any]]) -> Iterator[_Named]:
    """Yield the systems in the order in which they are named."""
    last: _Named | None = None
    for option, value in given:
        if option not in DETAILS:
            if last:
                yield last
            last = _Named(option, value, {})
            continue
        if last is None or last.what != NETWORK:
            place = f"it comes after --{INDEX} {last.name}" if last else "none comes before it"
            raise click.UsageError(
                f"--{option} {value} belongs to the --{NETWORK} before it, and {place}. Write "
                f"--{NETWORK} NETWORK --{option} {value}."
            )
        if option in last.details:
            raise click.UsageError(
                f"--{option} is given twice for --{NETWORK} {last.name}: {last.details[option]} "
                f"and {value}. To compare them, name the network twice."
            )
        last = replace(last, details={**last.details, option: value})
    if last:
        yield last


def _spec(named: _Named) -> SystemSpec:
    if named.what == INDEX:
        return SystemSpec(index=named.name)
    details = dict(named.details)
    label = details.pop("label", "")
    if is_run(named.name):
        # Where runs lie is known once the command runs: until then the spec holds what was typed.
        require_own(named.name, details)
        name = f"{named.name} {details.get('layer', '')}".strip()
        return SystemSpec(encoder=EncoderSpec(named.name, "", **details), label=label or name)
    weights = details.pop("weights", None) or default_weights(named.name)
    return SystemSpec(encoder=EncoderSpec(named.name, weights, **details), label=label)


def with_runs(systems: Iterable[SystemSpec]) -> tuple[SystemSpec, ...]:
    """Return systems with the encoders that runs have left in place of the runs' names.

    Raises:
        RunError: there is no such run, or it has left nothing.
    """
    return tuple(
        replace(each, encoder=_of_run(each.encoder))
        if each.encoder and is_run(each.encoder.network)
        else each
        for each in systems
    )


def _of_run(typed: EncoderSpec) -> EncoderSpec:
    return encoder_spec(typed.network, layer=typed.layer, crop=typed.crop or None)
