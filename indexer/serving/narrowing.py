"""Narrows a search to some of the images: those of some classes, without some, not too unlike."""

from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from indexer.catalog import Catalog, Count
from indexer.errors import BadQuery
from indexer.indexes.base import Mask

NO_CLASS = ""
"""Names the images that have no class."""


@dataclass(frozen=True)
class Narrowing:
    """Which images may be found.

    Attributes:
        classes: theirs; empty for all. "" stands for those without a class.
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


class Classes:
    """Knows of which class each image is; read at the first need, and kept."""

    def __init__(self, catalog: Catalog) -> None:
        """Remember where to read it."""
        self._catalog = catalog
        self._lock = Lock()
        self._read: tuple[dict[str, int], NDArray[np.int32]] | None = None

    def mask(self, narrowing: Narrowing) -> Mask | None:
        """Return which images may be found, bool (n,); None for all.

        Raises:
            BadQuery: a class is not of this index, or no image is left.
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

    def counts(self) -> tuple[Count, ...]:
        """Return the classes and how many images each has, by name; None, for none, is the last."""
        numbers, of_each = self._known()
        sizes = np.bincount(of_each, minlength=len(numbers)).tolist()
        named = sorted((name, sizes[number]) for name, number in numbers.items() if name)
        without = [Count(None, sizes[numbers[NO_CLASS]])] if NO_CLASS in numbers else []
        return (*(Count(name, size) for name, size in named), *without)

    def _of(self, classes: frozenset[str]) -> Mask:
        numbers, of_each = self._known()
        unknown = sorted(classes - set(numbers))
        if unknown:
            raise BadQuery(f"There is no class {unknown[0]!r} in this index.")
        chosen = np.zeros(len(numbers), np.bool_)
        chosen[[numbers[name] for name in classes]] = True
        mask: Mask = chosen[of_each]
        return mask

    def _known(self) -> tuple[dict[str, int], NDArray[np.int32]]:
        with self._lock:
            if self._read is None:
                self._read = self._catalog.classes()
            return self._read
