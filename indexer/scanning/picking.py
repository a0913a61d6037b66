"""Picks single files into and out of what is indexed, and leaves all others as they were found."""

import os
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.building.plans import BuildPlan
from indexer.catalog import Catalog
from indexer.errors import EmptyGallery, GalleryError
from indexer.gallery import first_folder
from indexer.scanning.examine import examine
from indexer.scanning.following import TAKEN_OUT
from indexer.scanning.known import REMOVED, UNREADABLE, Removed
from indexer.scanning.labels import assign_labels, read_labels
from indexer.scanning.places import Place, order, place_of
from indexer.scanning.walk import Entry
from indexer.types import ImageRecord, Rejection, Scan
from models.types import Limits


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
    the next walk looks at these files again. Marks of removed files stay as they are.
    """
    kept = [item for item in catalog.all_images() if place_of(item) not in instead_of]
    refused = [
        item
        if isinstance(item, Removed)
        else Rejection(item.root, item.path, item.reason, item.detail)
        for item in catalog.rejections(limit=catalog.rejected)
        if place_of(item) not in instead_of
    ]
    return Scan(
        roots=tuple(catalog.roots()),
        records=tuple(sorted((*kept, *records), key=order)),
        rejections=tuple(sorted((*refused, *rejections), key=order)),
    )


@dataclass(frozen=True)
class Refused:
    """A file that was named and not taken.

    Attributes:
        file: as it was named.
        reason: "elsewhere", "a folder", or as of a Rejection.
        detail: the sentence for people.
    """

    file: Path
    reason: str
    detail: str


@dataclass(frozen=True)
class Picked:
    """What came of naming files.

    Attributes:
        scan: what an index is to hold.
        named: the files that lie in its folders.
        refused: those that lie elsewhere, or cannot be looked at; they change nothing.
    """

    scan: Scan
    named: Mapping[Place, Path]
    refused: tuple[Refused, ...]

    def not_taken(self, rejections: Iterable[Rejection]) -> tuple[Refused, ...]:
        """Return the named files that an index did not take, by the rejections that it holds."""
        later = (
            Refused(self.named[place_of(item)], item.reason, item.detail)
            for item in rejections
            if place_of(item) in self.named
        )
        return (*self.refused, *later)


def with_files(files: Sequence[Path], plan: BuildPlan, catalog: Catalog) -> Picked:
    """Return what an index is to hold with some files besides; one that cannot be used stops none.

    A file in which there is no picture is recorded with its reason, as a walk would do.
    """
    roots = catalog.roots()
    named: dict[Place, Path] = {}
    records: list[ImageRecord] = []
    rejections: list[Rejection] = []
    refused: list[Refused] = []
    for file in files:
        found = _looked_at(file, roots, plan.limits)
        if isinstance(found, Refused):
            refused.append(found)
        elif place_of(found) not in named:
            named[place_of(found)] = file
            if isinstance(found, ImageRecord):
                records.append(found)
            else:
                rejections.append(found)
    scan = picked(catalog, _labelled(records, plan, catalog), rejections, named)
    return Picked(scan, named, tuple(refused))


def _looked_at(
    file: Path, roots: Sequence[Path], limits: Limits
) -> ImageRecord | Rejection | Refused:
    """Examine a file that was named."""
    try:
        number, path = _place(file, roots)
    except GalleryError as error:
        return Refused(file, "a folder" if file.is_dir() else "elsewhere", str(error))
    found = examine(Entry(number, path), roots[number], limits=limits).verdict
    if isinstance(found, Rejection) and found.reason == UNREADABLE:
        return Refused(file, found.reason, found.detail)
    return found


def without_files(files: Sequence[Path], catalog: Catalog) -> Scan:
    """Return what an index holds, but for some files.

    Raises:
        GalleryError: a file is not in the index.
        EmptyGallery: none would be left.
    """
    roots = catalog.roots()
    places = {_place(file, roots): file for file in files}
    images = {place_of(image): image for image in catalog.all_images()}
    for place, file in places.items():
        if place not in images:
            raise GalleryError(f"{file} is not in the index; nothing was removed.")
    if images.keys() == places.keys():
        raise EmptyGallery("No image would be left: an index holds at least one.")
    removed = [
        Removed(image.root, image.path, REMOVED, TAKEN_OUT, image.sha256)
        for place, image in images.items()
        if place in places
    ]
    return picked(catalog, (), removed, places)


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
