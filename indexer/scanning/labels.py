"""Reads which class each image belongs to, where the folders' names do not say it."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from posixpath import basename, normpath

from indexer.errors import LabelsInvalid

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PATH_HEADINGS = {"path", "file", "filename", "file_name", "image", "image_id", "name"}
LABEL_HEADINGS = {"label", "class", "category", "identity", "identity_id", "id"}


def read_labels(file: Path) -> dict[str, str]:
    """Read a file of `path label` lines.

    The separator is a comma (CSV, with its quotes) or a tab where the first line has one, and
    otherwise the last run of blanks of each line, as in CelebA's identity file. A first line of
    known headings, such as `path,label`, is passed over.

    Args:
        file: UTF-8 text; other bytes are kept, so that they match names that are not UTF-8.

    Returns:
        The label of each path.

    Raises:
        LabelsInvalid: the file cannot be read, or a line is not a path and a label.
    """
    labels: dict[str, str] = {}
    for number, fields in _rows(file):
        if number == 1 and _is_heading(fields):
            continue
        if len(fields) != 2 or not all(fields):
            raise LabelsInvalid(
                f"{file}, line {number}: expected a path and a label. Received: {fields}"
            )
        path, label = normpath(fields[0]), fields[1]
        if labels.setdefault(path, label) != label:
            raise LabelsInvalid(
                f"{file}, line {number}: {path!r} has two labels, {labels[path]!r} and {label!r}. "
                "Keep one of them."
            )
    if not labels:
        raise LabelsInvalid(f"{file} holds no label: expected one `path label` on each line.")
    return labels


def assign_labels(labels: dict[str, str], paths: Sequence[str]) -> list[str | None]:
    """Give each path its label: by the whole path, else by the file name where that is unique.

    Args:
        labels: as read by `read_labels`.
        paths: relative to the gallery's roots.

    Returns:
        One label for each path, None where there is none.
    """
    by_name = {basename(path): label for path, label in labels.items()}
    unique = _once(basename(path) for path in labels) & _once(basename(path) for path in paths)
    return [
        labels.get(path, by_name[basename(path)] if basename(path) in unique else None)
        for path in paths
    ]


def _once(names: Iterable[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count == 1}


def _is_heading(fields: list[str]) -> bool:
    return (
        len(fields) == 2
        and fields[0].lower() in PATH_HEADINGS
        and fields[1].lower() in LABEL_HEADINGS
    )


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield line numbers and stripped fields of the lines that are not blank."""
    try:
        text = file.read_bytes().removeprefix(BYTE_ORDER_MARK).decode("utf-8", "surrogateescape")
    except OSError as error:
        raise LabelsInvalid(f"The labels cannot be read from {file}: {error.strerror}.") from error
    lines = text.replace("\r\n", "\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    separator = "\t" if "\t" in first else "," if "," in first else None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, [field.strip() for field in _fields(line, separator)]
            except csv.Error as error:
                raise LabelsInvalid(f"{file}, line {number}: {error}.") from error


def _fields(line: str, separator: str | None) -> list[str]:
    if separator is None:
        return line.strip().rsplit(None, 1)
    return next(csv.reader([line], delimiter=separator))
