"""Reads images and writes index files so that no odd file blocks and no crash loses bytes."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import file_digest
from pathlib import Path
from time import monotonic, sleep

LOOK_SECONDS = 0.02  # between two looks whether a lock is free


class NotRegular(OSError):
    """A FIFO, device, socket or folder where a file was expected."""


class TooBig(OSError):
    """A file over the limit of bytes."""


def read_regular(path: Path, max_bytes: int) -> tuple[bytes, os.stat_result]:
    """Read a whole regular file, without ever waiting on a FIFO or device.

    Args:
        path: the file; a link is followed.
        max_bytes: the largest size that is read.

    Returns:
        Its bytes, and its status as it was when it was opened.

    Raises:
        NotRegular, TooBig, OSError: the file cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise NotRegular(f"{path} is not a regular file")
        content = b"" if status.st_size > max_bytes else file.read(max_bytes + 1)
        if max(len(content), status.st_size) > max_bytes:
            raise TooBig(f"{path} has {status.st_size:,} bytes; the limit is {max_bytes:,}")
    return content, status


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def lies_inside(path: Path, folder: Path) -> bool:
    """Return whether a path, its links resolved, lies in a folder or is that folder."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


@contextmanager
def locked(path: Path, refusal: Exception, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold a lock that one process at a time may hold, and that its death lets go.

    Args:
        path: of the file that is locked; made where it does not exist.
        refusal: is raised where another process holds it for longer than is waited.
        wait_seconds: how long that is.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        deadline = monotonic() + wait_seconds
        while not _lock(descriptor, fcntl.LOCK_EX):
            if monotonic() >= deadline:
                raise refusal
            sleep(LOOK_SECONDS)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Let `is_held` say of a file that somebody needs it, until the end or one's own death.

    Raises:
        OSError: the file cannot be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _lock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Return whether anybody has said that a file is needed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _lock(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, kind: int) -> bool:
    """Lock an open file until it is closed, unless others have it locked."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def sync(path: Path) -> None:
    """Force a file's content, or a folder's list of names, onto the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a small file so that readers see the old content or the new, never a part."""
    draft = path.with_name(path.name + ".new")
    try:
        draft.write_bytes(content)
        sync(draft)
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
