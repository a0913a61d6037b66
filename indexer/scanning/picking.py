"""Picks single files into and out of what is indexed, and leaves all others as they were found."""

import os
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from indexer.building.plans import BuildPlan
from indexer.catalog import Catalog
from indexer.errors import EmptyGallery, GalleryError
from indexer.gallery import first_folder
from indexer.scanning.examine import examine
from indexer.scanning.known import REMOVED
from indexer.scanning.labels import assign_labels, read_labels
from indexer.scanning.walk import Entry
from indexer.types import ImageRecord, Rejection, Scan

TAKEN_OUT = "It was taken out of the index. flask index add takes it in again."

Place = tuple[int, str]
"""Where a file of a gallery lies: the number of its root, and its path under that."""


def indexed(catalog: Catalog) -> Scan:
    """Return what an index holds, as if a walk had found it."""
    return picked(catalog, (), (), ())


def picked(
    catalog: Catalog,
    records: Iterable[ImageRecord],
    rejections: Iterable[Rejection],
    instead_of: Container[Place],
) -> Scan:
    """Return what an index holds but for some places, and what is there instead.

    Rejections come without the size and time of their files: limits may be others by now, so
    the next walk looks at these files again.
    """
    kept = [item for item in catalog.all_images() if place_of(item) not in instead_of]
    refused = [
        Rejection(item.root, item.path, item.reason, item.detail)
        for item in catalog.rejections(limit=catalog.rejected)
        if place_of(item) not in instead_of
    ]
    return Scan(
        roots=tuple(catalog.roots()),
        records=tuple(sorted((*kept, *records), key=_order)),
        rejections=tuple(sorted((*refused, *rejections), key=_order)),
    )


def with_files(files: Sequence[Path], plan: BuildPlan, catalog: Catalog) -> Scan:
    """Return what an index holds, and some files besides.

    Raises:
        GalleryError: a file lies in none of the index's folders, or cannot be used.
    """
    roots = catalog.roots()
    places = {_place(file, roots): file for file in files}
    records = []
    for (root, path), file in places.items():
        found = examine(Entry(root, path), roots[root], limits=plan.limits)
        if isinstance(found, Rejection):
            raise GalleryError(f"{file} cannot be used: {found.detail}")
        records.append(found)
    return picked(catalog, _labelled(records, plan, catalog), (), places)


def without_files(files: Sequence[Path], catalog: Catalog) -> Scan:
    """Return what an index holds, but for some files.

    Raises:
        GalleryError: a file is not in the index.
        EmptyGallery: none would be left.
    """
    roots = catalog.roots()
    places = {_place(file, roots): file for file in files}
    images = {place_of(image) for image in catalog.all_images()}
    for place, file in places.items():
        if place not in images:
            raise GalleryError(f"{file} is not in the index; nothing was removed.")
    if images == places.keys():
        raise EmptyGallery("No image would be left: an index holds at least one.")
    removed = [Rejection(root, path, REMOVED, TAKEN_OUT) for root, path in places]
    return picked(catalog, (), removed, places)


def place_of(item: ImageRecord | Rejection) -> Place:
    """Return where a file lies."""
    return item.root, item.path


def _place(file: Path, roots: Sequence[Path]) -> Place:
    """Return where a file lies in a gallery; a link there is a file of its own."""
    if file.is_dir():
        raise GalleryError(f"{file} is a folder: name files, or let flask index sync find them.")
    path = Path(os.path.realpath(file.parent), file.name)
    for number, root in enumerate(roots):
        if path.is_relative_to(root):
            return number, path.relative_to(root).as_posix()
    folders = ", ".join(map(str, roots))
    raise GalleryError(f"{file} lies in none of the folders of the index: {folders}.")


def _labelled(
    records: Sequence[ImageRecord], plan: BuildPlan, catalog: Catalog
) -> list[ImageRecord]:
    """Give new images the labels that a walk through the whole gallery would give them."""
    labels = _labels(records, plan, catalog)
    distractors = len(plan.sources)
    return [
        replace(record, distractor=True)
        if record.root >= distractors
        else replace(record, label=label)
        for record, label in zip(records, labels, strict=True)
    ]


def _labels(records: Sequence[ImageRecord], plan: BuildPlan, catalog: Catalog) -> list[str | None]:
    if plan.labels is None:
        return [first_folder(record.path) for record in records]
    new = {place_of(record) for record in records}
    others = [
        image.path
        for image in catalog.all_images()
        if not image.distractor and place_of(image) not in new
    ]
    paths = [*others, *(record.path for record in records)]
    return assign_labels(read_labels(plan.labels), paths)[len(others) :]


def _order(item: ImageRecord | Rejection) -> tuple[int, bytes]:
    return item.root, os.fsencode(item.path)
