"""What the tests of pages and servers share: one small index, applications and servers on it."""

import atexit
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from app import create_app
from indexer.build import BuildPlan, build_index
from indexer.opening import open_current
from indexer.sample import draw_sample
from tests.once import made_once

PROJECT = Path(__file__).parent.parent
NAME = "sample"
COUNT = 60


@cache
def folder() -> Path:
    """Make a folder that lasts as long as the tests."""
    path = Path(tempfile.mkdtemp(prefix="likeness-tests-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@cache
def gallery() -> Path:
    """Draw the sample gallery that all these tests search; not to be changed."""
    return made_once("gallery", lambda path: draw_sample(path, count=COUNT, seed=0))


@cache
def instance() -> Path:
    """Return an instance with the index that all these tests search, a copy for each process."""
    plan = BuildPlan((gallery(),), name=NAME)
    built = made_once("instance", lambda path: build_index(plan, path))
    return Path(shutil.copytree(built, folder() / "instance", symlinks=True))


@cache
def count() -> int:
    """Return how many images the index holds: the drawn ones, and the odd ones that are sound."""
    with closing(open_current(instance(), NAME).catalog) as catalog:
        return catalog.count


def copy_of(source: Path, target: Path) -> Path:
    """Copy an instance's indexes, by links, so that a test may break or replace them."""
    shutil.copytree(source / "indexes", target / "indexes", copy_function=os.link, symlinks=True)
    return target


def make_app(path: Path, **config: Any) -> Flask:
    """Make an application on an instance."""
    return create_app({"INSTANCE": path, "TESTING": True, **config})


def pictures() -> list[Path]:
    """Return the sound pictures of the gallery, in order."""
    return sorted(gallery().glob("*/*.jpg"))


def png(width: int = 64, height: int = 48, color: str = "steelblue") -> bytes:
    """Draw a picture of one colour."""
    content = BytesIO()
    Image.new("RGB", (width, height), color).save(content, "PNG")
    return content.getvalue()


def token_of(page: str) -> str:
    """Return the form token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no form token"
    return found[1]


def upload(
    client: FlaskClient, data: bytes, filename: str = "picture.jpg", **options: Any
) -> TestResponse:
    """Send a picture as a visitor does: open the home page, then send its form."""
    token = token_of(client.get("/").text)
    form = {"csrf_token": token, "image": (BytesIO(data), filename)}
    return client.post("/search", data=form, **options)


def api(client: FlaskClient, data: bytes, query: str = "", name: str = "q.jpg") -> TestResponse:
    """Send a picture as a program does."""
    return client.post(f"/api/v1/search?{query}", data={"image": (BytesIO(data), name)})


@dataclass(frozen=True)
class Server:
    """A running gunicorn: its address, its process, and its instance."""

    url: str
    process: subprocess.Popen[bytes]
    instance: Path

    @property
    def port(self) -> int:
        """Return its port."""
        return int(self.url.rsplit(":", 1)[1])

    def workers(self) -> list[int]:
        """Return the process ids of its workers."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(number) for number in path.read_text().split()]

    def log(self) -> str:
        """Return what it has said so far."""
        return (self.instance / "server.log").read_text()


@contextmanager
def serving(
    path: Path,
    *options: str,
    wait: bool = True,
    seconds: float = 60,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run gunicorn on an instance, as it is run for real.

    Args:
        path: the instance.
        options: gunicorn's.
        wait: until it is ready.
        seconds: for which it is waited.
        settings: values of LIKENESS_ variables.
    """
    environment = {key: value for key, value in os.environ.items() if "LIKENESS" not in key}
    environment |= {"LIKENESS_INSTANCE": str(path)}
    environment |= {f"LIKENESS_{name}": value for name, value in (settings or {}).items()}
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *options]
    path.mkdir(parents=True, exist_ok=True)
    with (path / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
    server = Server(f"http://127.0.0.1:{port}", process, path)
    try:
        if wait:
            await_ready(server, seconds)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def await_ready(server: Server, seconds: float = 60) -> None:
    """Wait until a server says that it is ready."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.process.poll() is None:
        if status_of(server.url + "/healthz") == 200:
            return
        time.sleep(0.1)
    raise AssertionError(f"the server is not ready:\n{server.log()}")


def status_of(url: str, timeout: float = 10) -> int:
    """Return the HTTP status of an address; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0
