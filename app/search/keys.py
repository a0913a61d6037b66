"""The one list of the keys that pages know; the elements that they belong to name them again."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """What some keys do.

    Attributes:
        names: of the keys, each of which is enough. One may be of several keys: "g then h" are
            pressed one by one, "Shift with ←" together, and of "← →" each has its own effect.
        does: what happens.
    """

    names: tuple[str, ...]
    does: str


@dataclass(frozen=True)
class Group:
    """Keys that belong together, under a heading."""

    heading: str
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Keys:
    """All keys."""

    groups: tuple[Group, ...]


GROUPS = (
    Group(
        "Everywhere",
        (
            Key(("?",), "Show these keys"),
            Key(("/", "u"), "Choose pictures to search with"),
            Key(("g then h",), "Go to the search"),
            Key(("g then g",), "Go to the gallery"),
            Key(("g then r",), "Go to the reports"),
        ),
    ),
    Group(
        "Among the hits",
        (
            Key(("j",), "Next hit"),
            Key(("k",), "Previous hit"),
            Key(("← → ↑ ↓",), "The hit beside it, from a hit"),
            Key(("Enter",), "More like the hit"),
            Key(("+",), "Also like the hit"),
            Key(("-",), "Less like the hit"),
            Key(("y",), "Why the hit is alike"),
            Key(("n",), "Next page"),
            Key(("p",), "Previous page"),
        ),
    ),
    Group(
        "Judging, from a hit",
        (
            Key(("1 2 3 4 5 6 7 8 9 0",), "Its score, from 1 to 10"),
            Key(("r",), "Relevant"),
            Key(("x",), "Not relevant"),
            Key(("Backspace",), "Take back what was said"),
        ),
    ),
    Group(
        "A part of the picture",
        (
            Key(("c",), "Choose a part"),
            Key(("← → ↑ ↓",), "Move it"),
            Key(("Shift with ← → ↑ ↓",), "Change its size"),
            Key(("Enter",), "Search with it"),
            Key(("Esc",), "Take the whole picture"),
        ),
    ),
)
