"""`flask search`: ask an index with pictures from the command line."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import click
from flask import current_app
from flask.cli import with_appcontext

from app.api.schemas.answers import answer_of
from app.cli.errors import explained, sentence
from app.cli.options import instance
from app.cli.text import printable
from app.config import gallery_limits
from indexer.search import MAX_K
from indexer.serving.wishes import Wish
from indexer.shelf import Shelf
from indexer.types import Metric, SearchResult
from models.errors import ImageError, NoFace
from models.types import Box

OTHERWISE = " Or give the part to search with: --crop LEFT TOP RIGHT BOTTOM"


@click.command()
@click.argument(
    "images",
    metavar="IMAGE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("-k", type=click.IntRange(1, MAX_K), help="How many hits.  [default: 10]")
@click.option("--exact", is_flag=True, help="Measure every image of the gallery.")
@click.option(
    "--recall",
    type=click.FloatRange(0, 1, min_open=True),
    help="Find this part of the true nearest images, as the tuning of the index measured it.",
)
@click.option(
    "--budget",
    type=click.IntRange(1),
    help="Open no further bucket once so many images were looked at; the query's own buckets are "
    "opened in any case.",
)
@click.option(
    "--metric",
    type=click.Choice(get_args(Metric)),
    help="What hits are ranked by.  [default: the index's own]",
)
@click.option(
    "--crop",
    metavar="LEFT TOP RIGHT BOTTOM",
    type=float,
    nargs=4,
    help="Search with this part of the picture, in pixels of the upright one.  [default: all of "
    "it; its largest face where the index is one of faces]",
)
@click.option("--index", "name", help="The index to ask.  [default: `default`, or the first]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each image, on a line.")
@with_appcontext
@explained
def search(
    images: tuple[Path, ...],
    k: int | None,
    exact: bool,
    recall: float | None,
    budget: int | None,
    metric: Metric | None,
    crop: Box | None,
    name: str | None,
    as_json: bool,
) -> None:
    """Find the images most similar to a picture.

    Answers for each IMAGE in turn; one that cannot be used is named, and the others go on.
    """
    wish = Wish(exact, recall, budget)
    service = _shelf().get(name or current_app.config["INDEX"] or None)
    k = k or current_app.config["DEFAULT_K"]
    failed = False
    for image in images:
        try:
            result = service.search_image(image, k=k, metric=metric, wish=wish, crop=crop)
        except (ImageError, OSError) as error:
            cure = OTHERWISE if isinstance(error, NoFace) else ""
            click.echo(f"Error: {sentence(error)}{cure}", err=True)
            failed = True
            continue
        click.echo(_as_json(image, result) if as_json else _answer(image, result))
    sys.exit(failed)


def _shelf() -> Shelf:
    return Shelf(instance(), limits=gallery_limits(current_app.config))


def _as_json(image: Path, result: SearchResult) -> str:
    return json.dumps(asdict(answer_of(result, printable(str(image)))))


def _answer(image: Path, result: SearchResult) -> str:
    head = f"{printable(str(image))}: {_done(result)}, {result.timings.total:.0f} ms"
    digits = 0 if result.metric == "hamming" else 4  # whole bits
    lines = [
        f"{hit.rank:>4}  {hit.distance:>9.{digits}f}  {hit.similarity:>7.4f}  "
        f"{printable(hit.image.label or '-'):<14}  {printable(hit.image.path)}"
        for hit in result.hits
    ]
    return "\n".join([head, "rank   distance  similar  class           path", *lines])


def _done(result: SearchResult) -> str:
    visited = f"visited {result.visited:,} of {result.gallery:,} images"
    buckets = f" in {result.probes:,} buckets"
    if result.exact:
        return f"{visited}{buckets if result.probes else ''}, exact"
    done = f"{visited}{buckets}, measured {result.measured:,}"
    unknown = result.recall is None
    return f"{done}, approximate" if unknown else f"{done}, finds {result.recall:.1%} as measured"
