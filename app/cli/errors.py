"""Known errors end a command with their sentence and exit code 1, never with a traceback."""

import errno
import os
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from app.cli.text import printable
from models.errors import LikenessError

P = ParamSpec("P")
R = TypeVar("R")


def explained(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what Likeness explains, and what the disk refuses, into errors that click prints."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (LikenessError, OSError) as error:
            # A reader that left, as `head` does, is for click to end quietly.
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise
            raise click.ClickException(sentence(error)) from error

    return run


def sentence(error: LikenessError | OSError) -> str:
    """Say what went wrong, and with which file."""
    if isinstance(error, LikenessError) or error.filename is None:
        return printable(str(error))
    path = printable(os.fsdecode(error.filename))
    return f"{path}: {error.strerror}. Check the path, and who may read and write there."
