"""Commands on published benchmarks: Holidays, Oxford and Paris, and their ground truth."""

from pathlib import Path
from typing import get_args

import click
from flask.cli import with_appcontext

from app.cli.errors import explained
from app.cli.evaluating.commands import (
    RANKING,
    Common,
    EvaluateCommand,
    default_name,
    evaluation,
)
from app.cli.evaluating.galleries import DISTRACTORS, Systems
from app.cli.evaluating.running import run
from app.cli.options import FOLDER, instance
from indexer.evaluation.plans import Setup

SOURCE = click.argument("source", type=FOLDER)
PARTIAL = click.option(
    "--partial", is_flag=True, help="Go on without pictures that the folder lacks."
)


@click.command(cls=EvaluateCommand)
@SOURCE
@click.option(
    "--ground-truth",
    metavar="FILE",
    default="",
    help="The name that the list was imported by, or the published file.  [default: the names of "
    "the pictures themselves]",
)
@PARTIAL
@DISTRACTORS
@evaluation(*RANKING)
def holidays(
    common: Common,
    systems: Systems,
    source: Path,
    ground_truth: str,
    partial: bool,
    distractors: tuple[Path, ...],
) -> None:
    """Run INRIA Holidays: find the other photographs of the same place.

    SOURCE holds its pictures, named as they were published.
    """
    run(
        common.plan(
            "holidays",
            [source],
            systems=systems,
            sources=(source,),
            distractors=distractors,
            ground_truth=ground_truth,
            partial=partial,
        )
    )


@click.command(cls=EvaluateCommand)
@SOURCE
@click.option(
    "--ground-truth",
    metavar="FILE",
    required=True,
    help="The name that it was imported by, or else the folder of text files (*_query.txt and so "
    "on), or a .pkl or .json file.",
)
@click.option(
    "--setup",
    default="original",
    show_default=True,
    type=click.Choice(get_args(Setup)),
    help="Which answers count: as first published, or as revisited.",
)
@PARTIAL
@DISTRACTORS
@evaluation(*RANKING)
def oxford(
    common: Common,
    systems: Systems,
    source: Path,
    ground_truth: str,
    setup: Setup,
    partial: bool,
    distractors: tuple[Path, ...],
) -> None:
    """Run Oxford5k or Paris6k: find the same building, asked by a part of a picture.

    SOURCE holds the pictures.
    """
    run(
        common.plan(
            "oxford",
            [source, setup] if setup != "original" else [source],
            systems=systems,
            sources=(source,),
            distractors=distractors,
            ground_truth=ground_truth,
            setup=setup,
            partial=partial,
        )
    )


@click.command("import-groundtruth")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--name", help="What it is kept by.  [default: the file's name, without gnd_]")
@with_appcontext
@explained
def import_groundtruth(file: Path, name: str | None) -> None:
    """Keep a published ground truth as JSON in the instance.

    FILE is a folder of Oxford's text files, a pickled dict, which is read without running
    anything, or the list of Holidays. --ground-truth then takes its name.
    """
    from indexer.evaluation.groundtruth.reading import benchmark_name
    from indexer.evaluation.groundtruth.storing import import_ground_truth

    kept = import_ground_truth(file, instance(), name or default_name(benchmark_name(file), ()))
    click.echo(f"Kept as {kept.stem} in {kept}")
