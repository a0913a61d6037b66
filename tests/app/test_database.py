"""The instance's database: migrations, several processes, and its absence."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from app.database import Database, DatabaseDown
from app.queries import Queries
from app.rates import RateLimit
from app.schema import metadata
from tests import postgres, serving

MIGRATIONS = Path(__file__).parents[2] / "app/migrations"


@pytest.fixture
def unmigrated(database_url: str) -> str:
    """Return the address of a database without tables."""
    return postgres.bare() if database_url else ""


@pytest.fixture
def postgresql() -> str:
    """Return the address of an empty PostgreSQL."""
    return postgres.empty()


def test_migrations_make_the_tables_that_the_code_expects(unmigrated: str, tmp_path: Path) -> None:
    database = Database(unmigrated, tmp_path)
    with database.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def test_migrations_lead_back_as_well(unmigrated: str, tmp_path: Path) -> None:
    database = Database(unmigrated, tmp_path)
    with database.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    database.close()
    database.check()
    database.close()


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    database = Database("", tmp_path)
    database.check()
    with sqlite3.connect(database.instance / "likeness.sqlite") as other:
        other.execute("BEGIN IMMEDIATE")
        start = time.monotonic()
        database.check()
        assert time.monotonic() - start < 1
    other.close()
    database.close()


def test_four_processes_may_start_together(unmigrated: str, tmp_path: Path) -> None:
    """Those of PostgreSQL stand for machines, each with an instance of its own."""
    code = (
        "import sys, pathlib; from app.database import Database; "
        "Database(sys.argv[1], pathlib.Path(sys.argv[2])).check()"
    )
    instances = [tmp_path / str(number if unmigrated else 0) for number in range(4)]
    start = [sys.executable, "-c", code, unmigrated]
    running = [
        subprocess.Popen([*start, str(instance)], stderr=subprocess.PIPE) for instance in instances
    ]
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


def test_a_postgresql_that_is_not_there_says_so(tmp_path: Path) -> None:
    nowhere = f"postgresql://likeness@127.0.0.1:{serving.free_port()}/likeness"
    with pytest.raises(DatabaseDown, match="LIKENESS_DATABASE_URL"):
        Database(nowhere, tmp_path).check()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql+psycopg"])
def test_the_usual_addresses_of_a_postgresql_are_known(
    postgresql: str, tmp_path: Path, scheme: str
) -> None:
    database = Database(postgresql.replace("postgresql", scheme, 1), tmp_path)
    with database.begin() as connection:
        assert connection.dialect.driver == "psycopg"
    database.close()


def test_a_lock_of_somebody_else_is_not_waited_for_long(postgresql: str, tmp_path: Path) -> None:
    held, asking = (Database(postgresql, tmp_path) for _ in range(2))
    asking.check()
    with held.begin() as connection:
        connection.execute(text("LOCK TABLE rates"))
        with pytest.raises(DatabaseDown):
            RateLimit(asking, 1).count("192.0.2.1", 0.0)
    RateLimit(asking, 1).count("192.0.2.1", 0.0)
    held.close()
    asking.close()


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
    assert kept.picture("token") == kept.picture("token", 0, "small") == b"jpeg"
    assert query.pictures[0].faces is None


def test_a_migration_that_breaks_off_leaves_what_was(tmp_path: Path) -> None:
    older = tmp_path / "likeness.sqlite"
    Database("", tmp_path).check()
    with closing(sqlite3.connect(older)) as opened:
        opened.executescript(
            "DROP TABLE ratings; DROP TABLE query_pictures; DROP TABLE queries;"
            "UPDATE alembic_version SET version_num = '0002';"
            "CREATE TABLE queries (token VARCHAR(32) PRIMARY KEY, feature BLOB, picture BLOB, "
            "width INTEGER, height INTEGER);"
            "INSERT INTO queries VALUES ('token', NULL, x'00', 1, 1);"
        )
    with pytest.raises(DatabaseDown):
        Database("", tmp_path).check()
    with closing(sqlite3.connect(older)) as opened:
        assert not opened.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'query_pictures'"
        ).fetchall()
        opened.execute("UPDATE queries SET feature = x'00'")
        opened.commit()
    Database("", tmp_path).check()
