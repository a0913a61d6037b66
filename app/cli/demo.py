"""`flask demo`: from nothing to a running search in one command."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.errors import explained
from app.cli.options import FOLDER, instance
from app.reports.quality import is_measured
from indexer.generations import IndexFolder, index_names
from indexer.manifest import read_manifest
from models.errors import LikenessError

HOST = "127.0.0.1"
SECONDS_TO_START = 60.0
SECONDS_TO_END = 10.0
NICENESS = 10  # of the measuring: people search meanwhile
LOG = "measuring.log"


@click.command()
@click.option(
    "--gallery",
    type=FOLDER,
    help="A folder of images; without it, a sample gallery is drawn.",
)
@click.option(
    "--port",
    default=5000,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Where to serve.",
)
@with_appcontext
@explained
def demo(gallery: Path | None, port: int) -> None:
    """Search a sample gallery, or a folder of your own, in one command.

    Draws the sample unless a folder is given, builds the index, and serves the search.
    Everything is kept in the instance folder: a second run starts at once.
    """
    _require_free(port)
    folder = gallery.resolve() if gallery else _sample()
    name = _index_name(folder) if gallery else "sample"
    if name in index_names(instance()):
        click.echo("The index is there already. To take up new and changed pictures:")
        click.echo(f"  {_shown('index', 'sync', name)}")
    else:
        _flask("index", "build", str(folder), "--name", name)
    click.echo("The network is pocket, which ships with Likeness. ImageNet weights find more:")
    better = ("--network", "resnet50v2", "--weights", "imagenet")
    click.echo(f"  {_shown('index', 'build', str(folder), '--name', name, *better)}")
    sys.exit(_serve(name, port))


def _project() -> Path:
    return Path(current_app.root_path).parent


def _sample() -> Path:
    folder = instance() / "sample"
    if not folder.is_dir():
        drawing = folder.with_name("sample.drawing")
        shutil.rmtree(drawing, ignore_errors=True)  # of a run that was interrupted
        _flask("gallery", "sample", str(drawing))
        drawing.rename(folder)
    return folder


def _index_name(folder: Path) -> str:
    """Return a name that another folder of the same name does not share."""
    slug = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-") or "gallery"
    return f"{slug[:40]}-{sha256(os.fsencode(folder)).hexdigest()[:6]}"


def _flask(*arguments: str) -> None:
    """Run a command in a process of its own, so that TensorFlow is gone when it has ended."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", *arguments], cwd=_project(), env=_environment(), check=False
    )
    if done.returncode:
        sys.exit(done.returncode)


def _shown(*arguments: str) -> str:
    """Return a command as it can be typed here."""
    return shlex.join([os.path.relpath(Path(sys.executable).with_name("flask")), *arguments])


def _environment() -> dict[str, str]:
    return os.environ | {"LIKENESS_INSTANCE": str(instance()), "FLASK_APP": "app"}


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise click.ClickException(
                f"The port {port} cannot be used ({error.strerror}). Choose another: "
                "flask demo --port 5055, or make demo PORT=5055"
            ) from error


def _serve(name: str, port: int) -> int:
    """Run gunicorn until it is told to stop, and print the address once it answers."""
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"{HOST}:{port}", "--workers", "1",
         "--log-level", "warning"],
        cwd=_project(),
        env=_environment()
        | {"LIKENESS_INDEX": name, "LIKENESS_TRUSTED_HOSTS": f"{HOST},localhost"},
    )  # fmt: skip
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        if _answers(server, port):
            click.echo(f"Likeness is ready: http://{HOST}:{port}")
            with measuring(name, port):
                return server.wait()
        click.echo("The server is not ready; what it said stands above.", err=True)
        server.terminate()
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()
        server.wait()
        return 0


def _answers(server: "subprocess.Popen[bytes]", port: int) -> bool:
    """Wait until the server is ready; return False where it ended or took too long."""
    deadline = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(f"http://{HOST}:{port}/healthz", timeout=5):
                return True
        except (URLError, HTTPException, OSError):
            time.sleep(0.1)
    return False


@contextmanager
def measuring(name: str, port: int) -> Iterator[None]:
    """Find out meanwhile how good the index is, unless that is known; end with the demo."""
    page = f"http://{HOST}:{port}/index/{name}/quality"
    if _is_measured(name):
        click.echo(f"how good the index is: see {page}")
        yield
        return
    with (instance() / LOG).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "evaluate", "copies", "--index", name],
            cwd=_project(),
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: os.nice(NICENESS),
        )
    click.echo(f"measuring how good the index is: see {page}")
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_measured(name: str) -> bool:
    folder = IndexFolder(instance(), name)
    try:
        built = read_manifest(folder.generation(folder.current() or "")).created
        return is_measured(instance(), name, built)
    except LikenessError:
        return False
