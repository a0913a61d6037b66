"""`flask queries`: what is kept of uploaded pictures, and its end."""

import math
import time

import click
from flask.cli import AppGroup

from app.cli.errors import explained
from app.extensions import services

queries = AppGroup("queries", help="Remove uploaded pictures.")


@queries.command()
@click.option(
    "--older-than",
    "days",
    metavar="DAYS",
    type=click.FloatRange(0),
    help="Remove what was uploaded so many days ago or earlier.  [default: LIKENESS_QUERY_DAYS]",
)
@click.option("--all", "everything", is_flag=True, help="Remove all.")
@explained
def purge(days: float | None, everything: bool) -> None:
    """Remove uploaded queries with their pictures.

    Without options those are removed that the settings let go: the service does this too, from
    time to time. What people said of hits stays, but leads to no picture any more.
    """
    if everything and days is not None:
        raise click.UsageError("Give --older-than or --all, not both.")
    now = math.inf if everything else time.time()
    kept = services().queries
    gone = kept.purge(now, days)
    click.echo(
        f"Removed {gone.queries:,} {'query' if gone.queries == 1 else 'queries'} with "
        f"{gone.pictures:,} {'picture' if gone.pictures == 1 else 'pictures'}. Kept "
        f"{gone.ratings:,} {'judgement' if gone.ratings == 1 else 'judgements'} of their hits."
    )
    if not kept.forget():
        click.echo(
            "The database is being read: its log may hold what was removed until the server's "
            "next round, within the hour, or until this command is run again."
        )
