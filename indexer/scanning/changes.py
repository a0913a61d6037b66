"""Tells in what a gallery differs from what was indexed of it: by path, and by content."""

from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path

from indexer.types import ImageRecord, Scan

Place = tuple[Path, str]


@dataclass(frozen=True)
class Changes:
    """How many images differ.

    Attributes:
        added: new ones.
        changed: whose content is another under the same path.
        moved: whose content is now found under another path, and no longer under the old one.
        dropped: that are gone, or can no longer be used.
        noted: of the same content, with another time or label.
    """

    added: int = 0
    changed: int = 0
    moved: int = 0
    dropped: int = 0
    noted: int = 0

    def __bool__(self) -> bool:
        """Return whether there is any difference."""
        return any(getattr(self, field.name) for field in fields(self))


def compare(before: Scan, now: Scan) -> Changes:
    """Compare the images of a gallery with those of an earlier time, by their folders' paths."""
    old, new = _by_place(before), _by_place(now)
    both = old.keys() & new.keys()
    changed = sum(old[place].sha256 != new[place].sha256 for place in both)
    appeared = Counter(new[place].sha256 for place in new.keys() - both)
    vanished = Counter(old[place].sha256 for place in old.keys() - both)
    moved = (appeared & vanished).total()
    return Changes(
        added=appeared.total() - moved,
        changed=changed,
        moved=moved,
        dropped=vanished.total() - moved,
        noted=sum(old[place] != new[place] for place in both) - changed,
    )


def _by_place(scan: Scan) -> dict[Place, ImageRecord]:
    return {(scan.roots[record.root], record.path): record for record in scan.records}
