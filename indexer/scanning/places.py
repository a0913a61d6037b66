"""Says where a file of a gallery lies, and in which order files are listed."""

import os

from indexer.types import ImageRecord, Rejection

Place = tuple[int, str]
"""Where a file lies: the number of its root, and its path under that."""


def place_of(item: ImageRecord | Rejection) -> Place:
    """Return where a file lies."""
    return item.root, item.path


def order(item: ImageRecord | Rejection) -> tuple[int, bytes]:
    """Return what files are sorted by: their root, and the bytes of their path."""
    return item.root, os.fsencode(item.path)
