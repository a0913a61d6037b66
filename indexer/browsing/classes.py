"""The classes of a gallery under names that can be shown, asked for and looked up."""

from collections.abc import Iterable
from dataclasses import dataclass

from indexer.errors import UnknownClass
from indexer.text import readable

Label = str | None


@dataclass(frozen=True)
class Class:
    """A class of a gallery.

    Attributes:
        name: what it is shown and asked for as; "" of the images without one.
        labels: as the catalog has it; two where both are shown as the same.
        count: its images.
    """

    name: str
    labels: tuple[Label, ...]
    count: int


class Classes:
    """All classes of a gallery: by name, those without one last."""

    def __init__(self, counts: Iterable[tuple[Label, int]]) -> None:
        """Name the classes.

        Args:
            counts: each label, and how many images have it.
        """
        found: dict[str, Class] = {}
        for label, count in counts:
            name = readable(label or "")
            known = found.get(name, Class(name, (), 0))
            found[name] = Class(name, (*known.labels, label), known.count + count)
        self.all = tuple(sorted(found.values(), key=lambda each: (not each.name, each.name)))
        self._by_name = found
        self._by_count = sorted(self.all, key=lambda each: -each.count)
        self._folded = [(each.name.casefold(), each) for each in self.all]

    def named(self, name: str) -> Class:
        """Return the class of a name.

        Raises:
            UnknownClass: there is none.
        """
        if name not in self._by_name:
            what = f"is called {name[:80]!r}" if name else "is without a name: all images have one"
            raise UnknownClass(f"No class of this index {what}.")
        return self._by_name[name]

    def largest(self, most: int) -> list[Class]:
        """Return those with the most images, the largest first."""
        return self._by_count[:most]

    def matching(self, text: str) -> list[Class]:
        """Return those whose name has a text in it, in letters of either case."""
        wanted = text.casefold()
        return [each for folded, each in self._folded if wanted in folded]
