"""The command line: thin commands, each of which calls one function of the rooms below."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the commands of Likeness to Flask's own."""
    from app.cli.demo import demo
    from app.cli.gallery import gallery
    from app.cli.index import index
    from app.cli.search import search
    from app.cli.train import train

    for command in (index, search, train, gallery, demo):
        app.cli.add_command(command)
