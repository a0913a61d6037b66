"""Says what can be done about a build that the system brought down: each cause has its own cure."""

import errno
import sqlite3
from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
SHORT_OF_MEMORY = {errno.ENOMEM, errno.EAGAIN}  # which is also what too many processes give
TOO_MANY_FILES = {errno.EMFILE, errno.ENFILE}

OF_SQLITE = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_NOMEM: errno.ENOMEM,
}
"""What SQLite calls a failure -> what the system calls it."""


def cure(error: BaseException, instance: Path) -> str:
    """Return what to do about a failure, in one sentence.

    Args:
        error: of the system, of SQLite, or one that was raised from such.
        instance: the folder that is written to.
    """
    number = _number(error)
    if number in FULL:
        return (
            f"Make sure that the disk has room at {instance}, and that no quota or limit on the "
            "size of files forbids more, then try again."
        )
    if number in FORBIDDEN:
        where = getattr(error, "filename", None) or instance
        return f"Make sure that you may read and write {where}, then try again."
    if number in SHORT_OF_MEMORY:
        return (
            "The system has no memory left, or lets you start no more processes: end other "
            "programs, raise the limit (ulimit -u), or build with fewer --workers or a smaller "
            "--batch-size."
        )
    if number in TOO_MANY_FILES:
        return (
            "Too many files are open: raise the limit (ulimit -n), or build with fewer --workers."
        )
    return f"Make sure that the disk is sound and has room at {instance}, then try again."


def _number(error: BaseException | None) -> int | None:
    """Return the number that the system gives a failure, or the one that this was raised from."""
    match error:
        case None:
            return None
        case MemoryError():
            return errno.ENOMEM
        case OSError() if error.errno:
            return error.errno
        case sqlite3.Error():
            return OF_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return _number(error.__cause__)
