"""Reads rows that people or programs wrote: CSV files with headings, and JSON lists of objects."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path

from indexer.evaluation.errors import BadTable
from indexer.files import NotRegular, TooBig, read_regular

MAX_BYTES = 256 * 2**20

Row = Mapping[str, object]


def read_sheet(
    file: Path, columns: Sequence[str], let_be: Callable[[Row], bool] = lambda row: False
) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a file, each with where it stands, for errors.

    Args:
        file: JSON, where its suffix is .json, and otherwise CSV in UTF-8.
        columns: that each row must have; others are let be.
        let_be: tells of a row that it is left out.

    Raises:
        BadTable: the file cannot be read, holds no row, or one lacks a column.
    """
    content = _content(file)
    empty = True
    for where, row in _objects(content, file) if _is_json(file) else _lines(content, file):
        empty = False
        if let_be(row):
            continue
        lacking = [name for name in columns if row.get(name) in (None, "")]
        if lacking:
            raise BadTable(
                f"{where}: {', '.join(lacking)} must not be missing. Expected the columns "
                f"{', '.join(columns)}. Received: {', '.join(map(str, row))[:200]}"
            )
        yield where, row
    if empty:
        raise BadTable(f"{file} holds no rows. Expected the columns {', '.join(columns)}.")


def _is_json(file: Path) -> bool:
    return file.suffix.lower() == ".json"


def _content(file: Path) -> str:
    try:
        return read_regular(file, MAX_BYTES)[0].decode("utf-8-sig")
    except (TooBig, NotRegular) as error:
        raise BadTable(f"{error}. Give a CSV or JSON file.") from error
    except OSError as error:
        raise BadTable(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadTable(f"{file} is no text in UTF-8: {error}.") from error


def _lines(content: str, file: Path) -> Iterator[tuple[str, Row]]:
    reader = csv.DictReader(StringIO(content, newline=""), skipinitialspace=True, strict=True)
    try:
        for row in reader:
            yield (
                f"{file}, line {reader.line_num}",
                {
                    str(name): text.strip() if isinstance(text, str) else text
                    for name, text in row.items()
                },
            )
    except csv.Error as error:
        raise BadTable(f"{file}, line {reader.reader.line_num}: {error}.") from error


def _objects(content: str, file: Path) -> Iterator[tuple[str, Row]]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadTable(f"{file} is no JSON: {str(error)[:200]}.") from error
    rows = document if isinstance(document, list) else [document]
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise BadTable(f"{file}, row {number}: expected an object. Received: {row!r:.80}")
        yield f"{file}, row {number}", row
