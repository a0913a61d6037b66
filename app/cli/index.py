"""`flask index`: build, list, describe and check indexes, and keep them up to date."""

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli import generations, tables
from app.cli.build import build
from app.cli.errors import explained
from app.cli.options import instance
from app.cli.tune import tune
from indexer.errors import NoIndex
from indexer.generations import index_names
from indexer.opening import check_index, open_current
from indexer.shelf import Shelf
from models.errors import LikenessError

index = AppGroup("index", help="Build indexes, keep them up to date, list and check them.")
for command in (build, tune, *generations.COMMANDS):
    index.add_command(command)

NAME = click.argument("name", required=False)


@index.command("list")
@explained
def list_() -> None:
    """List the indexes with their sizes."""
    names = index_names(instance())
    if not names:
        raise NoIndex(instance())
    for name in names:
        try:
            manifest = open_current(instance(), name).manifest
            click.echo(tables.in_brief(manifest))
        except LikenessError as error:
            click.echo(f"{name}: unusable: {error}")


@index.command()
@NAME
@explained
def info(name: str | None) -> None:
    """Describe an index.

    Prints its network, parameters, classes and rejected files. Without NAME it is the index
    that is searched by default.
    """
    generation = open_current(instance(), name or _default_name())
    click.echo(tables.facts(generation))
    click.echo("\nclasses\n" + tables.counted(generation.catalog.labels()))
    if generation.manifest.rejected:
        click.echo("\nrejected files, by reason\n" + tables.counted(generation.catalog.reasons()))
        click.echo("\n" + tables.rejected(generation))


@index.command()
@NAME
@explained
def check(name: str | None) -> None:
    """Check that no file of an index is damaged.

    Verifies every checksum and invariant, and names the first damaged file. Without
    NAME it is the index that is searched by default.
    """
    manifest = check_index(instance(), name or _default_name())
    click.echo(f"{manifest.name} is sound: {len(manifest.files)} files, {manifest.images:,} images")


def _default_name() -> str:
    return current_app.config["INDEX"] or Shelf(instance()).default_name()
