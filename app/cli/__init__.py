"""The command line: thin commands, each of which calls one function of the rooms below."""

from importlib import import_module

import click
from flask import Flask
from flask.cli import AppGroup

COMMANDS = ("index", "search", "train", "evaluate", "gallery", "demo", "queries", "ratings")
"""The names of the commands; each is defined in the module of its name."""


class Commands(AppGroup):
    """The commands of Likeness, imported when they are asked for: a server needs none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(f"app.cli.{cmd_name}"), cmd_name)
        return command


def register(app: Flask) -> None:
    """Add the commands of Likeness to Flask's own."""
    app.cli = Commands(app.name)
