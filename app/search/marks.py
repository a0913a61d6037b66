"""Names indexed pictures in addresses, so that they are the same ones after a rebuild."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from app.search.reading import received
from indexer.errors import BadQuery

MARK = re.compile(r"([0-9]{1,9})-([0-9a-f]{12})")


@dataclass(frozen=True)
class Mark:
    """An indexed picture that an address names: its id, and its content in case the id changes."""

    id: int
    content: str

    def __str__(self) -> str:
        """Return it as addresses have it."""
        return f"{self.id}-{self.content}"


def without(marks: Iterable[Mark], contents: Container[str]) -> tuple[Mark, ...]:
    """Return the marks of all pictures but those of some contents."""
    return tuple(each for each in marks if each.content not in contents)


def mark(name: str, value: str) -> Mark:
    """Read a mark.

    Raises:
        BadQuery: it is none.
    """
    match = MARK.fullmatch(value)
    if not match:
        raise BadQuery(
            f"{name} should be a picture's id and content, like 12-0123456789ab. {received(value)}"
        )
    return Mark(int(match[1]), match[2])


def marks(name: str, values: Sequence[str]) -> tuple[Mark, ...]:
    """Read the marks of a parameter, each once.

    Raises:
        BadQuery: one of them is none.
    """
    return tuple(mark(name, value) for value in dict.fromkeys(values))
