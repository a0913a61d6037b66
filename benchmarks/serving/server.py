"""Starts gunicorn as it is started for real, and waits for its first answer."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Memory, children, memory
from benchmarks.serving.clients import Client

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@dataclass(frozen=True)
class Settings:
    """How the server is started.

    Attributes:
        instance: folder with a built index.
        database: file of the queries, so that those of the instance stay as they are.
        options: gunicorn's own.
    """

    instance: Path
    database: Path
    options: Sequence[str] = ()


@dataclass(frozen=True)
class Server:
    """A running server: its port, its first process, and how long its first answer took."""

    port: int
    process: "subprocess.Popen[bytes]"
    seconds: float

    def memory(self) -> list[Memory]:
        """Return the memory of each worker."""
        return [memory(worker) for worker in children(self.process.pid)]


@contextmanager
def running(settings: Settings, picture: Path) -> Iterator[Server]:
    """Run a server, and upload a picture to it as soon as it takes connections.

    Raises:
        SystemExit: if it ends, or gives no answer within a minute.
    """
    port = _free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *_options(settings, port)],
        cwd=PROJECT,
        env=os.environ | _environment(settings),
    )
    try:
        _upload_first(port, process, picture)
        yield Server(port, process, time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _options(settings: Settings, port: int) -> list[str]:
    return ["--bind", f"127.0.0.1:{port}", "--log-level", "warning", *settings.options]


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "LIKENESS_INSTANCE": str(settings.instance.resolve()),
        "LIKENESS_DATABASE_URL": f"sqlite:///{settings.database.resolve()}",
        "LIKENESS_SECRET_KEY": "benchmark",
        "LIKENESS_SEARCHES_PER_MINUTE": "1000000000",
    }


def _upload_first(port: int, process: "subprocess.Popen[bytes]", picture: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.005)
            continue
        with closing(Client(port, START_SECONDS)) as client:
            if client.search(picture).status == 200:
                return
    raise SystemExit("The server gave no answer to its first upload.")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
