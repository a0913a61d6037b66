"""A folder that is dear to prepare is made once, and each test gets it as it was made."""

import shutil
from collections.abc import Callable
from pathlib import Path


class Restored:
    """A folder that tests may change: it stays at its path, which an index in it remembers."""

    def __init__(self, place: Path, make: Callable[[Path], object]) -> None:
        """Make the folder and keep a copy of it.

        Args:
            place: an empty folder of one process, for both.
            make: fills the folder that it is given.
        """
        self._path, self._kept = place / "folder", place / "kept"
        self._path.mkdir()
        make(self._path)
        shutil.copytree(self._path, self._kept, symlinks=True)

    def again(self) -> Path:
        """Return the folder, its files and their times as they were when it was made."""
        shutil.rmtree(self._path)
        return Path(shutil.copytree(self._kept, self._path, symlinks=True))
