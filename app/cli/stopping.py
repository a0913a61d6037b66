"""Lets long work stop where it can go on later, and says by which command."""

import os
import shlex
import signal
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from types import FrameType

import click
from click.core import ParameterSource

STOPPED = 130
"""Exit code of a command that was asked to stop, as shells have it for Ctrl-C."""

NOTICE = b"\nStopping as soon as this can be gone on with. Ctrl-C again ends at once.\n"


@contextmanager
def stop_requests() -> Iterator[Callable[[], bool]]:
    """Take the first Ctrl-C or SIGTERM for a wish to stop; the second ends the process at once.

    Yields:
        what says whether somebody wishes to stop.
    """
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        for each in before:
            signal.signal(each, signal.SIG_DFL)
        os.write(2, NOTICE)  # a handler must not touch Python's own buffers

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    # One that was not set from Python is None, could not be put back, and stays.
    before = {number: handler for number, handler in handlers.items() if handler is not None}
    for number in before:
        signal.signal(number, ask)
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def typed(context: click.Context, leave_out: Container[str] = ()) -> str:
    """Return the command that was typed, with every option that was given.

    Args:
        context: of the command.
        leave_out: parameters that are not repeated, by their names in Python.
    """
    command, given = context.command, []
    for part in command.params:
        name = part.name or ""
        source = context.get_parameter_source(name)
        if name not in leave_out and source is ParameterSource.COMMANDLINE:
            given += _words(part, context.params[name])
    return _environment() + shlex.join(["flask", *_path(context), *given])


def _path(context: click.Context) -> list[str]:
    """Return the names of the groups that lead to a command, and its own."""
    parent = context.parent
    return [] if parent is None else [*_path(parent), context.info_name or ""]


def _words(part: click.Parameter, value: object) -> list[str]:
    values = list(value) if isinstance(value, tuple) else [value]
    if isinstance(part, click.Argument):
        return [_apart_from_options(str(each)) for each in values]
    if isinstance(part, click.Option) and part.is_flag:
        return [part.opts[0]]
    return [word for each in values for word in (part.opts[0], str(each))]


def _apart_from_options(path: str) -> str:
    """Return a path that no command takes for an option, wherever it stands."""
    return f"./{path}" if path.startswith("-") else path


def _environment() -> str:
    """Return what has to stand before the command: Keras reads its backend from a variable."""
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    return "" if backend == "tensorflow" else f"KERAS_BACKEND={shlex.quote(backend)} "
