"""Writes a generation beside the others and, once it is complete, makes it the current one."""

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from indexer.building.sharing import Predecessor, predecessor
from indexer.files import held, sync
from indexer.generations import IndexFolder, remove, require_name
from indexer.manifest import MANIFEST, Manifest, list_files, write_manifest

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
        before: the generation that was current when it was begun, whose files it may share, or
            None where there is no whole one.
        holds: on the generations that it is made from: nobody removes them meanwhile.
    """

    folder: IndexFolder
    generation: str
    path: Path
    before: Predecessor | None = None
    holds: ExitStack = field(default_factory=ExitStack, repr=False)

    def hold(self, generation: str) -> None:
        """Keep others from removing a generation until the draft is published or given up.

        Raises:
            OSError: it is gone.
        """
        with self.folder.changing():
            self._hold(generation)

    def _hold(self, generation: str) -> None:
        self.holds.enter_context(held(self.folder.generation(generation) / MANIFEST))

    def publish(self, manifest: Manifest, keep: int = KEPT) -> Manifest:
        """Make the draft the current generation, and remove those that are too many.

        The order is what makes it safe: files, their checksums, the rename of the folder, the
        pointer. A crash between any two leaves the pointer on a whole generation. What others
        made current meanwhile stays as the generation before.

        Args:
            manifest: complete but for its files.
            keep: generations that stay beside it: the one that was current, and those before.
                Those after it, from which somebody returned to it, are removed.

        Returns:
            The manifest as written.

        Raises:
            BuildRunning: another process is changing the index, and does not finish.
        """
        lent = self.before.lent(self.path) if self.before else {}
        complete = replace(manifest, files=list_files(self.path, lent))
        write_manifest(self.path, complete)
        for path in sorted(self.path.rglob("*"), reverse=True):
            sync(path)
        sync(self.path)
        with self.folder.changing():
            self._go_live(keep)
        return complete

    def _go_live(self, keep: int) -> None:
        previous = self.folder.current()
        target = self.folder.generation(self.generation)
        target.parent.mkdir(exist_ok=True)
        os.rename(self.path, target)
        try:
            sync(target.parent)
            self.folder.point_to(self.generation)
        except BaseException:
            # Ctrl-C may arrive when the pointer is there already: then this generation serves.
            if self.folder.current() != self.generation:
                remove(target)
            raise
        self.holds.close()
        self._tidy(previous, keep)

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
    """Be the only builder of an index, with a folder for its next generation; leave no litter.

    Raises:
        BadParameter: the index may not have this name.
        BuildRunning: another process builds the index.
    """
    folder = IndexFolder(instance, require_name(name))
    folder.path.mkdir(parents=True, exist_ok=True)
    with folder.building(), ExitStack() as holds:
        remove(folder.staging)  # of a builder that died
        existing = folder.generations()
        number = int(existing[-1][:6]) + 1 if existing else 1
        generation = f"{number:06d}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        with folder.changing():
            before = predecessor(folder)
            draft = Draft(folder, generation, folder.staging / generation, before, holds)
            if before:
                draft._hold(before.path.name)
        try:
            draft.path.mkdir(parents=True)
            yield draft
            with suppress(
                OSError
            ):  # it has served, and costs the next walk no more than its reading
                folder.journal.unlink(missing_ok=True)
        finally:
            remove(folder.staging)
