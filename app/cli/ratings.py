"""`flask ratings`: what people said of hits, for evaluations."""

import csv
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.cli.errors import explained
from app.extensions import services
from app.judging.judgements import Rating
from app.judging.rows import COLUMNS, cells, row
from app.ratings import Selection

ratings = AppGroup("ratings", help="Export what people said of hits.")


@ratings.command()
@click.option(
    "--format",
    "as_format",
    default="csv",
    show_default=True,
    type=click.Choice(["csv", "json"]),
    help="What is written.",
)
@click.option("--index", help="Only hits that this index found.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Only what was said or changed at this time (UTC) or later.",
)
@explained
def export(as_format: str, index: str | None, since: datetime | None) -> None:
    """Write all judgements to standard output.

    Everybody's are told, each with the random name of its rater. `flask evaluate ratings FILE`
    reads both formats; docs/judging.md explains the columns.

    \b
    Examples:
      flask ratings export > ratings.csv
      flask ratings export --format json --index paintings --since 2025-01-31 > ratings.json
    """
    first = since.replace(tzinfo=UTC).timestamp() if since else None
    found = _all(Selection(index=index, since=first))
    if as_format == "json":
        _write_json(found)
        return
    writer = csv.DictWriter(sys.stdout, COLUMNS)
    writer.writeheader()
    writer.writerows(map(cells, found))


def _all(which: Selection) -> Iterator[Rating]:
    """Yield judgements, some at a time, so that any number of them takes little memory."""
    after = 0
    while found := services().ratings.listed(which, after):
        yield from found
        after = found[-1].id


def _write_json(found: Iterator[Rating]) -> None:
    click.echo("[", nl=False)
    for number, rating in enumerate(found):
        click.echo(("," if number else "") + "\n " + json.dumps(row(rating)), nl=False)
    click.echo("\n]")
