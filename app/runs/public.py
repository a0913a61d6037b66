"""What everybody may read of a training: not how the machine's folders are called."""

from dataclasses import replace
from pathlib import PurePath

from indexer.evaluation.reporting.words import without_places
from indexer.experiments.reading.records import Record


def public(record: Record) -> Record:
    """Return a record with the names of folders and files alone where it says where they lie."""
    return replace(
        record,
        command=without_places(record.command),
        given=tuple(replace(each, folder=_name(each.folder)) for each in record.given),
        found=tuple(replace(each, folder=_name(each.folder)) for each in record.found),
    )


def _name(folder: str) -> str:
    return PurePath(folder).name or "the folder"
