"""Keeps the immutable builds of an index on disk, and says which of them is current."""

import logging
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from indexer.errors import BadParameter, BuildRunning
from indexer.files import locked, sync, write_atomically
from indexer.manifest import MANIFEST, Manifest, list_files, write_manifest
from models.errors import LikenessError

logger = logging.getLogger(__name__)

DEFAULT_NAME = "default"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
GENERATION = re.compile(r"\d{6}-\d{8}T\d{6}")


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

    `indexes/NAME/` holds `generations/`, the pointer `current` with the name of one of them, a
    `lock` that a builder holds, and `staging/` while it works.
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

        One newer than the current was never made so, and is left out. Where the pointer is lost
        (None), the newest is taken first.
        """
        names = self.generations()[::-1]
        if current is None:
            return names
        return [current, *(name for name in names if name < current)]


@dataclass(frozen=True)
class Draft:
    """A generation while it is written.

    Attributes:
        folder: of its index.
        generation: its name.
        path: the folder to write in.
    """

    folder: IndexFolder
    generation: str
    path: Path

    def publish(self, manifest: Manifest) -> Manifest:
        """Make the draft the current generation, and remove those older than the one before.

        The order is what makes it safe: files, their checksums, the rename of the folder, the
        pointer. A crash between any two leaves the pointer on a whole generation.

        Args:
            manifest: complete but for its files.

        Returns:
            The manifest as written.
        """
        complete = replace(manifest, files=list_files(self.path))
        write_manifest(self.path, complete)
        for path in sorted(self.path.rglob("*"), reverse=True):
            sync(path)
        sync(self.path)
        previous = self.folder.current()
        target = self.folder.generation(self.generation)
        target.parent.mkdir(exist_ok=True)
        os.rename(self.path, target)
        try:
            sync(target.parent)
            write_atomically(self.folder.pointer, f"{self.generation}\n".encode())
        except BaseException:
            _remove(target)
            raise
        self._tidy(previous)
        return complete

    def _tidy(self, previous: str | None) -> None:
        """Finish what no longer decides over the build: its failures are only logged."""
        try:
            sync(self.folder.path)
            for name in self.folder.generations():
                if name not in (previous, self.generation):
                    _remove(self.folder.generation(name))
        except OSError as error:
            logger.warning("%s could not be tidied: %s", self.folder.path, error)


@contextmanager
def drafting(instance: Path, name: str) -> Iterator[Draft]:
    """Lock an index and give a folder for its next generation; leave no litter.

    Raises:
        BadParameter: the index may not have this name.
        BuildRunning: another builder holds the lock.
    """
    folder = IndexFolder(instance, require_name(name))
    folder.path.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        _remove(folder.staging)  # of a builder that died
        existing = folder.generations()
        number = int(existing[-1][:6]) + 1 if existing else 1
        generation = f"{number:06d}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        draft = Draft(folder, generation, folder.staging / generation)
        try:
            draft.path.mkdir(parents=True)
            yield draft
        finally:
            _remove(folder.staging)
            with suppress(OSError):
                folder.pointer.with_name("current.new").unlink(missing_ok=True)


def _locked(folder: IndexFolder) -> AbstractContextManager[None]:
    return locked(
        folder.path / "lock",
        BuildRunning(
            f"The index {folder.name!r} is being built by another process. Wait until it has "
            "finished, or build under another --name."
        ),
    )


def _remove(path: Path) -> None:
    """Remove a folder as far as possible; the manifest goes first, so that no part looks whole."""
    with suppress(OSError):
        (path / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        if path.exists():
            logger.warning("%s could not be removed", path)
