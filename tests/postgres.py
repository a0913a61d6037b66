"""A PostgreSQL of the tests' own, where it is installed: started once by each process."""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.exc import OperationalError

USER = "likeness"
WAIT_SECONDS = 60
QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "listen_addresses=")
EMPTY = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, or None where it is not installed."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = [Path(on_path).resolve(), *debian] if on_path else debian
    return found[-1].parent if found else None


def empty() -> str:
    """Return the address of a database without rows; skip the test without PostgreSQL."""
    _require()
    with _engine(_started()).begin() as connection:
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
        if tables:
            connection.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE"))
    return _started()


def bare() -> str:
    """Return the address of a database without tables; skip the test without PostgreSQL."""
    _require()
    with _engine(_started()).begin() as connection:
        connection.execute(text(EMPTY))
    return _started()


def _require() -> None:
    if programs() is None:
        if os.environ.get("LIKENESS_REQUIRE_POSTGRES") == "1":
            pytest.fail("needs PostgreSQL, which was not found and is required here")
        pytest.skip("needs PostgreSQL, which was not found: apt install postgresql")


@cache
def _started() -> str:
    """Start PostgreSQL, and return the address of its database."""
    bin_ = programs()
    assert bin_ is not None
    folder = Path(tempfile.mkdtemp(prefix="likeness-pg-", dir="/tmp"))
    # It refuses to run as root. The way to its socket is short: 107 bytes are allowed.
    nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if not os.getuid() else {}
    if nobody:
        shutil.chown(folder, "nobody", "nogroup")
    data = folder / "data"
    initdb = [bin_ / "initdb", "-D", data, "-U", USER, "--auth=trust", "--encoding=UTF8"]
    with (folder / "log").open("wb") as log:
        subprocess.run(
            [*initdb, "--locale=C", "--no-sync"],
            check=True, cwd=folder, stdout=log, stderr=log, **nobody,
        )  # fmt: skip
        options = [part for setting in QUICK for part in ("-c", setting)]
        process = subprocess.Popen(
            [bin_ / "postgres", "-D", data, "-k", folder, *options],
            cwd=folder, stdout=log, stderr=log, **nobody,
        )  # fmt: skip
    atexit.register(_stop, process, folder)
    address = f"postgresql://{USER}@/postgres?host={folder}"
    _await(address, process, folder / "log")
    return address


@cache
def _engine(address: str):
    return create_engine(make_url(address).set(drivername="postgresql+psycopg"))


def _await(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with _engine(address).connect():
                return
        except OperationalError:
            time.sleep(0.05)
    raise AssertionError(f"PostgreSQL did not start:\n{log.read_text()}")


def _stop(process: subprocess.Popen[bytes], folder: Path) -> None:
    process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)
