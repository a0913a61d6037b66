"""Commands on folders of pictures: classes, a grid of settings, triplets and pairs."""

from pathlib import Path
from typing import Any

import click

from app.cli.evaluating.commands import ENCODING, RANKING, Common, EvaluateCommand, evaluation
from app.cli.evaluating.running import run
from app.cli.options import FOLDER, LABELS
from indexer.evaluation.plans import DEFAULT_QUERIES, DEFAULT_TRIPLETS, ProtocolName
from indexer.evaluation.settings import Setting, settings_of
from indexer.evaluation.systems.base import SystemSpec

Systems = tuple[SystemSpec, ...]

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
GRID = {"g": "3:8", "h": "2:4", "w": "4,6,8"}
"""The settings that are tried where none are given."""

SOURCES = click.argument("sources", metavar="[SOURCE...]", nargs=-1, type=FOLDER)
QUERIES = click.option(
    "--queries",
    metavar="DIR",
    multiple=True,
    type=FOLDER,
    help="Search for the pictures of this folder. May be given again.  [default: for each picture "
    "of the gallery, left out of its own answer]",
)
DISTRACTORS = click.option(
    "--distractors",
    metavar="DIR",
    multiple=True,
    type=FOLDER,
    help="Further pictures without a class, that are never right. May be given again.",
)
SPLIT = click.option(
    "--split",
    metavar="SHARE",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Hold this share of each class out as queries, drawn by --seed.",
)

QUERY_LABELS = click.option(
    "--query-labels",
    type=FILE,
    help="As --labels, for the pictures of --queries.  [default: their folders]",
)
SAMPLE = click.option(
    "--sample",
    type=click.IntRange(1),
    help="Ask so many queries at most, drawn of each class its share.  [default: all that are "
    f"given or split off; {DEFAULT_QUERIES:,} where the gallery's own pictures ask]",
)


def _grid_options(command: Any) -> Any:
    for name, what in (
        ("w", "bucket widths"),
        ("h", "numbers of projections in each hash function"),
        ("g", "numbers of hash functions, each with a table"),
    ):
        text = f"LSH: try these {what}, beside those of the other two."
        command = click.option(f"--{name}", metavar=GRID[name], help=text)(command)
    return command


def _of_classes(command: Any) -> Any:
    """Give a command the options of galleries with classes."""
    for option in (
        _grid_options,
        SAMPLE,
        QUERY_LABELS,
        LABELS,
        SPLIT,
        DISTRACTORS,
        QUERIES,
        SOURCES,
    ):
        command = option(command)
    return command


@click.command(cls=EvaluateCommand)
@_of_classes
@evaluation(*RANKING)
def folders(
    common: Common,
    systems: Systems,
    sources: tuple[Path, ...],
    g: str | None,
    h: str | None,
    w: str | None,
    **options: Any,
) -> None:
    """Find pictures of the query's class, folders being classes.

    Without SOURCE the pictures are those of the index.

    \b
    Examples:
      flask evaluate folders --index paintings
      flask evaluate folders train --queries test --distractors holiday \\
          --network pocket --network resnet50 --weights resnet50.h5
      flask evaluate folders paintings --split 0.2 --g 3:8 --h 2:4 --w 4,6,8
    """
    grid = _grid(g, h, w) if g or h or w else ()
    run_on_gallery(common, "folders", systems, sources, grid=grid, **options)


@click.command(cls=EvaluateCommand)
@_of_classes
@evaluation(*RANKING)
def grid(
    common: Common,
    systems: Systems,
    sources: tuple[Path, ...],
    g: str | None,
    h: str | None,
    w: str | None,
    **options: Any,
) -> None:
    """Try LSH with several g, h and w, beside exact search.

    Without them: --g 3:8 --h 2:4 --w 4,6,8.
    """
    run_on_gallery(common, "grid", systems, sources, grid=_grid(g, h, w), **options)


@click.command(cls=EvaluateCommand)
@SOURCES
@QUERIES
@SPLIT
@LABELS
@QUERY_LABELS
@click.option(
    "--triplets",
    default=DEFAULT_TRIPLETS,
    show_default=True,
    type=click.IntRange(1),
    help="How many are drawn of the gallery, and of the queries.",
)
@click.option(
    "--file",
    "triplets_file",
    type=FILE,
    help="Rank these triplets of the gallery instead: a CSV file with the columns anchor, positive "
    "and negative, which hold paths below its folder.",
)
@click.option(
    "--test-file", type=FILE, help="Likewise, of the pictures of --queries, or of the --split."
)
@evaluation("seed", *ENCODING)
def triplets(common: Common, systems: Systems, sources: tuple[Path, ...], **options: Any) -> None:
    """Count triplets that are ranked right.

    Draws two pictures of a class and one of another: the first should be nearer to the second
    than to the third. Those of --queries, as of test pictures, are counted apart.
    """
    run_on_gallery(common, "triplets", systems, sources, **options)


@click.command(cls=EvaluateCommand)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@evaluation(*ENCODING)
def pairs(common: Common, systems: Systems, files: tuple[Path, ...]) -> None:
    """Measure how similar given pairs of pictures are.

    FILE is a CSV or JSON file with the columns first and second, paths that begin at its folder,
    and same: "same", "different", or nothing where it is not known. Or give two pictures.
    """
    run(common.plan("pairs", [file.stem for file in files], systems=systems, pairs=files))


def run_on_gallery(
    common: Common,
    protocol: ProtocolName,
    systems: Systems,
    sources: tuple[Path, ...],
    **rest: Any,
) -> None:
    """Run a protocol on pictures that a report is named after: its folders, or else its indexes.

    Args:
        common: options that all commands take.
        protocol: that is run.
        systems: that are asked.
        sources: folders of the gallery; none for the pictures of the first index.
        rest: further fields of the plan.
    """
    gallery = sources or [system.index for system in systems if system.index]
    run(common.plan(protocol, gallery, systems=systems, sources=sources, **rest))


def _grid(g: str | None, h: str | None, w: str | None) -> tuple[Setting, ...]:
    return settings_of(g or GRID["g"], h or GRID["h"], w or GRID["w"])
