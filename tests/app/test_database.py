"""The instance's database: migrations, several processes, and its absence."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.database import Database, DatabaseDown, metadata


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
