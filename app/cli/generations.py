"""`flask index sync` and its like: indexes that follow their folders, and can go back."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli import tables
from app.cli.errors import explained
from app.cli.interrupts import resumable
from app.cli.machines import tell, told_of_failure, updated
from app.cli.options import JSON, instance, keep_settings_in_instance
from app.cli.progress import shown
from app.config import gallery_limits
from indexer import live
from indexer.checks.acceptance import RECALL
from indexer.history import history, return_to
from indexer.opening import open_current, require_index
from indexer.types import Report
from indexer.unneeded import prune_unneeded
from models.types import Limits

KEPT = 1  # generations before the current one
NAME = click.argument("name")
FILES = click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
ACCEPT = click.option(
    "--accept",
    type=click.FloatRange(0, 1),
    help="For this once: part of the copies of your images that must find their original before "
    f"it goes live; 0 to check nothing.  [default: as for the build, or {RECALL} where that was 0]",
)


@click.command()
@NAME
@click.option(
    "--drop-missing",
    is_flag=True,
    help="Drop what is gone even where a whole folder is empty or most images are gone, as when "
    "a drive is not mounted.",
)
@ACCEPT
@JSON
@with_appcontext
@explained
def sync(name: str, drop_missing: bool, accept: float | None, as_json: bool) -> None:
    """Bring an index up to date with its folders.

    New and changed files are encoded, those that are gone are dropped, and moved ones are known
    by their content. What lies in a folder that cannot be read stays as it was. The index serves
    as it was until the new generation is complete; a running server takes that up by itself.
    Where nothing has changed, nothing is made.
    """
    _update(
        name,
        lambda report: live.sync(
            name,
            instance(),
            accept=accept,
            drop_missing=drop_missing,
            limits=_limits(),
            progress=report,
        ),
        as_json=as_json,
    )


@click.command()
@NAME
@FILES
@ACCEPT
@JSON
@with_appcontext
@explained
def add(name: str, files: tuple[Path, ...], accept: float | None, as_json: bool) -> None:
    """Take single files into an index.

    Each FILE must lie in one of the index's folders. One that was removed from the index is
    taken in again. One that cannot be taken is named with its reason, and the others are taken;
    the exit code is 1 then. What else has changed in the folders is left to `flask index sync`.
    """
    _update(
        name,
        lambda report: live.add(
            name, files, instance(), accept=accept, limits=_limits(), progress=report
        ),
        as_json=as_json,
    )


@click.command()
@NAME
@FILES
@ACCEPT
@JSON
@with_appcontext
@explained
def remove(name: str, files: tuple[Path, ...], accept: float | None, as_json: bool) -> None:
    """Take single files out of an index.

    No FILE is deleted, but searches no longer find it, and later syncs leave it out until it is
    added again, also where it was renamed or copied. Only `flask index build` begins anew, with
    all that the folders hold.
    """
    _update(
        name,
        lambda report: live.remove(
            name, files, instance(), accept=accept, limits=_limits(), progress=report
        ),
        as_json=as_json,
    )


@click.command()
@NAME
@with_appcontext
@explained
def generations(name: str) -> None:
    """List the generations of an index, oldest first.

    One of them is current and serves. Those before it stand in for it where it is damaged, and
    `flask index rollback` returns to them.
    """
    click.echo(tables.generations(history(instance(), name)))


@click.command()
@NAME
@click.option("--to", help="A generation's name or number.  [default: the one before the current]")
@with_appcontext
@explained
def rollback(name: str, to: str | None) -> None:
    """Return to an earlier generation of an index.

    Every file of it is checked first. A running server takes it up by itself. Those after it
    stay until the next build, so that one can return to them with --to. A build that is running
    goes live all the same when it is complete; the generation returned to then stays before it.
    """
    click.echo(f"{tables.in_brief(return_to(instance(), name, to))}, serves now")


@click.command()
@click.argument("name", required=False)
@click.option(
    "--keep",
    type=click.IntRange(0),
    help=f"How many of those before the current one stay.  [default: {KEPT}]",
)
@click.option(
    "--features",
    is_flag=True,
    help="Remove as well the stored features of encoders that made no generation of any index; "
    "those of an interrupted build are among them. So go encoders in int8 that are a day old, "
    "and the maps that trainings have learnt from.",
)
@with_appcontext
@explained
def prune(name: str | None, keep: int | None, features: bool) -> None:
    """Remove generations of an index that do not serve.

    The current one always stays, and the newest before it as --keep says. Those after it, from
    which somebody has returned, go. What a running build works with stays too.

    With --features, NAME may be left out: no generation is removed then.
    """
    if name is None and (keep is not None or not features):
        raise click.UsageError(
            "Name the index whose generations go: NAME; or give --features alone."
        )
    if name is not None:
        gone = require_index(instance(), name).prune(KEPT if keep is None else keep)
        click.echo(f"Removed {', '.join(gone)}" if gone else "There was no generation to remove")
    if features:
        freed = prune_unneeded(instance())
        click.echo(f"Removed {freed / 1e6:,.1f} MB of stored features, maps and encoders")


COMMANDS = (sync, add, remove, generations, rollback, prune)


def _update(name: str, work: Callable[[Report], live.Update], *, as_json: bool) -> None:
    """Bring an index up to date with progress, and print what came of it."""
    keep_settings_in_instance()
    with resumable(), told_of_failure(json=as_json):
        with shown(json=as_json) as report:
            update = work(report)
        click.echo(tables.update(name, update), err=as_json)
        if update.summary and update.summary.rejected:
            rejected = tables.rejected(open_current(instance(), name))
            click.echo("\nrejected files\n" + rejected, err=as_json)
        tell(updated(name, update), json=as_json)
    if update.refused:
        click.echo("\nError: not taken\n" + tables.refused(update.refused), err=True)
        sys.exit(1)


def _limits() -> Limits:
    return gallery_limits(current_app.config)
