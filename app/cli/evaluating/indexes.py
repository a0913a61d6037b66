"""Commands that need no labels: copies of pictures, and people's scores."""

from pathlib import Path

import click

from app.cli.evaluating.commands import RANKING, Common, EvaluateCommand, TypedCommand, evaluation
from app.cli.evaluating.galleries import FILE, Systems, run_on_gallery
from app.cli.evaluating.running import run
from app.cli.options import FOLDER
from indexer.evaluation.protocols.copies import DEFAULT_SAMPLE


@click.command(cls=EvaluateCommand)
@click.argument("sources", metavar="[SOURCE...]", nargs=-1, type=FOLDER)
@click.option(
    "--sample",
    default=DEFAULT_SAMPLE,
    show_default=True,
    type=click.IntRange(1),
    help="Pictures that are drawn; each is searched for by all its copies.",
)
@evaluation(*RANKING)
def copies(common: Common, systems: Systems, sources: tuple[Path, ...], sample: int) -> None:
    """Find the originals of mirrored, cropped, darkened and otherwise changed copies.

    This tells how good an index is without any labels. Without SOURCE the pictures are those of
    the index.

    \b
    Examples:
      flask evaluate copies --index paintings
      flask evaluate copies paintings --network pocket --network mobilenetv2
    """
    run_on_gallery(common, "copies", systems, sources, sample=sample)


@click.command(cls=TypedCommand)
@click.argument("file", type=FILE)
@evaluation("seed")
def ratings(common: Common, file: Path) -> None:
    """Tell what people think of the hits: scores from 1 to 10.

    FILE is a CSV or JSON file with the columns query, hit, index, rank, score and rater. The mean
    is told, by rank and by index, and how well people agree.
    """
    run(common.plan("ratings", [file.stem], ratings=file))
