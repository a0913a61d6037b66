"""Reads from an address what of a gallery is looked at, and writes it into the next one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from werkzeug.datastructures import MultiDict

from app.search.reading import number_up_to, one_of, received, whole
from indexer.browsing.classes import Class, Classes, Label
from indexer.browsing.listing import Listing, Page
from indexer.catalog import Sort
from indexer.errors import BadQuery

SHOWN = 100
MOST_SHOWN = 500
MOST_CLASSES = 50
"""Classes that can be looked at together: a page of each is held against those of the others."""

END = "end"
"""What stands for the entry after the last one: the page before it is the last."""


@dataclass(frozen=True)
class Look:
    """What of a gallery is looked at.

    Attributes:
        classes: those that are; none: all.
        sort: the order of the pictures.
        show: pictures on a page.
    """

    classes: tuple[Class, ...]
    sort: Sort
    show: int

    @classmethod
    def of(cls, values: MultiDict[str, str], classes: Classes) -> "Look":
        """Read a look from an address's parameters.

        Raises:
            UnknownClass: it names a class that is not there.
            BadQuery: one of the others is out of its range.
        """
        names = dict.fromkeys(values.getlist("class"))
        if len(names) > MOST_CLASSES:
            raise BadQuery(
                f"At most {MOST_CLASSES} classes can be looked at together. Received: {len(names)}."
            )
        chosen = tuple(classes.named(name) for name in names)
        return cls(chosen, _sort(values.get("sort", "")), shown(values))

    @property
    def labels(self) -> list[Label] | None:
        """Return the labels of the chosen classes, None for all pictures."""
        return [label for each in self.classes for label in each.labels] or None

    @property
    def names(self) -> list[str]:
        """Return what the chosen classes are called, "" for that of the pictures without one."""
        return [each.name for each in self.classes]

    def parameters(self) -> dict[str, Any]:
        """Return what says the same in an address; what is so by itself is not said."""
        said: dict[str, Any] = {"class": [each.name for each in self.classes]}
        said |= {"sort": self.sort} if self.sort != "path" else {}
        return said | ({"show": self.show} if self.show != SHOWN else {})

    def of_classes(self, *classes: Class) -> "Look":
        """Return the same look at other classes; at none: at all pictures."""
        return replace(self, classes=classes)

    def sorted_by(self, sort: Sort) -> "Look":
        """Return the same look in another order."""
        return replace(self, sort=sort)

    def showing(self, count: int) -> "Look":
        """Return the same look with so many pictures on a page."""
        return replace(self, show=count)


def shown(values: Mapping[str, str]) -> int:
    """Return how many entries an address wants on a page.

    Raises:
        BadQuery: it is no number in the range.
    """
    return number_up_to("show", values.get("show", ""), MOST_SHOWN, SHOWN)


def page_of(listing: Listing, values: Mapping[str, str], size: int) -> Page:
    """Return the page of a listing that an address names: by what it follows, or goes before.

    Raises:
        BadQuery: there is no such entry.
    """
    after, before = values.get("after", ""), values.get("before", "")
    if after and before:
        raise BadQuery("A page follows an entry or goes before one: give after or before.")
    if before == END:
        return listing.last(size)
    return listing.page(size, after=_entry("after", after), before=_entry("before", before))


def _entry(name: str, text: str) -> int | None:
    number = whole(text)
    if text and number is None:
        raise BadQuery(f"{name} should be the id of an entry. {received(text)}")
    return number


def _sort(text: str) -> Sort:
    known: tuple[Sort, ...] = get_args(Sort)
    return one_of("sort", text or known[0], known)
