"""The one list of the keys that pages know; the elements that they belong to name them again."""

from dataclasses import dataclass

from app.words import lazy


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
        lazy("Everywhere"),
        (
            Key(("?",), lazy("Show these keys")),
            Key(("g then h",), lazy("Go to the search")),
            Key(("g then g",), lazy("Go to the gallery")),
            Key(("g then r",), lazy("Go to the reports")),
        ),
    ),
    Group(
        lazy("Where a search can begin"),
        (Key(("/", "u"), lazy("Choose pictures to search with")),),
    ),
    Group(
        lazy("Among the hits"),
        (
            Key(("j",), lazy("Next hit, of a comparison too")),
            Key(("k",), lazy("Previous hit")),
            Key(("← → ↑ ↓",), lazy("The hit beside it, from a hit")),
            Key(("Enter",), lazy("More like the hit")),
            Key(("+",), lazy("Also like the hit")),
            Key(("-",), lazy("Less like the hit")),
            Key(("o",), lazy("Open the hit large")),
            Key(("y",), lazy("Compare the hit, and see why it is alike")),
            Key(("n",), lazy("Next page")),
            Key(("p",), lazy("Previous page")),
        ),
    ),
    Group(
        lazy("Judging, from a hit"),
        (
            Key(("1 2 3 4 5 6 7 8 9 0",), lazy("Its score, from 1 to 10")),
            Key(("r",), lazy("Relevant")),
            Key(("x",), lazy("Not relevant")),
            Key(("Backspace",), lazy("Take back what was said")),
        ),
    ),
    Group(
        lazy("A part of the picture"),
        (
            Key(("c",), lazy("Choose a part")),
            Key(("← → ↑ ↓",), lazy("Move it, or its corner, by 1 percent")),
            Key(("Shift with ← → ↑ ↓",), lazy("The same by 10 percent")),
            Key(("Tab",), lazy("Go to its upper left corner, then to the lower right one")),
            Key(("Enter",), lazy("Search with it")),
            Key(("Esc",), lazy("Take the whole picture")),
        ),
    ),
)


def told() -> Keys:
    """Return all keys in the language of the answer under way."""
    return Keys(
        tuple(
            Group(str(group.heading), tuple(Key(key.names, str(key.does)) for key in group.keys))
            for group in GROUPS
        )
    )
