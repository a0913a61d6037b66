"""Says why pictures that could be used are not learnt from, and what the classes look like."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from indexer.catalog import Count
from indexer.types import ImageRecord

NO_CLASS, TWO_CLASSES = "of no class", "in two classes"
TOO_SMALL, BEYOND = "of too small a class", "of a class beyond --classes"
PARTS = frozenset(
    ("train", "training", "val", "valid", "validation", "dev", "test", "testing", "holdout")
)
"""Names of folders that hold a part of the pictures rather than a class."""

LISTED, ENDS = 12, 3
"""Classes that are all named in a line; of more, the largest and smallest few."""


def class_sizes(records: Sequence[ImageRecord], given: int) -> Counter[str]:
    """Count the different pictures of each class in the first `given` folders."""
    contents = {(each.label, each.sha256) for each in records if each.root < given}
    return Counter(str(label) for label, _ in contents)


def causes(
    records: Sequence[ImageRecord],
    of_one_class: Sequence[ImageRecord],
    classes: Collection[str],
    sizes: Mapping[str, int],
    least: int,
) -> tuple[Count, ...]:
    """Count the usable pictures that are not learnt from, by cause, the commonest first.

    Args:
        records: all usable pictures.
        of_one_class: those that have one class.
        classes: that are learnt.
        sizes: of all classes.
        least: pictures that a class must have.
    """
    unambiguous = {(each.root, each.path) for each in of_one_class}

    def cause(record: ImageRecord) -> str:
        if not record.label:
            return NO_CLASS
        if (record.root, record.path) not in unambiguous:
            return TWO_CLASSES
        if record.label in classes:
            return ""
        return TOO_SMALL if sizes.get(record.label, 0) < least else BEYOND

    found = Counter(filter(None, map(cause, records))).most_common()
    return tuple(Count(name, count) for name, count in found)


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
