"""Writes what a training keeps so that no power cut leaves a part that looks whole."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

PARTIAL = ".partial"
"""What stands before the ending of a file's name while it is written."""


def settle(file: BinaryIO) -> None:
    """Force an open file onto the disk."""
    file.flush()
    os.fsync(file.fileno())


@contextmanager
def written_aside(file: Path) -> Iterator[BinaryIO]:
    """Write a file aside and rename it, so that no reader and no power cut meets half a file.

    Where it cannot be written, as on a full disk, nothing is left of it.

    Args:
        file: is replaced at one stroke; its folder is made where there is none.

    Yields:
        what to write to.

    Raises:
        OSError: the disk is full, or failed otherwise.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(f"{PARTIAL}{file.suffix}")
    try:
        with partial.open("wb") as content:
            yield content
            settle(content)
        partial.replace(file)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    _settle_names(file.parent)


def write_arrays(file: Path, arrays: Mapping[str, Any], *, compress: bool = True) -> None:
    """Write an .npz at one stroke.

    Raises:
        OSError: the disk is full, or failed otherwise.
    """
    with written_aside(file) as content:
        (np.savez_compressed if compress else np.savez)(content, **arrays)


def clear_partial(folder: Path) -> None:
    """Remove what a killed process has left half written in a folder."""
    for file in folder.glob(f"*{PARTIAL}.np[yz]"):
        file.unlink(missing_ok=True)


def _settle_names(folder: Path) -> None:
    """Force a folder's list of names onto the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
