"""Writes the catalog of a build: a new file, at once."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from indexer.browsing import orders
from indexer.cataloguing.rows import image_row, rejection_row
from indexer.scanning.known import rules
from indexer.types import DEFAULT_LIMITS, ImageRecord, Rejection
from models.types import Limits

# Paths, labels and details are bytes: names of files need not be UTF-8.
TABLES = """
CREATE TABLE roots (id INTEGER PRIMARY KEY, path BLOB NOT NULL);
CREATE TABLE images (
    id INTEGER PRIMARY KEY, root INTEGER NOT NULL, path BLOB NOT NULL, label BLOB,
    sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, format TEXT NOT NULL,
    distractor INTEGER NOT NULL
);
CREATE TABLE rejections (
    id INTEGER PRIMARY KEY, root INTEGER NOT NULL, path BLOB NOT NULL,
    reason TEXT NOT NULL, detail BLOB NOT NULL, bytes INTEGER, mtime_ns INTEGER,
    sha256 TEXT
);
CREATE TABLE judged (id INTEGER PRIMARY KEY, rules TEXT NOT NULL);
"""
INDEXES = """
CREATE INDEX images_label ON images (label);
CREATE INDEX images_changed ON images (mtime_ns);
CREATE INDEX images_label_changed ON images (label, mtime_ns);
CREATE INDEX images_content ON images (sha256);
CREATE INDEX rejections_reason ON rejections (reason);
"""


def write_catalog(
    path: Path,
    records: Sequence[ImageRecord],
    rejections: Iterable[Rejection],
    roots: Sequence[Path],
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Write a new catalog; an image's id is its place in `records`, from 0.

    Args:
        path: of the file.
        records, rejections, roots: what was found of the gallery.
        limits: what a file was allowed to cost.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        # The file is synced when its generation is published; until then nobody reads it.
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        database.execute("BEGIN")
        _define(database, TABLES)
        _insert(database, "roots", ((os.fsencode(root),) for root in roots))
        _insert(database, "images", (image_row(record) for record in records))
        _insert(database, "rejections", (rejection_row(item) for item in rejections))
        _insert(database, "judged", [(rules(limits),)])
        _define(database, INDEXES)  # of rows that are there: at once, not row by row
        _define(database, orders.SCHEMA)
        orders.lay_milestones(database.execute)
        database.execute("COMMIT")


def _define(database: sqlite3.Connection, schema: str) -> None:
    """Run statements within the transaction, which `executescript` would end."""
    for statement in filter(str.strip, schema.split(";")):
        database.execute(statement)


def _insert(database: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows with ids from 0."""
    numbered: Iterator[tuple[Any, ...]] = ((number, *row) for number, row in enumerate(rows))
    first = next(numbered, None)
    if first is not None:
        command = f"INSERT INTO {table} VALUES ({','.join('?' * len(first))})"
        database.execute(command, first)
        database.executemany(command, numbered)
