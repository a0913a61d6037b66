"""Joins a walk with what an index holds: what is out of sight is not gone, what was removed stays.

Drives and network shares fail now and then. Where a folder or file cannot be looked at, what the
index holds of it stays as it was. A file that was taken out of an index stays out of it under
another name too: its mark knows the content.
"""

import logging
from collections.abc import Container, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from posixpath import dirname
from typing import TypeVar

from indexer.scanning.known import REMOVED, OutOfSight, Removed
from indexer.scanning.places import Place, order, place_of
from indexer.types import ImageRecord, Rejection, Scan

TAKEN_OUT = "It was taken out of the index. flask index add takes it in again."

logger = logging.getLogger(__name__)

Item = TypeVar("Item", ImageRecord, Rejection)


def followed(found: Scan, before: Scan) -> Scan:
    """Return what an index is to hold after a walk through its folders.

    Args:
        found: by the walk.
        before: what the index holds.
    """
    before = _under(found.roots, before)
    unseen = _places(item for item in found.rejections if isinstance(item, OutOfSight))
    records, rejections = _kept(found, before, unseen)
    shut_out = _shut_out(before)
    marks = [_mark(image) for image in records if image.sha256 in shut_out]
    here = _places(records) | _places(rejections)
    return Scan(
        roots=found.roots,
        records=tuple(
            sorted((image for image in records if image.sha256 not in shut_out), key=order)
        ),
        rejections=tuple(
            sorted((*rejections, *marks, *_marks_of_absent(before, here, marks)), key=order)
        ),
    )


def _under(roots: tuple[Path, ...], before: Scan) -> Scan:
    """Return an earlier scan with the numbers that its folders have now; others are left out."""
    if before.roots == roots:
        return before
    numbers = {
        number: roots.index(root) for number, root in enumerate(before.roots) if root in roots
    }

    def moved(items: Sequence[Item]) -> tuple[Item, ...]:
        return tuple(
            replace(item, root=numbers[item.root]) for item in items if item.root in numbers
        )

    return Scan(roots, moved(before.records), moved(before.rejections))


def _kept(
    found: Scan, before: Scan, unseen: AbstractSet[Place]
) -> tuple[list[ImageRecord], list[Rejection]]:
    """Add to what was found what an index holds at and below places that cannot be looked at."""
    if not unseen:
        return list(found.records), list(found.rejections)
    seen = (_places(found.records) | _places(found.rejections)) - unseen
    images = [item for item in _at_or_below(unseen, before.records) if place_of(item) not in seen]
    skipped = seen | unseen
    refused = [
        item
        for item in _at_or_below(unseen, before.rejections)
        if place_of(item) not in skipped and not isinstance(item, Removed)
    ]
    held = _places(images)
    told = [item for item in found.rejections if place_of(item) not in held]
    if images:
        logger.warning(
            "%s and %d more images cannot be looked at now; they stay as they were",
            found.roots[images[0].root] / images[0].path,
            len(images) - 1,
        )
    return [*found.records, *images], [*told, *refused]


def _places(items: Iterable[ImageRecord | Rejection]) -> set[Place]:
    return {place_of(item) for item in items}


def _at_or_below(places: Container[Place], items: Iterable[Item]) -> Iterator[Item]:
    return (item for item in items if any(place in places for place in _and_above(item)))


def _and_above(item: ImageRecord | Rejection) -> Iterator[Place]:
    """Yield where a file lies, and its folders up to the root, which a walk calls "."."""
    path = item.path
    while path:
        yield item.root, path
        path = dirname(path)
    yield item.root, "."


def _shut_out(before: Scan) -> set[str]:
    """Return the contents that were taken out of an index, and of which it holds no copy."""
    marks = {item.sha256 for item in before.rejections if isinstance(item, Removed)}
    return marks - {image.sha256 for image in before.records} if marks else marks


def _mark(image: ImageRecord) -> Removed:
    return Removed(image.root, image.path, REMOVED, TAKEN_OUT, image.sha256)


def _marks_of_absent(
    before: Scan, here: Container[Place], marks: Iterable[Removed]
) -> Iterator[Removed]:
    """Yield the marks of files that are out of sight, unless they were found elsewhere."""
    moved = {mark.sha256 for mark in marks}
    for item in before.rejections:
        if isinstance(item, Removed) and place_of(item) not in here and item.sha256 not in moved:
            yield item
