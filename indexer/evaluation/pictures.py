"""Finds the pictures of an evaluation: those of folders, or those of an index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.errors import LabelsInvalid
from indexer.evaluation.remarks import counted
from indexer.evaluation.tasks import Picture
from indexer.gallery import scan
from indexer.opening import Generation
from indexer.scanning.labels import assign_labels, read_labels
from indexer.types import DEFAULT_LIMITS, ImageRecord, Rejection, Report, silent
from models.types import Limits


@dataclass(frozen=True)
class Gallery:
    """What was found in folders, or in an index.

    Attributes:
        pictures: the usable ones, distractors last.
        rejections: all other files.
        remarks: sentences on what was left out, and why.
    """

    pictures: tuple[Picture, ...]
    rejections: tuple[Rejection, ...]
    remarks: tuple[str, ...] = ()

    def without(self, refused: Mapping[Path, Rejection]) -> "Gallery":
        """Leave out pictures that cannot be used after all, by their files, and say so."""
        first = next(iter(refused.values()))
        remark = (
            f"Left out: {counted(len(refused), 'picture')} that cannot be encoded, for instance "
            f"{first.path}: {first.detail.rstrip('.')}."
        )
        return Gallery(
            tuple(each for each in self.pictures if each.file not in refused),
            (*self.rejections, *refused.values()),
            (*self.remarks, remark),
        )


def pictures_of_folders(
    sources: Sequence[Path],
    distractors: Sequence[Path] = (),
    *,
    labels: Path | None = None,
    limits: Limits = DEFAULT_LIMITS,
    workers: int = 0,
    progress: Report = silent,
) -> Gallery:
    """Walk folders of pictures as a build does.

    Args:
        sources: the folders; the first folder below one is a picture's class.
        distractors: folders of further pictures, which have no class.
        labels: a file of `path label` lines, for folders that are not classes.
        limits: what a file may cost.
        workers: threads; 0 for one on each core.
        progress: told after each file.

    Raises:
        SourceMissing, EmptyGallery, LabelsInvalid: as indexer.gallery.scan.
    """
    found = scan(
        sources,
        labels=labels,
        distractors=distractors,
        limits=limits,
        workers=workers,
        progress=progress,
    )
    return Gallery(_pictures(found.records, found.roots), found.rejections)


def pictures_of_index(generation: Generation) -> tuple[Picture, ...]:
    """Return the pictures of an index in the order of their ids.

    Builds give distractors the last ids, as tasks want them.
    """
    catalog = generation.catalog
    return _pictures(catalog.all_images(), catalog.roots())


def with_labels(pictures: Sequence[Picture], labels: Path) -> tuple[Picture, ...]:
    """Give pictures the classes that a file says of their paths; distractors have none.

    Args:
        pictures: of an index; what the file does not name loses its class.
        labels: a file of `path label` lines.

    Raises:
        LabelsInvalid: the file cannot be read, or names none of the pictures.
    """
    names = read_labels(labels)
    own = [each for each in pictures if not each.distractor]
    found = iter(assign_labels(names, [each.name for each in own]))
    labelled = tuple(
        each if each.distractor else replace(each, label=next(found) or "") for each in pictures
    )
    if not any(each.label for each in labelled):
        raise LabelsInvalid(
            f"{labels} names no picture of the index. It begins with {next(iter(names))!r}; the "
            f"index holds, for instance, {pictures[0].name!r}."
        )
    return labelled


def _pictures(records: Sequence[ImageRecord], roots: Sequence[Path]) -> tuple[Picture, ...]:
    return tuple(
        Picture(
            file=roots[record.root] / record.path,
            name=record.path,
            sha256=record.sha256,
            label=record.label or "",
            distractor=record.distractor,
        )
        for record in records
    )
