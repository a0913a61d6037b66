"""Known errors end a command with their sentence and exit code 1, never with a traceback."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from models.errors import LikenessError

P = ParamSpec("P")
R = TypeVar("R")


def explained(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors that Likeness explains into those that click prints."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except LikenessError as error:
            raise click.ClickException(str(error)) from error

    return run
