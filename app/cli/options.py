"""What several commands take: folders, and a file of labels."""

from pathlib import Path

import click

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
LABELS = click.option(
    "--labels",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV or text file of 'path label' lines, instead of folders as classes.",
)
