"""Gives a draft the files that it has in common with the current generation, by further names.

Files of a generation are never changed in place, so that two generations may have one in common:
its second name takes no room, and the file stays until the last of its names is removed.
"""

import logging
import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from indexer.catalog import Catalog
from indexer.errors import IndexUnusable
from indexer.files import sha256_of
from indexer.generations import IndexFolder
from indexer.manifest import FileEntry, Manifest, read_manifest
from indexer.opening import CATALOG, FEATURES, NORMS
from indexer.scanning.known import Known
from indexer.types import ImageRecord, StoreAs
from models.types import Fingerprint

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Predecessor:
    """The generation that is current while the next one is built.

    Nothing of it is believed: a file is lent only if it has the checksum of the manifest, so that
    a build heals an index whose files are damaged.

    Attributes:
        path: its folder.
        manifest: what it is.
    """

    path: Path
    manifest: Manifest

    @cached_property
    def files(self) -> dict[str, FileEntry]:
        """Return the entries of its files, by path."""
        return {entry.path: entry for entry in self.manifest.files}

    def lend(self, name: str, draft: Path, like: Path | None = None) -> bool:
        """Give a file a further name in a draft, if it is sound and the file system can.

        Args:
            name: its path, in both generations.
            draft: the folder of the new one.
            like: a file that it must equal, or None.

        Returns:
            Whether the draft has it now. If not, the draft has no file of that name.
        """
        entry = self.files.get(name)
        if entry is None or not self._equals(entry, like):
            return False
        link = draft / name
        try:
            os.link(self.path / name, link)
        except OSError as error:
            logger.info("%s is written anew: %s", link, error)
            return False
        if _is_sound(link, entry):
            return True
        link.unlink()
        return False

    def lend_features(
        self,
        draft: Path,
        fingerprint: Fingerprint,
        store_as: StoreAs,
        records: Sequence[ImageRecord],
    ) -> bool:
        """Give a draft features and their lengths, if these are the features of its images.

        Args:
            draft: its folder.
            fingerprint: of its features.
            store_as: what they are stored as.
            records: its images, in order.

        Returns:
            Whether the draft has both now. If not, it has neither.
        """
        own = self.manifest
        same = (own.fingerprint, own.store_as, own.images) == (fingerprint, store_as, len(records))
        if not same or not self._holds(records):
            return False
        if all(self.lend(name, draft) for name in (NORMS, FEATURES)):
            return True
        # Whoever writes them now must not write into the file of a generation that serves.
        (draft / NORMS).unlink(missing_ok=True)
        return False

    def known(self) -> Known | None:
        """Return what its catalog knows of each file, but for its marks; None if it is damaged."""
        catalog = self._catalog()
        if catalog is None:
            return None
        with closing(catalog):
            return catalog.known(marks=False)

    def lent(self, draft: Path) -> dict[str, FileEntry]:
        """Return the entries of what a draft was lent, by path: these files need no hashing."""
        return {name: entry for name, entry in self.files.items() if self._is_lent(name, draft)}

    def _equals(self, entry: FileEntry, like: Path | None) -> bool:
        return like in (None, self.path / entry.path) or (
            like is not None and _is_sound(like, entry)
        )

    def _holds(self, records: Sequence[ImageRecord]) -> bool:
        """Return whether its images have the same contents in the same order."""
        catalog = self._catalog()
        if catalog is None:
            return False
        with closing(catalog):
            return catalog.contents() == [record.sha256 for record in records]

    def _catalog(self) -> Catalog | None:
        """Open its catalog, if that is sound."""
        entry = self.files.get(CATALOG)
        if entry is None or not _is_sound(self.path / CATALOG, entry):
            return None
        try:
            return Catalog(self.path / CATALOG)
        except IndexUnusable:
            return None

    def _is_lent(self, name: str, draft: Path) -> bool:
        try:
            return os.path.samefile(self.path / name, draft / name)
        except OSError:
            return False


def predecessor(folder: IndexFolder) -> Predecessor | None:
    """Return the current generation of an index; None where there is none, or a damaged one."""
    current = folder.current()
    if current is None:
        return None
    path = folder.generation(current)
    try:
        return Predecessor(path, read_manifest(path))
    except IndexUnusable:
        return None


def _is_sound(path: Path, entry: FileEntry) -> bool:
    try:
        return sha256_of(path) == entry.sha256
    except OSError:
        return False
