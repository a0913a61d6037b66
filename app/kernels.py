"""Says where compiled kernels are kept, before anything imports the library that keeps them."""

import logging
import os
from pathlib import Path

from indexer.serving.encoding import COMPILED

VARIABLE = "NUMBA_CACHE_DIR"
SOURCE = Path(__file__).resolve().parent.parent / "indexer" / "indexes" / "kernels"

logger = logging.getLogger(__name__)


def keep_in(folder: Path | None, instance: Path) -> None:
    """Choose where kernels are kept, unless the environment has chosen.

    The library keeps them beside their source by itself, but only where it can write; else it
    would look for a home folder, which a service may not have. A folder that cannot be written is
    no reason not to serve, but one to warn: without, each start would take long, in silence.

    Args:
        folder: as set; None for the choice of this function.
        instance: takes them where the program's own folder cannot be written.
    """
    if os.environ.get(VARIABLE):
        return
    beside = SOURCE / "__pycache__"
    own = beside if _can_write(beside) else instance / COMPILED / "kernels"
    if folder and not _can_write(folder):
        logger.warning(
            "Compiled kernels are kept in %s: %s, which LIKENESS_KERNELS names, cannot be written. "
            "Let this user write it, or set another folder.",
            own,
            folder,
        )
        folder = None
    if folder or own != beside:
        os.environ[VARIABLE] = str(folder or own)


def _can_write(folder: Path) -> bool:
    """Return whether files can be written to a folder, which is made where there is none yet."""
    there = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
