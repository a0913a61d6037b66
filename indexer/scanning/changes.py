"""Tells in what a gallery differs from what was indexed of it: by path, and by content."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from indexer.errors import GalleryError
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


def require_little_lost(before: Scan, now: Scan, name: str) -> None:
    """Refuse what a drive that is not mounted looks like: folders that are suddenly empty.

    Args:
        before, now: what an index holds, and what it would hold.
        name: of the index.

    Raises:
        GalleryError: a folder that had images has none now, or more than half of all are gone.
            Those whose contents are found elsewhere are not gone.
    """
    old, new = _by_place(before), _by_place(now)
    gone = {place: image.sha256 for place, image in old.items() if place not in new}
    elsewhere = Counter(image.sha256 for place, image in new.items() if place not in old)
    lost = Counter({root: _lost(root, gone, elsewhere) for root in before.roots})
    left = {root for root, _ in new}
    if 2 * (Counter(gone.values()) - elsewhere).total() <= len(old) and all(
        root in left for root in +lost
    ):
        return
    had = Counter(root for root, _ in old)
    folders = ", ".join(f"{count:,} of {had[root]:,} in {root}" for root, count in (+lost).items())
    raise GalleryError(
        f"Images are missing: {folders}. Nothing was changed. Make sure that these folders are "
        "mounted and whole. If the images are gone for good, drop them from the index: flask "
        f"index sync {name} --drop-missing"
    )


def _lost(root: Path, gone: Mapping[Place, str], elsewhere: Counter[str]) -> int:
    """Return how many images of a folder are gone and found in no new place."""
    contents = Counter(content for (folder, _), content in gone.items() if folder == root)
    return (contents - elsewhere).total()


def _by_place(scan: Scan) -> dict[Place, ImageRecord]:
    return {(scan.roots[record.root], record.path): record for record in scan.records}
