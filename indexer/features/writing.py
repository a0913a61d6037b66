"""Writes features to disk row by row as they are made, and opens them again by memory map."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

import numpy as np
from numpy.lib import format as npy

from indexer.arrays import open_array
from indexer.files import sync
from indexer.types import StoreAs, Stored

CODES: Mapping[StoreAs, str] = MappingProxyType({"float32": "<f4", "float16": "<f2"})
"""NumPy's codes of what features may be stored as."""


class FeatureWriter:
    """Append rows to a .npy file whose count is known only at the end.

    NumPy's headers leave room for the first axis to grow, so that the header written again at
    the close has the length of the first one.
    """

    def __init__(self, path: Path, dim: int, store_as: StoreAs = "float32") -> None:
        """Create the file.

        Args:
            path: where to write.
            dim: width of the features.
            store_as: what they are.
        """
        self.path = path
        self.dim = dim
        self.store_as = store_as
        self.rows = 0
        self._file = path.open("wb")
        self._write_header()
        self._start = self._file.tell()

    def append(self, features: Stored) -> None:
        """Append features (rows, dim) of the type that the file has."""
        if features.dtype != self.store_as or features.shape[1:] != (self.dim,):
            raise ValueError(
                f"Expected {self.store_as} (rows, {self.dim}). "
                f"Received: {features.dtype} {features.shape}"
            )
        self._file.write(np.ascontiguousarray(features, CODES[self.store_as]).data)
        self.rows += len(features)

    def close(self) -> None:
        """Write the final count and force the file onto the disk."""
        if self._file.closed:
            return
        with self._file:
            self._file.seek(0)
            self._write_header()
            if self._file.tell() != self._start:
                raise OSError(f"The header of {self.path} has outgrown its room.")
        sync(self.path)

    def _write_header(self) -> None:
        npy.write_array_header_1_0(
            self._file,
            {
                "descr": CODES[self.store_as],
                "fortran_order": False,
                "shape": (self.rows, self.dim),
            },
        )

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file; after an error only its descriptor."""
        if kind is None:
            self.close()
        else:
            self._file.close()


def open_features(
    path: Path,
    rows: int | None = None,
    dim: int | None = None,
    store_as: StoreAs = "float32",
) -> Stored:
    """Memory-map features read-only.

    Args:
        path: a file of a FeatureWriter.
        rows: how many are expected, or None.
        dim: the expected width, or None.
        store_as: what they are expected to be.

    Returns:
        float32 or float16 (rows, dim).

    Raises:
        DamagedIndex: the file is absent, truncated, too long, or of another kind.
    """
    return open_array(path, CODES[store_as], (rows, dim))
