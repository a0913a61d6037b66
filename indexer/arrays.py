"""Keeps arrays on disk as .npy files that open by memory map, and refuses any that is not whole."""

import math
import os
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from indexer.errors import DamagedIndex
from indexer.files import sync

HEADER_LIMIT = 1024  # ours have 128 bytes


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write an array as a .npy file, in C order, and force it onto the disk."""
    rows = np.ascontiguousarray(array)
    with path.open("wb") as file:
        npy.write_array_header_1_0(file, npy.header_data_from_array_1_0(rows))
        file.write(rows.data)  # unlike NumPy's own way, it tells why a disk takes no more
    sync(path)


def open_array(path: Path, dtype: str, shape: tuple[int | None, ...]) -> NDArray[Any]:
    """Memory-map a .npy file read-only, after its header and size were checked.

    Args:
        path: the file.
        dtype: NumPy's code of the expected type, such as "<f4".
        shape: the expected shape; None for a length that the file decides.

    Returns:
        The array, of which nothing has been read yet.

    Raises:
        DamagedIndex: the file is absent, truncated, longer than it says, or of another kind.
    """
    try:
        with path.open("rb") as file:
            found, offset = _read_header(file)
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise DamagedIndex(f"{path} cannot be read: {error.strerror}.") from error
    except Exception as error:  # NumPy's parser lets many kinds out of a hostile header
        raise DamagedIndex(f"{path} has no valid .npy header: {error}") from error
    if found.str != dtype:
        raise DamagedIndex(f"{path} holds {found.str} instead of {dtype}.")
    if len(found.shape) != len(shape) or any(
        want is not None and want != have for want, have in zip(shape, found.shape, strict=True)
    ):
        raise DamagedIndex(f"{path} has the shape {found.shape} instead of {shape}.")
    expected = offset + math.prod(found.shape) * np.dtype(dtype).itemsize
    if size != expected:
        raise DamagedIndex(f"{path} has {size:,} bytes instead of {expected:,}.")
    if 0 in found.shape:
        return np.empty(found.shape, dtype)
    mapped = np.memmap(path, dtype=dtype, mode="r", offset=offset, shape=found.shape)
    return mapped.view(np.ndarray)  # the subclass makes every small slice slow


class _Header:
    """Type and shape that a .npy file declares."""

    def __init__(self, shape: tuple[int, ...], fortran_order: bool, dtype: np.dtype[Any]) -> None:
        if fortran_order and len(shape) > 1:
            raise ValueError("columns are stored first")
        if any(length < 0 for length in shape):
            raise ValueError("a length is negative")
        self.shape = shape
        self.str = dtype.str


def _read_header(file: BinaryIO) -> tuple[_Header, int]:
    version = npy.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"version {version} instead of (1, 0)")
    header = _Header(*npy.read_array_header_1_0(file, max_header_size=HEADER_LIMIT))
    return header, file.tell()
