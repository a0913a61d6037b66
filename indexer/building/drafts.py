"""Writes a generation beside the others and, once it is complete, makes it the current one."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from indexer.files import sync
from indexer.generations import IndexFolder, remove, require_name
from indexer.manifest import Manifest, list_files, write_manifest

logger = logging.getLogger(__name__)

KEPT = 3
"""Generations before the new one that stay, to fall back on and to return to."""


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

    def publish(self, manifest: Manifest, keep: int = KEPT) -> Manifest:
        """Make the draft the current generation, and remove those that are too many.

        The order is what makes it safe: files, their checksums, the rename of the folder, the
        pointer. A crash between any two leaves the pointer on a whole generation.

        Args:
            manifest: complete but for its files.
            keep: generations that stay beside it: the one that was current, and those before.
                Those after it, from which somebody returned to it, are removed.

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
            self.folder.point_to(self.generation)
        except BaseException:
            remove(target)
            raise
        self._tidy(previous, keep)
        return complete

    def _tidy(self, previous: str | None, keep: int) -> None:
        """Finish what no longer decides over the build: its failures are only logged."""
        try:
            sync(self.folder.path)
            older = self.folder.newest(keep, until=previous or self.generation)
            self.folder.leave({self.generation, *older})
        except OSError as error:
            logger.warning("%s could not be tidied: %s", self.folder.path, error)


@contextmanager
def drafting(instance: Path, name: str) -> Iterator[Draft]:
    """Lock an index and give a folder for its next generation; leave no litter.

    Raises:
        BadParameter: the index may not have this name.
        BuildRunning: another process changes the index.
    """
    folder = IndexFolder(instance, require_name(name))
    folder.path.mkdir(parents=True, exist_ok=True)
    with folder.locked():
        remove(folder.staging)  # of a builder that died
        existing = folder.generations()
        number = int(existing[-1][:6]) + 1 if existing else 1
        generation = f"{number:06d}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        draft = Draft(folder, generation, folder.staging / generation)
        try:
            draft.path.mkdir(parents=True)
            yield draft
        finally:
            remove(folder.staging)
            with suppress(OSError):
                folder.pointer.with_name("current.new").unlink(missing_ok=True)
