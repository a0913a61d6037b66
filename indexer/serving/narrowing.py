"""Narrows a search to some of the images: those of some classes, without some, not too unlike."""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from indexer.catalog import Catalog
from indexer.errors import BadQuery
from indexer.indexes.base import Mask


@dataclass(frozen=True)
class Narrowing:
    """Which images may be found.

    Attributes:
        classes: theirs, as indexer.browsing.classes names them; empty for all.
        without: ids that are left out.
        least: similarity that a hit has at least, in [-1, 1]; None for any.
    """

    classes: frozenset[str] = field(default_factory=frozenset)
    without: frozenset[int] = field(default_factory=frozenset)
    least: float | None = None

    def __post_init__(self) -> None:
        """Refuse a similarity that nothing has."""
        if self.least is not None and not -1 <= self.least <= 1:
            raise BadQuery(f"A similarity lies between -1 and 1. Received: {self.least:g}")


ALL = Narrowing()


KEPT_BYTES = 2**24
"""Of masks that are kept for the next search among the same classes; one is kept in any case."""


class Masks:
    """Says of each image whether it may be found; those of the classes asked for last are kept."""

    def __init__(self, catalog: Catalog) -> None:
        """Remember where to read them."""
        self._catalog = catalog
        self._lock = Lock()
        self._kept: OrderedDict[frozenset[str], Mask] = OrderedDict()

    def mask(self, narrowing: Narrowing) -> Mask | None:
        """Return which images may be found, bool (n,); None for all.

        Raises:
            UnknownClass: a class is not of this index.
            BadQuery: an image to be left out is not of it.
        """
        if not narrowing.classes and not narrowing.without:
            return None
        if narrowing.classes:
            allowed = self._of(narrowing.classes).copy()
        else:
            allowed = np.ones(self._catalog.count, np.bool_)
        outside = [number for number in narrowing.without if not 0 <= number < len(allowed)]
        if outside:
            raise BadQuery(f"There is no image {outside[0]} to be left out.")
        allowed[list(narrowing.without)] = False
        return allowed

    def _of(self, classes: frozenset[str]) -> Mask:
        with self._lock:
            if classes in self._kept:
                self._kept.move_to_end(classes)
                return self._kept[classes]
        mask = self._read(classes)
        with self._lock:
            self._kept[classes] = mask
            while len(self._kept) > max(1, KEPT_BYTES // len(mask)):
                self._kept.popitem(last=False)
        return mask

    def _read(self, classes: frozenset[str]) -> Mask:
        mask = np.zeros(self._catalog.count, np.bool_)
        for name in sorted(classes):
            for label in self._catalog.classes.named(name).labels:
                mask[self._catalog.labelled(label)] = True
        return mask
