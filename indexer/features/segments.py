"""One pair of files of the feature cache: features in rows, and the keys that vouch for them.

`NNNNNN.rows` holds rows of float32, or of what else the cache is of, little-endian. `NNNNNN.keys`
holds one record for each row: the SHA-256 of the image's content, and a checksum over the encoder,
that SHA-256 and the row. A row counts only where its record is whole and the checksum fits, so
whatever a crash, a full or a failing disk leaves behind is no feature, wherever it lies. Rows are
on the disk before the records that name them; what follows the last whole record is written over
by the next writer.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from indexer.types import Ids

KEYS, ROWS = ".keys", ".rows"
DIGEST_BYTES = 32
KEY = np.dtype([("digest", f"S{DIGEST_BYTES}"), ("check", "<u4")])

Bools = NDArray[np.bool_]
Digests = NDArray[np.bytes_]
Keys = NDArray[np.void]


class Segment:
    """A pair of files, read by everybody and written by the one process that claimed it.

    In memory are the keys, 52 bytes for each row; rows are read when they are asked for, not
    mapped: a page that cannot be read is then a row that is not there, and never a SIGBUS.
    """

    def __init__(self, stem: Path, dim: int, seed: int, dtype: str = "<f4") -> None:
        """Open the pair, made where it does not exist, and read its keys.

        Args:
            stem: path of the files without their suffixes.
            dim: width of the features.
            seed: stands for the encoder in the checksums.
            dtype: of the features, as NumPy writes it.

        Raises:
            OSError: it cannot be opened or read.
        """
        self.stem = stem
        self.dim = dim
        self._dtype = np.dtype(dtype)
        self._seed = seed
        self._keys = np.zeros(0, KEY)
        self._fresh: list[Keys] = []  # appended since the keys were sorted
        self._unsaved: list[Keys] = []  # appended since the last save
        self._saved = 0
        self._sorted = np.zeros(0, np.uint64)
        self._order: Ids = np.zeros(0, np.int64)
        mode = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._keys_file = os.open(stem.with_suffix(KEYS), mode, 0o644)
        try:
            self._rows_file = os.open(stem.with_suffix(ROWS), mode, 0o644)
        except BaseException:
            os.close(self._keys_file)
            raise
        try:
            self._load()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the files, and let go of the claim."""
        os.close(self._keys_file)
        os.close(self._rows_file)

    def claim(self) -> bool:
        """Become its one writer, unless another process is, or the files were removed."""
        if not try_lock(self._keys_file) or not self._is_linked():
            return False
        self._load()
        return True

    def find(self, digests: Digests) -> tuple[NDArray[Any], Bools]:
        """Read features, and check each of them.

        Args:
            digests: (n,) SHA-256 of the images wanted.

        Returns:
            features (n, dim), and which of them are here: bool (n,); rows of others mean nothing.
        """
        self._sort()
        features = np.zeros((len(digests), self.dim), self._dtype)
        found = np.zeros(len(digests), bool)
        beginnings = _beginnings(digests)
        places = np.searchsorted(self._sorted, beginnings)
        wanted = np.arange(len(digests))
        while len(wanted := self._hits(wanted, places, beginnings)):
            # Of several rows of one content, the first that is whole serves.
            rows = self._order[places[wanted]]
            features[wanted] = read = self._read(rows)
            found[wanted] = self._are_whole(rows, digests[wanted], read)
            wanted = wanted[~found[wanted]]
            places[wanted] += 1
        return features, found

    def holds(self, digests: Digests) -> Bools:
        """Say which features are here by their keys alone: rows are looked at by `find`.

        Args:
            digests: (n,) SHA-256 of the images.

        Returns:
            bool (n,); a row that the file has lost is not here.
        """
        self._sort()
        found = np.zeros(len(digests), bool)
        beginnings = _beginnings(digests)
        places = np.searchsorted(self._sorted, beginnings)
        length = os.fstat(self._rows_file).st_size // self._row_bytes()
        wanted = np.arange(len(digests))
        while len(wanted := self._hits(wanted, places, beginnings)):
            rows = self._order[places[wanted]]
            found[wanted] = (self._keys["digest"][rows] == digests[wanted]) & (rows < length)
            wanted = wanted[~found[wanted]]
            places[wanted] += 1
        return found

    def append(self, digests: Digests, features: NDArray[Any]) -> None:
        """Write features (n, dim) for others to find after the next save.

        Raises:
            OSError: the disk takes no more; what was there before still is.
        """
        rows = np.ascontiguousarray(features, self._dtype)
        keys = np.zeros(len(rows), KEY)
        keys["digest"] = digests
        keys["check"] = self._checks(digests, rows)
        self._write(self._rows_file, ROWS, rows.tobytes(), self._count() * self._row_bytes())
        self._fresh.append(keys)
        self._unsaved.append(keys)

    def save(self) -> None:
        """Force onto the disk what was appended: the rows first, then the keys.

        Raises:
            OSError: it cannot be written.
        """
        if not self._unsaved:
            return
        keys = np.concatenate(self._unsaved)
        os.fsync(self._rows_file)
        self._write(self._keys_file, KEYS, keys.tobytes(), self._saved * KEY.itemsize)
        os.fsync(self._keys_file)
        self._saved += len(keys)
        self._unsaved = []

    def _load(self) -> None:
        """Read the whole records that were saved since the last look."""
        size = os.fstat(self._keys_file).st_size // KEY.itemsize * KEY.itemsize
        start = self._saved * KEY.itemsize
        if size > start:
            content = bytearray(size - start)
            length = os.preadv(self._keys_file, [content], start)
            self._fresh.append(np.frombuffer(content, KEY, length // KEY.itemsize))
            self._saved = self._count()

    def _count(self) -> int:
        return len(self._keys) + sum(map(len, self._fresh))

    def _row_bytes(self) -> int:
        return self._dtype.itemsize * self.dim

    def _sort(self) -> None:
        """Put what was appended in order with the rest, by the first 8 bytes of the digests."""
        if self._fresh:
            self._keys = np.concatenate([self._keys, *self._fresh])
            self._fresh = []
            self._sorted = _beginnings(self._keys)
            self._order = np.argsort(self._sorted)
            self._sorted = self._sorted[self._order]

    def _hits(self, wanted: Ids, places: Ids, beginnings: NDArray[np.uint64]) -> Ids:
        """Return those of `wanted` whose place in the order holds what begins as they do."""
        wanted = wanted[places[wanted] < len(self._sorted)]
        hits: Ids = wanted[self._sorted[places[wanted]] == beginnings[wanted]]
        return hits

    def _are_whole(self, rows: Ids, digests: Digests, features: NDArray[Any]) -> Bools:
        keys = self._keys[rows]
        whole: Bools = keys["check"] == self._checks(digests, features)
        whole &= keys["digest"] == digests
        return whole

    def _checks(self, digests: Digests, features: NDArray[Any]) -> NDArray[np.uint32]:
        pairs = zip(_raw(digests), features, strict=True)
        checks = [crc32(row.data, crc32(digest, self._seed)) for digest, row in pairs]
        return np.array(checks, np.uint32)

    def _read(self, rows: Ids) -> NDArray[Any]:
        """Read rows (n,), those side by side at once; one that cannot be read stays zero."""
        features: NDArray[Any] = np.zeros((len(rows), self.dim), self._dtype)
        ends = np.flatnonzero(np.diff(rows) != 1) + 1
        for start, end in zip([0, *ends], [*ends, len(rows)], strict=True):
            with suppress(OSError):
                offset = int(rows[start]) * self._row_bytes()
                os.preadv(self._rows_file, [features[start:end].data], offset)
        return features

    def _write(self, descriptor: int, suffix: str, content: bytes, offset: int) -> None:
        rest = memoryview(content)
        try:
            while rest:
                written = os.pwrite(descriptor, rest, offset)
                rest, offset = rest[written:], offset + written
        except OSError as error:
            name = str(self.stem.with_suffix(suffix))
            raise OSError(error.errno, error.strerror, name) from error

    def _is_linked(self) -> bool:
        """Return whether the keys still lie under their name."""
        try:
            named = os.stat(self.stem.with_suffix(KEYS))
        except FileNotFoundError:
            return False
        return os.path.samestat(named, os.fstat(self._keys_file))


def try_lock(descriptor: int) -> bool:
    """Lock an open file until it is closed, unless another process holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _beginnings(digests: Digests | Keys) -> NDArray[np.uint64]:
    """Return the first 8 bytes of each digest, or of each key, as a number."""
    parts = np.dtype([("beginning", ">u8"), ("rest", f"V{digests.itemsize - 8}")])
    return digests.view(parts)["beginning"].astype(np.uint64)


def _raw(digests: Digests) -> Iterator[bytes]:
    """Yield the digests as bytes, none of them shortened where it ends in zeros."""
    content = digests.tobytes()
    for start in range(0, len(content), DIGEST_BYTES):
        yield content[start : start + DIGEST_BYTES]
