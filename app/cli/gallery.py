"""`flask gallery`: draw the sample gallery, or see what a folder holds before it is indexed."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.errors import explained
from app.cli.options import FOLDER, LABELS
from app.cli.progress import shown
from app.cli.text import NO_CLASS, bar_table, listing, printable
from app.config import gallery_limits
from indexer.types import Scan

gallery = AppGroup("gallery", help="Draw a sample gallery, or check a folder of images.")

FIELDS = (
    "path",
    "kept",
    "label",
    "reason",
    "detail",
    "format",
    "width",
    "height",
    "bytes",
    "sha256",
)


@gallery.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--count",
    default=600,
    show_default=True,
    type=click.IntRange(1, 100_000),
    help="Sound pictures to draw.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="The same seed draws the same gallery.",
)
@explained
def sample(directory: Path, count: int, seed: int) -> None:
    """Draw a gallery of pictures to try Likeness with.

    They come in five classes, one folder each in DIRECTORY, with a few broken files beside them
    to show that these do no harm.
    """
    from indexer.sample import draw_sample

    with shown() as report:
        draw_sample(directory, count=count, seed=seed, report=report)
    click.echo(f"Drew {count:,} pictures, and a few odd files, in {directory}")


@gallery.command()
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=FOLDER)
@LABELS
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the list of all files as CSV.",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the list of all files as JSON.",
)
@explained
def check(
    folders: tuple[Path, ...], labels: Path | None, csv_file: Path | None, json_file: Path | None
) -> None:
    """Say which files of a folder can be used.

    Reads every file of DIR and counts those that an index would keep, those that it would
    reject, with the reason, and the images in each class. Nothing is changed or deleted.
    """
    from indexer.gallery import scan

    with shown() as report:
        found = scan(
            folders,
            labels=labels,
            limits=gallery_limits(current_app.config),
            thorough=True,
            progress=report,
        )
    _summarise(found)
    if csv_file:
        _write_csv(csv_file, found)
    if json_file:
        rows = list(_rows(found))
        json_file.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _summarise(found: Scan) -> None:
    click.echo(f"kept {len(found.records):,}, rejected {len(found.rejections):,}")
    reasons = Counter(rejection.reason for rejection in found.rejections)
    labels = Counter(record.label or NO_CLASS for record in found.records)
    if reasons:
        click.echo("\nrejected, by reason\n" + bar_table(reasons) + "\n")
        click.echo(listing(found.rejections, len(found.rejections), "write a list by --csv FILE"))
    click.echo("\nkept, by class\n" + bar_table(labels))


def _rows(found: Scan) -> Iterator[dict[str, object]]:
    for record in found.records:
        yield {
            "path": printable(str(found.roots[record.root] / record.path)),
            "kept": True,
            "label": record.label,
            "reason": None,
            "detail": None,
            "format": record.format,
            "width": record.width,
            "height": record.height,
            "bytes": record.bytes,
            "sha256": record.sha256,
        }
    for rejection in found.rejections:
        yield dict.fromkeys(FIELDS) | {
            "path": printable(str(found.roots[rejection.root] / rejection.path)),
            "kept": False,
            "reason": rejection.reason,
            "detail": rejection.detail,
        }


def _write_csv(file: Path, found: Scan) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, FIELDS)
        writer.writeheader()
        writer.writerows(_rows(found))
