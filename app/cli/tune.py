"""`flask index tune`: how much a search must do, and in which tables, found by measuring."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli import tables
from app.cli.errors import explained
from app.cli.interrupts import resumable
from app.cli.options import FOLDER, instance, keep_settings_in_instance
from app.cli.progress import shown
from app.config import gallery_limits
from indexer.frontiers import draw_frontier, require_drawable
from indexer.retuning import retune
from indexer.tuning.asking import Ask
from indexer.tuning.targets import DEFAULT_TARGET, Target


@click.command()
@click.argument("name")
@click.option(
    "--recall",
    default=DEFAULT_TARGET.recall,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True),
    help="Part of the true nearest images that searches shall find.",
)
@click.option(
    "--at",
    default=DEFAULT_TARGET.at,
    show_default=True,
    type=click.IntRange(1),
    help="How many nearest images count.",
)
@click.option(
    "--max-ms",
    type=click.FloatRange(0, min_open=True),
    help="Milliseconds that a search may take at the median, on this machine.",
)
@click.option(
    "--queries",
    metavar="FOLDER",
    type=FOLDER,
    help="Search for the pictures of this folder, in place of images of the index.",
)
@click.option(
    "--copies",
    is_flag=True,
    help="Search for copies of images of the index: mirrored, cropped, recompressed, darkened and "
    "rotated.",
)
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Draw the trade-off into this file (.png, .svg or .pdf).",
)
@with_appcontext
@explained
def tune(
    name: str,
    recall: float,
    at: int,
    max_ms: float | None,
    queries: Path | None,
    copies: bool,
    plot: Path | None,
) -> None:
    """Do as much per search as a recall needs.

    Searches for a sample of the index's own images, each among all others, with growing effort
    and other tables (--g and --h of the build stay as they were given), and compares with exact
    answers. The least that surely enough reaches the recall becomes the default of a new
    generation; no picture of the index is encoded again. Later syncs ask the same queries.
    """
    keep_settings_in_instance()
    if plot:
        require_drawable(plot)
    target, ask = Target(recall, at, max_ms), Ask(queries, copies)
    limits = gallery_limits(current_app.config)
    with resumable(), shown(json=False) as report:
        made = retune(name, instance(), target, ask=ask, limits=limits, progress=report)
    if made.rejections:
        click.echo(f"pictures that are not asked\n{tables.unasked(made.rejections)}\n")
    tuning = made.summary.tuning
    if tuning is None:
        click.echo(f"{name} holds a single image: there is nothing to tune")
        return
    click.echo(tables.frontier(tuning))
    click.echo(f"\n{tables.recall(tuning)}")
    if plot:
        draw_frontier(tuning, plot)
        click.echo(f"Drawn in {plot}")
