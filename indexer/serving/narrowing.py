"""Narrows a search to some of the images: those of some classes, without some, not too unlike."""

from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from indexer.browsing.classes import Label
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


class Masks:
    """Says of each image whether it may be found; the classes are read at the first need."""

    def __init__(self, catalog: Catalog) -> None:
        """Remember where to read them."""
        self._catalog = catalog
        self._lock = Lock()
        self._read: tuple[dict[Label, int], NDArray[np.int32]] | None = None

    def mask(self, narrowing: Narrowing) -> Mask | None:
        """Return which images may be found, bool (n,); None for all.

        Raises:
            UnknownClass: a class is not of this index.
            BadQuery: an image to be left out is not of it.
        """
        if not narrowing.classes and not narrowing.without:
            return None
        allowed = np.ones(self._catalog.count, np.bool_)
        if narrowing.classes:
            allowed = self._of(narrowing.classes)
        outside = [number for number in narrowing.without if not 0 <= number < len(allowed)]
        if outside:
            raise BadQuery(f"There is no image {outside[0]} to be left out.")
        allowed[list(narrowing.without)] = False
        return allowed

    def _of(self, classes: frozenset[str]) -> Mask:
        named = [self._catalog.classes.named(name) for name in sorted(classes)]
        numbers, of_each = self._known()
        chosen = np.zeros(len(numbers), np.bool_)
        chosen[[numbers[label] for each in named for label in each.labels]] = True
        mask: Mask = chosen[of_each]
        return mask

    def _known(self) -> tuple[dict[Label, int], NDArray[np.int32]]:
        with self._lock:
            if self._read is None:
                self._read = self._catalog.label_numbers()
            return self._read
