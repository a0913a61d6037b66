"""Ends an interrupted build with one line: that its work is kept, and how to go on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from app.cli.stopping import STOPPED, typed
from app.cli.text import printable


@contextmanager
def resumable() -> Iterator[None]:
    """Let Ctrl-C end the command in which this stands, without a traceback."""
    try:
        yield
    except KeyboardInterrupt:
        command = printable(typed(click.get_current_context()))
        click.echo(f"Stopped; the work so far is kept. To go on: {command}", err=True)
        sys.exit(STOPPED)
