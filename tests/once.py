"""What is dear to prepare is made once, and used by all processes of a run of tests."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.files import locked
from models.encoder import export_key, prepare_encoder
from models.types import EncoderSpec

FOLDER = "PYTEST_MADE_ONCE"
"""Names the folder in the environment, which the workers of pytest-xdist inherit."""

WAIT_SECONDS = 240


def open_folder(config: pytest.Config) -> None:
    """Make the folder that lasts as long as the run, unless a process before this one did."""
    if FOLDER in os.environ:
        return
    os.environ[FOLDER] = folder = tempfile.mkdtemp(prefix="likeness-tests-")

    def close() -> None:
        del os.environ[FOLDER]
        shutil.rmtree(folder, ignore_errors=True)

    config.add_cleanup(close)


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """Return what the first process to ask for it makes; it is not to be changed.

    Args:
        name: of the file or folder.
        make: makes it at the path that it is given.
    """
    folder = Path(os.environ[FOLDER])
    path, made = folder / name, folder / f"{name}.made"
    late = TimeoutError(f"{path} was not made in {WAIT_SECONDS} s")
    with locked(folder / f"{name}.lock", late, WAIT_SECONDS):
        if not made.exists():
            make(path)
            made.touch()
    return path


def export_once(spec: EncoderSpec) -> Path:
    """Return a cache of exported encoders that holds this one alone; not to be changed."""
    return made_once(f"encoders-{export_key(spec)}", lambda cache: prepare_encoder(spec, cache))


def prepared(spec: EncoderSpec, cache: Path) -> Path:
    """Return an exported encoder in a cache of one's own, as `prepare_encoder` does."""
    shutil.copytree(export_once(spec), cache, dirs_exist_ok=True)
    return cache / export_key(spec)
