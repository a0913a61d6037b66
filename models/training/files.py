"""Writes what a training keeps so that no power cut leaves a part that looks whole."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np


def settle(file: BinaryIO) -> None:
    """Force an open file onto the disk."""
    file.flush()
    os.fsync(file.fileno())


def write_arrays(file: Path, arrays: Mapping[str, Any], *, compress: bool = True) -> None:
    """Write an .npz aside and rename it, so that no reader and no power cut meets half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial.npz")
    with partial.open("wb") as content:
        (np.savez_compressed if compress else np.savez)(content, **arrays)
        settle(content)
    partial.replace(file)
