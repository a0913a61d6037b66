"""Says how kernels are compiled, and that they are kept on disk.

They are kept in the folder that NUMBA_CACHE_DIR names, or beside their source where that can be
written; where no folder can be, each process compiles them anew. What is kept of a kernel contains
the kernels that it calls and the constants that it reads, so it is discarded as soon as any of
their sources has changed.
"""

import logging
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

KERNELS = Path(__file__).resolve().parent
CONSTANTS = (KERNELS.parent / "coding.py", KERNELS.parents[1] / "features" / "halves.py")
"""Sources of the constants that are compiled in, besides those of the kernels."""

_MATHS = {"reassoc", "contract", "nsz", "arcp"}  # sums in any order; NaN and infinity stay true

logger = logging.getLogger(__name__)
config: Any = numba.config  # some of it is made at run time


def _stamp() -> str:
    """Return a hash of all that is compiled."""
    sources = (*sorted(KERNELS.glob("*.py")), *CONSTANTS)
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


def stamp(compiled: Any) -> None:
    """Let what is kept of a kernel be discarded when any source has changed.

    Left alone, numba would heed the file that the function stands in, and no other.

    Raises:
        RuntimeError: this version of numba keeps kernels in another way.
    """
    kept: Any = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    if not hasattr(kept, "_source_stamp"):
        raise RuntimeError(
            f"numba {numba.__version__} keeps compiled kernels in a way that is not known here, "
            "and might run some that are out of date. Install an earlier one: "
            "pip install 'numba<0.69'."
        )
    kept._source_stamp = STAMP


def _compiled(function: Function, **more: bool) -> Function:
    options: dict[str, Any] = {"nogil": True, "fastmath": _MATHS, **more}
    try:
        compiled = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder can be written
        _warn(
            f"Kernels are compiled anew in each process, about half a minute: neither {_asked()} "
            "nor any other folder for them can be written. Let it be written, or name another in "
            "NUMBA_CACHE_DIR."
        )
        return numba.njit(**options)(function)  # type: ignore[no-any-return]
    stamp(compiled)
    kept = Path(compiled._cache.cache_path)
    if config.CACHE_DIR and _asked() not in kept.parents:
        _warn(
            f"Compiled kernels are kept in {kept}: {_asked()}, which NUMBA_CACHE_DIR names, "
            "cannot be written. Let it be written, or name another."
        )
    return compiled  # type: ignore[no-any-return]


def _asked() -> Path:
    """Return the folder in which kernels should be kept."""
    return Path(config.CACHE_DIR or KERNELS / "__pycache__")


@cache
def _warn(message: str) -> None:
    """Say once what holds for all kernels."""
    logger.warning(message)
