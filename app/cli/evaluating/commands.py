"""What every command of `flask evaluate` takes beside its own: options, and the plan of them."""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.errors import explained
from app.cli.evaluating.systems import SystemsCommand
from app.config import gallery_limits
from indexer.evaluation.measures import K
from indexer.evaluation.plans import (
    DEFAULT_CLASSES,
    DEFAULT_WORST,
    EvaluationPlan,
    ProtocolName,
)
from models.precisions import PRECISIONS

LONGEST_NAME = 64
TYPED = "likeness.typed"

Decorator = Callable[[Callable[..., None]], Callable[..., None]]

NAME = click.option("--name", help="What the report is called.  [default: of protocol and gallery]")
OPTIONS: Mapping[str, Decorator] = {
    "k": click.option(
        "--k",
        default=K,
        show_default=True,
        type=click.IntRange(1, 1000),
        help="First hits that count, and that are shown.",
    ),
    "seed": click.option(
        "--seed", default=0, show_default=True, type=click.IntRange(0), help="Of all chance."
    ),
    "worst": click.option(
        "--worst",
        default=DEFAULT_WORST,
        show_default=True,
        type=click.IntRange(0, 1000),
        help="Show so many of the queries with the worst answers.",
    ),
    "classes": click.option(
        "--classes",
        default=DEFAULT_CLASSES,
        show_default=True,
        type=click.IntRange(0, 1000),
        help="Show a query of each class, of so many classes at most.",
    ),
    "show": click.option(
        "--show",
        metavar="PATH",
        multiple=True,
        help="Show what this query finds: its path, or the end of it. May be given again.",
    ),
    "precision": click.option(
        "--precision",
        default="fp32",
        show_default=True,
        type=click.Choice(PRECISIONS),
        help="What features are computed in; those of an index are taken as they are.",
    ),
    "workers": click.option(
        "--workers",
        default=0,
        type=click.IntRange(0, 256),
        help="That read and decode pictures, at most.  [default: one for each core]",
    ),
    "batch_size": click.option(
        "--batch-size",
        default=EvaluationPlan.batch_size,
        show_default=True,
        type=click.IntRange(1, 1024),
        help="Pictures encoded at once.",
    ),
}
"""By the fields of EvaluationPlan."""

ENCODING = ("precision", "workers", "batch_size")
RANKING = ("k", "seed", "worst", "classes", "show", *ENCODING)


class TypedCommand(click.Command):
    """A command that remembers how it was typed, for the report."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line."""
        ctx.meta[TYPED] = shlex.join(["flask", "evaluate", str(ctx.info_name), *args])
        return super().parse_args(ctx, args)


class EvaluateCommand(TypedCommand, SystemsCommand):
    """A command that compares systems, and remembers how it was typed."""


@dataclass(frozen=True)
class Common:
    """What several commands take.

    Attributes:
        name: of the report; None for one that is made.
        options: further fields of EvaluationPlan.
    """

    name: str | None
    options: Mapping[str, Any]

    def plan(
        self, protocol: ProtocolName, gallery: Iterable[Path | str], **rest: Any
    ) -> EvaluationPlan:
        """Return the plan of a command.

        Args:
            protocol: that is run.
            gallery: what the report is named after, where no name is given.
            rest: further fields of the plan.
        """
        context = click.get_current_context()
        return EvaluationPlan(
            protocol=protocol,
            name=self.name or default_name(protocol, gallery),
            command=context.meta.get(TYPED, ""),
            limits=gallery_limits(current_app.config),
            **self.options,
            **rest,
        )


def evaluation(*names: str) -> Decorator:
    """Give a command --name and some of the common options, together as the argument `common`.

    Args:
        names: of the options, as in OPTIONS.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(name: str | None, **given: Any) -> None:
            taken = {field: given.pop(field) for field in names}
            function(common=Common(name, taken), **given)

        command: Callable[..., None] = with_appcontext(explained(run))
        options: list[Decorator] = [NAME, *(OPTIONS[each] for each in names)]
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def default_name(protocol: str, gallery: Iterable[Path | str]) -> str:
    """Return a report's name, of its protocol and the names of folders or indexes."""
    words = [
        protocol,
        *(each if isinstance(each, str) else each.resolve().name for each in gallery),
    ]
    slugs = (re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-") for word in words)
    return "-".join(filter(None, slugs))[:LONGEST_NAME].rstrip("-")
