"""A name and a value, as pages list what is known of something."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """Something that is known.

    Attributes:
        name: what is known, in words.
        value: in words, or as it is written everywhere.
        is_data: whether the value is nobody's to translate: the name of a file, say, or a hash.
        is_named_by_data: the same of the name.
        meaning: what a name that is data stands for, in words; or "".
    """

    name: str
    value: str
    is_data: bool = False
    is_named_by_data: bool = False
    meaning: str = ""


def data(name: str, value: object) -> Fact:
    """Return a fact whose value is nobody's to translate."""
    return Fact(name, str(value), is_data=True)
