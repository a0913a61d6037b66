"""Keeps the immutable builds of an index on disk, and says which of them is current."""

import logging
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import BadParameter, BuildRunning
from indexer.files import is_held, locked, sync, write_atomically
from indexer.manifest import MANIFEST
from models.errors import LikenessError

logger = logging.getLogger(__name__)

DEFAULT_NAME = "default"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
GENERATION = re.compile(r"\d{6}-\d{8}T\d{6}")
WAIT_SECONDS = 60.0
"""How long one waits for another process that moves the pointer or removes generations."""


def require_name(
    name: str, *, of: str = "An index", refusal: type[LikenessError] = BadParameter
) -> str:
    """Return a name that an index, or what else is kept by names, may have.

    Args:
        name: what was given.
        of: what bears it, as the message begins.
        refusal: what is raised.

    Raises:
        BadParameter: it may not.
    """
    if not NAME.fullmatch(name):
        raise refusal(
            f"{of}'s name has up to 64 small letters, digits, - and _, and begins with a "
            f"letter or digit. Received: {name!r}"
        )
    return name


def index_names(instance: Path) -> list[str]:
    """Return the names of the indexes that have been built, sorted."""
    folder = instance / "indexes"
    if not folder.is_dir():
        return []
    names = (path.name for path in folder.iterdir() if NAME.fullmatch(path.name))
    return sorted(name for name in names if IndexFolder(instance, name).generations())


@dataclass(frozen=True)
class IndexFolder:
    """Where an index lies.

    `indexes/NAME/` holds `generations/`, the pointer `current` with the name of one of them, and
    `staging/` while a builder works; what it has read so far stays in `scan.journal` until a build
    is published. A builder holds `lock` for as long as it works. Whoever moves
    the pointer or removes generations holds `pointer.lock` for that moment: so one can return to
    an earlier generation while a build runs.
    """

    instance: Path
    name: str

    @property
    def path(self) -> Path:
        """Return the folder."""
        return self.instance / "indexes" / self.name

    @property
    def pointer(self) -> Path:
        """Return the file that names the current generation."""
        return self.path / "current"

    @property
    def journal(self) -> Path:
        """Return the file that keeps what a builder found out about each file of the gallery."""
        return self.path / "scan.journal"

    @property
    def staging(self) -> Path:
        """Return the folder in which a builder works."""
        return self.path / "staging"

    def generation(self, name: str) -> Path:
        """Return the folder of a generation."""
        return self.path / "generations" / name

    def generations(self) -> list[str]:
        """Return the names of the published generations, oldest first."""
        with suppress(FileNotFoundError, NotADirectoryError):
            names = os.listdir(self.path / "generations")
            return sorted(name for name in names if GENERATION.fullmatch(name))
        return []

    def current(self) -> str | None:
        """Return the name of the current generation, None where the pointer gives none."""
        try:
            name = self.pointer.read_bytes()[:64].decode("ascii", "replace").strip()
        except OSError:
            return None
        return name if GENERATION.fullmatch(name) else None

    def candidates(self, current: str | None) -> list[str]:
        """Return the generations that may serve, the current one first, then older ones.

        One newer than the current never became so, or was returned from: it is left out. Where
        the pointer is lost (None), the newest is taken first.
        """
        names = self.generations()[::-1]
        if current is None:
            return names
        return [current, *(name for name in names if name < current)]

    def find(self, wanted: str | None = None) -> str:
        """Return the name of a generation.

        Args:
            wanted: its name or its number; None for the one before the current.

        Raises:
            BadParameter: there is no such generation.
        """
        names = self.generations()
        if wanted is None:
            serving = self.current() or max(names, default="")
            found = [name for name in names if name < serving]
            missing = f"none before {serving}"
        else:
            found = [name for name in names if wanted in (name, name[:6], name[:6].lstrip("0"))]
            missing = f"no generation {wanted!r}"
        if not found:
            raise BadParameter(
                f"The index {self.name!r} has {missing}. There is: {', '.join(names) or 'none'}."
            )
        return found[-1]

    def point_to(self, generation: str) -> None:
        """Make a generation the current one; for who is `changing` the index."""
        write_atomically(self.pointer, f"{generation}\n".encode())

    def rollback(self, to: str | None = None) -> str:
        """Make the generation before the current one, or any other that is there, current.

        Those newer than it stay until the next build, so that one can return to them too, but
        do not serve. A build that is running goes live all the same when it is complete; the
        generation returned to is then the one before it.

        Args:
            to: as for find.

        Returns:
            The name of the generation that is current now.

        Raises:
            BadParameter: there is no such generation.
            BuildRunning: another process is changing the index, and does not finish.
        """
        with self.changing():
            target = self.find(to)
            self.point_to(target)
            sync(self.path)
        return target

    def prune(self, keep: int) -> list[str]:
        """Remove the generations but the current one and the newest before it.

        What a builder works at, and the generation that it reads from, stay as well.

        Args:
            keep: how many stay beside the current one.

        Returns:
            The names of the generations that are gone, oldest first.

        Raises:
            BuildRunning: another process is changing the index, and does not finish.
        """
        with self.changing():
            names = self.generations()
            current = self.current() or max(names, default="")
            self.leave(self.newest(keep + 1, until=current))
            left = self.generations()
        return [name for name in names if name not in left]

    def newest(self, count: int, *, until: str) -> list[str]:
        """Return the names of the newest generations up to one, oldest first."""
        names = [name for name in self.generations() if name <= until]
        return names[max(0, len(names) - count) :]

    def leave(self, names: Collection[str]) -> None:
        """Remove every generation that nobody holds but these; for who is `changing` the index."""
        for name in self.generations():
            if name not in names and not is_held(self.generation(name) / MANIFEST):
                remove(self.generation(name))

    @contextmanager
    def building(self) -> Iterator[None]:
        """Be the only builder of the index.

        Raises:
            BuildRunning: there is another one.
        """
        refusal = BuildRunning(
            f"The index {self.name!r} is being built by another process. Wait until it has "
            "finished, or build under another --name."
        )
        with locked(self.path / "lock", refusal):
            yield

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Be the only one that moves the pointer or removes generations; for a moment.

        Raises:
            BuildRunning: another process does so, and does not finish.
        """
        refusal = BuildRunning(
            f"Another process has been changing the index {self.name!r} for more than "
            f"{WAIT_SECONDS:g} seconds. Wait until it has finished, or end it; then try again."
        )
        with locked(self.path / "pointer.lock", refusal, WAIT_SECONDS):
            yield


def remove(path: Path) -> None:
    """Remove a folder as far as possible; the manifest goes first, so that no part looks whole."""
    with suppress(OSError):
        (path / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        if path.exists():
            logger.warning("%s could not be removed", path)
