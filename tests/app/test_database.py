"""The instance's database: migrations, several processes, and its absence."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.database import Database, DatabaseDown, metadata
from app.queries import Queries


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database("", tmp_path)


def test_migrations_make_the_tables_that_the_code_expects(database: Database) -> None:
    with database.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    database.check()
    with sqlite3.connect(database.instance / "likeness.sqlite") as other:
        other.execute("BEGIN IMMEDIATE")
        start = time.monotonic()
        database.check()
        assert time.monotonic() - start < 1
    other.close()
    database.close()


def test_four_processes_may_start_together(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from app.database import Database; "
        "Database('', pathlib.Path(sys.argv[1])).check()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    errors = [process.communicate()[1].decode() for process in running]
    assert [process.returncode for process in running] == [0] * 4, errors


def test_a_broken_database_says_so_and_recovers(tmp_path: Path) -> None:
    file = tmp_path / "likeness.sqlite"
    file.write_bytes(b"this is no database" * 100)
    database = Database("", tmp_path)
    with pytest.raises(DatabaseDown, match="LIKENESS_DATABASE_URL"):
        database.check()
    file.unlink()
    database.check()
    database.close()


def test_a_closed_database_opens_again(database: Database) -> None:
    database.check()
    database.close()
    database.check()
    database.close()


def test_the_picture_of_an_older_query_is_kept(tmp_path: Path) -> None:
    """What was uploaded before queries had several pictures is searched with as before."""
    database = Database("", tmp_path)
    feature = np.arange(4, dtype="<f4")
    with closing(sqlite3.connect(tmp_path / "likeness.sqlite")) as older:
        older.executescript(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);"
            "INSERT INTO alembic_version VALUES ('0002');"
            "CREATE TABLE queries (token VARCHAR(32) PRIMARY KEY, created_at FLOAT NOT NULL, "
            "index_name VARCHAR(255) NOT NULL, fingerprint VARCHAR(64) NOT NULL, "
            "feature BLOB NOT NULL, picture BLOB NOT NULL, width INTEGER NOT NULL, "
            "height INTEGER NOT NULL, decode_ms FLOAT NOT NULL, encode_ms FLOAT NOT NULL);"
        )
        row = ("token", time.time(), "art", "print", feature.tobytes(), b"jpeg", 40, 30, 1.5, 2.5)
        older.execute(f"INSERT INTO queries VALUES ({', '.join('?' * 10)})", row)
        older.commit()
    kept = Queries(database, days=2, most=3)
    query = kept.load("token")
    assert np.array_equal(query.pictures[0].feature, feature)
    assert (query.pictures[0].width, query.pictures[0].height) == (40, 30)
    assert kept.picture("token") == b"jpeg"
    assert query.pictures[0].faces is None
