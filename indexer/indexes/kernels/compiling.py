"""Says how kernels are compiled, and that they are kept on disk.

They are kept in the folder that NUMBA_CACHE_DIR names, or beside their source where that can be
written; where no folder can be, each process compiles them anew. What is kept of a kernel contains
the kernels that it calls, so it is discarded as soon as any of their sources has changed.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

_MATHS = {"reassoc", "contract", "nsz", "arcp"}  # sums in any order; NaN and infinity stay true


def _stamp() -> str:
    """Return a hash of the sources of all kernels."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


STAMP = _stamp()


def kernel(function: Function) -> Function:
    """Compile a function at its first call, without the GIL; other kernels may call it."""
    return _compiled(function)


def inner_kernel(function: Function) -> Function:
    """Compile a function that makes no arrays, and so counts no references to any.

    Counting takes an atomic instruction whenever an array is taken from a tuple or handed on:
    too much for what is called for each bucket or image.
    """
    return _compiled(function, _nrt=False)


def parallel_kernel(function: Function) -> Function:
    """Compile a function whose `prange` loops use several threads."""
    return _compiled(function, parallel=True)


def _compiled(function: Function, **more: bool) -> Function:
    options: dict[str, Any] = {"nogil": True, "fastmath": _MATHS, **more}
    try:
        compiled = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder can be written
        return numba.njit(**options)(function)  # type: ignore[no-any-return]
    # Left alone, numba would heed the file that the function stands in, and no other.
    compiled._cache._cache_file._source_stamp = STAMP
    return compiled  # type: ignore[no-any-return]
