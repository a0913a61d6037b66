"""Walks the folders of a gallery and lists what is in them, without opening a file."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import SourceMissing
from indexer.scanning.known import UNREADABLE


@dataclass(frozen=True)
class Entry:
    """A name found in the walk.

    Attributes:
        root: position of its folder among the gallery's roots.
        path: relative to that root.
        reason, detail: why it is no image, where the walk knows that already, or "".
    """

    root: int
    path: str
    reason: str = ""
    detail: str = ""


def find_roots(sources: Sequence[Path], distractors: Sequence[Path]) -> tuple[Path, ...]:
    """Return the real paths of a gallery's folders, distractors last.

    Raises:
        SourceMissing: no folder, a path that is not a folder, or folders inside each other.
    """
    if not sources:
        raise SourceMissing("No folder of images was given: name at least one.")
    roots: list[Path] = []
    for folder in (*sources, *distractors):
        if not folder.is_dir():
            what = "is not a folder" if folder.exists() else "does not exist"
            raise SourceMissing(f"{folder} {what}: give the path of a folder of images.")
        root = Path(os.path.realpath(folder))
        for other in roots:
            if root.is_relative_to(other) or other.is_relative_to(root):
                raise SourceMissing(
                    f"{root} and {other} share images: give each folder once, "
                    "and no folder inside another."
                )
        roots.append(root)
    return tuple(roots)


def list_entries(roots: Sequence[Path]) -> list[Entry]:
    """List everything under the roots that is not a folder, by root and bytes of the path."""
    return [
        entry
        for number, root in enumerate(roots)
        for entry in sorted(_walk(number, root), key=lambda entry: os.fsencode(entry.path))
    ]


def _walk(number: int, root: Path) -> Iterator[Entry]:
    unreadable: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=unreadable.append):
        inside = os.path.relpath(folder, root)
        for name in folders:
            if os.path.islink(os.path.join(folder, name)):
                path = os.path.normpath(os.path.join(inside, name))
                yield Entry(number, path, "link", "A link to a folder is not followed.")
        for name in files:
            yield Entry(number, os.path.normpath(os.path.join(inside, name)))
    for error in unreadable:
        path = os.path.relpath(error.filename or root, root)
        yield Entry(number, path, UNREADABLE, f"The folder cannot be read: {error.strerror}.")
