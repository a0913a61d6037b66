"""The instance's database, which all workers share: opened, and migrated, at its first use."""

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import finalize

from sqlalchemy import (
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError

from models.errors import LikenessError

logger = logging.getLogger(__name__)

WAIT_SECONDS = 2.0
MIGRATION_SECONDS = 20.0
MIGRATION_LOCK = 0x4C696B65
"""Under which PostgreSQL lets one process migrate, whichever machine it is on."""
POSTGRESQL = ("postgres", "postgresql")


class DatabaseDown(LikenessError):
    """A database that cannot be reached, or stays locked."""


class Database:
    """One process's way to the instance's database.

    Args:
        url: SQLAlchemy's address of the database; empty: a SQLite file in the instance.
        instance: folder of the file, and of the lock under which migrations run.
    """

    def __init__(self, url: str, instance: Path) -> None:
        self.instance = instance
        self.url = url or f"sqlite:///{instance / 'likeness.sqlite'}"
        self._lock = Lock()
        self._engine: Engine | None = None
        self._owner = 0

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a transaction; it is committed at the end, or rolled back by an error.

        Raises:
            DatabaseDown: if the database does not answer within a few seconds.
        """
        try:
            with self._ready().begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            logger.warning("The database failed: %s", error)
            raise DatabaseDown(
                "The database of queries does not answer at the moment. Try again shortly; "
                "if this lasts, see the server's log and the setting LIKENESS_DATABASE_URL."
            ) from error

    def check(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            DatabaseDown: if there is none.
        """
        with self.begin() as connection:
            connection.execute(text("SELECT 1"))

    def forget(self) -> bool:
        """Leave nothing of removed rows in SQLite's log beside the file; wait for nobody.

        Returns:
            whether that was possible: while others are reading, the log stays.

        Raises:
            DatabaseDown: if the database does not answer.
        """
        with self.begin() as connection:
            if connection.dialect.name != "sqlite":
                return True
            # Who waits here would let all that write wait as long.
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            try:
                told = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(1e3 * WAIT_SECONDS)}")
            return not told[0]

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        with self._lock:
            if self._engine is not None:
                self._dispose()
            self._engine = None

    def _ready(self) -> Engine:
        with self._lock:
            # A connection must never be shared with the process this one was forked from.
            if self._engine is None or self._owner != os.getpid():
                self._engine = self._open()
                self._owner = os.getpid()
            return self._engine

    def _open(self) -> Engine:
        self.instance.mkdir(parents=True, exist_ok=True)
        engine = _engine(self.url)
        try:
            with _migration_lock(self.instance / "database.lock"):
                _migrate(engine)
        except BaseException:
            engine.dispose()
            raise
        self._dispose = finalize(self, engine.dispose)
        # A forked process that ends must not end its parent's connections.
        self._dispose.atexit = False
        return engine


def insert_into(connection: Connection, table: Table) -> Any:
    """Return an insertion that may say what is done about a row that is there already."""
    from sqlalchemy.dialects import postgresql, sqlite

    is_postgresql = connection.dialect.name == "postgresql"
    return (postgresql if is_postgresql else sqlite).insert(table)


def _engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        options: dict[str, Any] = {"timeout": WAIT_SECONDS}
        engine = create_engine(url, connect_args=options, pool_timeout=WAIT_SECONDS)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    parsed = make_url(url)
    if parsed.drivername not in POSTGRESQL:
        return create_engine(parsed, pool_pre_ping=True, pool_timeout=WAIT_SECONDS)
    try:
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_timeout=WAIT_SECONDS,
            connect_args={"connect_timeout": int(WAIT_SECONDS)},
        )
    except ImportError as error:
        raise DatabaseDown(
            "PostgreSQL needs a driver that is not installed here. Install it: "
            "pip install -r requirements-postgresql.txt"
        ) from error
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _: object) -> None:
    # What others hold is waited for as long as with SQLite, not for ever.
    connection.execute(f"SET lock_timeout = '{WAIT_SECONDS}s'")
    connection.commit()


def _prepare_sqlite(connection: Any, _: object) -> None:
    # With a write-ahead log readers never wait for the writer.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # What is removed is overwritten: a picture that was forgotten is in no file any more.
    connection.execute("PRAGMA secure_delete = ON")


@contextmanager
def _migration_lock(path: Path) -> Iterator[None]:
    """Hold a file lock, so that workers that start together migrate one after another."""
    deadline = time.monotonic() + MIGRATION_SECONDS
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            # Python's sqlite3 begins no transaction for what changes tables.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = '{MIGRATION_SECONDS}s'"))
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
