"""Says where compiled kernels are kept, before anything imports the library that keeps them."""

import os
from pathlib import Path

from indexer.serving.encoding import COMPILED

VARIABLE = "NUMBA_CACHE_DIR"
SOURCE = Path(__file__).resolve().parent.parent / "indexer" / "indexes" / "kernels"


def keep_in(folder: Path | None, instance: Path) -> None:
    """Choose where kernels are kept, unless the environment has chosen.

    The library keeps them beside their source by itself, but only where it can write; else it
    would look for a home folder, which a service may not have.

    Args:
        folder: as set; None for the choice of this function.
        instance: takes them where the program's own folder cannot be written.
    """
    chosen = folder or (None if _can_write_beside_source() else instance / COMPILED / "kernels")
    if chosen:
        os.environ.setdefault(VARIABLE, str(chosen))


def _can_write_beside_source() -> bool:
    kept = SOURCE / "__pycache__"
    return os.access(kept if kept.exists() else SOURCE, os.W_OK | os.X_OK)
