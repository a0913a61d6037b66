"""Remembers the cards of the last pages of hits, so that their neighbours need no other search."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from app.search.marks import Mark

MOST = 20_000
"""Cards that a worker remembers, of all pages together; some 10 MB."""


@dataclass(frozen=True)
class Place:
    """A card's place on a page of hits.

    Attributes:
        rank: of its hit.
        mark: of its hit.
        ids: of all pictures that the card shows, nearly the same ones too.
    """

    rank: int
    mark: Mark
    ids: tuple[int, ...]


@dataclass(frozen=True)
class PageKey:
    """Which page of hits is meant: of which generation of an index, and at which address."""

    index: str
    generation: str
    address: str


class RecentPages:
    """The places on the pages of hits that one worker has shown last.

    Another worker may have shown a page, so whoever asks has to be able to search again.

    Args:
        most: places that are kept, of all pages together.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[PageKey, tuple[Place, ...]] = OrderedDict()
        self._cost = 0

    def find(self, key: PageKey) -> tuple[Place, ...] | None:
        """Return the places on a page in its order, or None where they are not known."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: PageKey, places: tuple[Place, ...]) -> None:
        """Remember the places on a page, and forget the pages that were of use the longest ago."""
        with self._lock:
            self._cost += _cost(places) - _cost(self._kept.pop(key, None))
            self._kept[key] = places
            while self._cost > self._most:
                self._cost -= _cost(self._kept.popitem(last=False)[1])


def _cost(places: tuple[Place, ...] | None) -> int:
    """Return what a page costs: one without hits is not for nothing."""
    return 0 if places is None else 1 + len(places)
