"""Says why pictures that could be used are not learnt from."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from indexer.types import Count, ImageRecord

NO_CLASS, TWO_CLASSES = "of no class", "in two classes"
TOO_SMALL, BEYOND = "of too small a class", "of a class beyond --classes"


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
