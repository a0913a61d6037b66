"""Tells what the classes of a training look like, and how many pictures are left out, by cause."""

from collections.abc import Collection, Sequence

from indexer.types import Count

PARTS = frozenset(
    ("train", "training", "val", "valid", "validation", "dev", "test", "testing", "holdout")
)
"""Names of folders that hold a part of the pictures rather than a class."""

LISTED, ENDS = 12, 3
"""Classes that are all named in a line; of more, the largest and smallest few."""


def class_words(sizes: Sequence[tuple[str, int]]) -> str:
    """Return classes with their numbers of pictures in a line; of many the ends alone."""
    ordered = sorted(sizes, key=lambda each: (-each[1], each[0]))
    if len(ordered) <= LISTED:
        return f"{len(ordered)} classes: {_named(ordered)}"
    largest, smallest = ordered[:ENDS], ordered[-ENDS:]
    return (
        f"{len(ordered):,} classes, the largest {_named(largest)}; the smallest {_named(smallest)}"
    )


def count_words(counts: Sequence[Count]) -> str:
    """Return counts by cause in a line: "3 of no class, 1 in two classes"; "none" of none."""
    return ", ".join(f"{item.count:,} {item.name}" for item in counts) or "none"


def look_like_parts(classes: Collection[str]) -> bool:
    """Say whether all classes are called as the parts of a data set are."""
    return bool(classes) and {name.lower() for name in classes} <= PARTS


def parts_warning(classes: Collection[str]) -> str:
    """Return what to say of classes that are called as the parts of a data set are, or ""."""
    if not look_like_parts(classes):
        return ""
    return (
        f"{', '.join(sorted(classes))}: these look like parts, not classes. Name the folder of "
        "the training part as SOURCE, and the other with --validation."
    )


def _named(sizes: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sizes)
