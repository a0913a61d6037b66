"""`flask demo`: from nothing to a running search in one command."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.errors import explained
from app.cli.index import run
from app.cli.options import image_limits
from app.cli.progress import shown
from indexer.build import BuildPlan
from indexer.generations import index_names

HOST = "127.0.0.1"
SECONDS_TO_START = 60.0


@click.command()
@click.option(
    "--gallery",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of images; without it, a sample gallery is drawn.",
)
@click.option("--port", default=5000, show_default=True, help="Where to serve.")
@with_appcontext
@explained
def demo(gallery: Path | None, port: int) -> None:
    """Draw or take a gallery, build its index, and serve the search.

    Everything is kept in the instance folder: a second run starts at once.
    """
    _require_free(port)
    folder = gallery.resolve() if gallery else _sample()
    name = _index_name(folder) if gallery else "sample"
    if name not in index_names(Path(current_app.instance_path)):
        run(BuildPlan(sources=(folder,), name=name, limits=image_limits()))
    click.echo(
        "The network is pocket, which ships with Likeness. ImageNet weights find better neighbours:"
    )
    click.echo(
        f"  flask index build '{folder}' --name {name} --network resnet50v2 --weights imagenet"
    )
    sys.exit(_serve(name, port))


def _sample() -> Path:
    from indexer.sample import draw_sample

    folder = Path(current_app.instance_path) / "sample"
    if not folder.is_dir():
        drawing = folder.with_name("sample.drawing")
        with shown() as report:
            draw_sample(drawing, report=report)
        drawing.rename(folder)
    return folder


def _index_name(folder: Path) -> str:
    """Return a name that another folder of the same name does not share."""
    slug = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-") or "gallery"
    return f"{slug[:40]}-{sha256(os.fsencode(folder)).hexdigest()[:6]}"


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise click.ClickException(
                f"Port {port} cannot be used ({error}). Choose another: make demo PORT=5055"
            ) from error


def _serve(name: str, port: int) -> int:
    """Run gunicorn until it is told to stop, and print the address once it answers."""
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--bind",
            f"{HOST}:{port}",
            "--workers",
            "1",
            "--log-level",
            "warning",
            "app:create_app()",
        ],
        cwd=Path(current_app.root_path).parent,
        env=os.environ
        | {
            "LIKENESS_INSTANCE": current_app.instance_path,
            "LIKENESS_INDEX": name,
            "LIKENESS_TRUSTED_HOSTS": f"{HOST},localhost",
        },
    )
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        if _answers(server, port):
            click.echo(f"Likeness is ready: http://{HOST}:{port}")
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
