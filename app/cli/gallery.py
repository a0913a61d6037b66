"""`flask gallery`: draw the sample gallery, or see what a folder holds before it is indexed."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.errors import explained
from app.cli.options import image_limits
from app.cli.progress import shown
from app.cli.text import bar_table, printable
from indexer.types import Scan

gallery = AppGroup("gallery", help="Draw a sample gallery, or check a folder of images.")

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
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
    """Draw a sample gallery in DIRECTORY: five classes, and a few broken files."""
    from indexer.sample import draw_sample

    with shown() as report:
        draw_sample(directory, count=count, seed=seed, report=report)
    click.echo(f"Drew {count:,} pictures, and a few odd files, in {directory}")


@gallery.command()
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=FOLDER)
@click.option(
    "--labels",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV or text file of 'path label' lines, instead of folders as classes.",
)
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
    """Read every file of DIR and say which are kept, which are rejected, and why.

    Nothing is changed or deleted.
    """
    from indexer.gallery import scan

    with shown() as report:
        found = scan(folders, labels=labels, limits=image_limits(), thorough=True, progress=report)
    _summarise(found)
    if csv_file:
        _write_csv(csv_file, found)
    if json_file:
        rows = list(_rows(found))
        json_file.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _summarise(found: Scan) -> None:
    click.echo(f"kept {len(found.records):,}, rejected {len(found.rejections):,}")
    reasons: dict[str, int] = {}
    for rejection in found.rejections:
        reasons[rejection.reason] = reasons.get(rejection.reason, 0) + 1
    labels: dict[str, int] = {}
    for record in found.records:
        name = record.label or "(no class)"
        labels[name] = labels.get(name, 0) + 1
    if reasons:
        click.echo("\nrejected, by reason\n" + bar_table(reasons))
        for rejection in found.rejections:
            click.echo(f"  {printable(rejection.path)}: {rejection.detail}")
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
