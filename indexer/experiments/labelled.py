"""Folders become labelled pictures: which classes are learnt, from what, and what is held out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from indexer.catalog import Count
from indexer.evaluation.splits import Split
from indexer.evaluation.tasks import Picture
from indexer.experiments.causes import causes, class_sizes
from indexer.gallery import scan
from indexer.types import (
    DEFAULT_LIMITS,
    Ids,
    ImageRecord,
    Rejection,
    Report,
    silent,
)
from models.errors import TrainingRefused
from models.types import Limits

HELD_OUT_SHARE = 0.2


@dataclass(frozen=True)
class Choice:
    """Which pictures are learnt from.

    Attributes:
        validation: a folder of pictures that are held out; None to hold a share out.
        labels: a file of `path label` lines, or None for the folders' names.
        min_per_class: pictures that a class has at least; others are left out.
        most: so many classes, the most frequent; None for all.
        seed: draws what is held out.
    """

    validation: Path | None = None
    labels: Path | None = None
    min_per_class: int = 2
    most: int | None = None
    seed: int = 1


@dataclass(frozen=True)
class Labelled:
    """Pictures with their classes.

    Attributes:
        records: the pictures, by position.
        roots: the folders that they lie in.
        classes: names of the classes, ascending.
        labels: class of each picture, int64 (n,).
        is_held_out: whether a picture is only measured with, bool (n,).
        rejections: the files that cannot be used.
        left_out: how many usable pictures are not learnt from, by cause.
    """

    records: tuple[ImageRecord, ...]
    roots: tuple[Path, ...]
    classes: tuple[str, ...]
    labels: Ids
    is_held_out: NDArray[np.bool_]
    rejections: tuple[Rejection, ...]
    left_out: tuple[Count, ...] = ()

    @property
    def shown(self) -> Ids:
        """Return the positions of the pictures that are learnt from."""
        return np.flatnonzero(~self.is_held_out)

    @property
    def held_out(self) -> Ids:
        """Return the positions of those that are only measured with."""
        return np.flatnonzero(self.is_held_out)

    def pictures(self, positions: Ids) -> tuple[Picture, ...]:
        """Return some of the pictures as evaluations take them."""
        records = [self.records[position] for position in positions.tolist()]
        return tuple(
            Picture(self.roots[each.root] / each.path, each.path, each.sha256, each.label or "")
            for each in records
        )

    def only(self, kept: Sequence[ImageRecord], rejections: Sequence[Rejection]) -> Self:
        """Return the pictures that can be decoded, as was found out meanwhile.

        Args:
            kept: their records, in the same order.
            rejections: of the others.

        Raises:
            TrainingRefused: too few are left.
        """
        wanted = {(record.root, record.path) for record in kept}
        places = [at for at, each in enumerate(self.records) if (each.root, each.path) in wanted]
        found = replace(
            self,
            records=tuple(kept),
            labels=self.labels[places],
            is_held_out=self.is_held_out[places],
            rejections=(*self.rejections, *rejections),
        )
        _require_two(found)
        return found


def gather_labelled(
    sources: Sequence[Path],
    choice: Choice,
    *,
    limits: Limits = DEFAULT_LIMITS,
    progress: Report = silent,
) -> Labelled:
    """Find the labelled pictures of some folders, and hold some of each class out.

    A content that occurs several times is on one side only: a copy of a picture that is learnt
    from would measure nothing. Where a folder of held out pictures is given, what lies there too
    is not learnt from. A content of several classes is left out.

    Args:
        sources: folders with a folder for each class.
        choice: which of their pictures.
        limits: what a file may cost.
        progress: told after each file.

    Raises:
        GalleryError: as indexer.gallery.scan.
        TrainingRefused: there are no two classes to be told apart.
    """
    folders = (*sources, *([choice.validation] if choice.validation else []))
    found = scan(folders, labels=choice.labels, limits=limits, progress=progress)
    given = len(sources) if choice.validation else len(found.roots)
    records = _one_class_each(found.records)
    sizes = class_sizes(records, given)
    classes = _classes(sizes, choice)
    number = {name: at for at, name in enumerate(classes)}
    chosen = tuple(record for record in records if record.label in number)
    held = _given_side(chosen, given) if choice.validation else _drawn_side(chosen, choice.seed)
    labelled = Labelled(
        records=chosen,
        roots=found.roots,
        classes=classes,
        labels=np.array([number[str(record.label)] for record in chosen], np.int64),
        is_held_out=held,
        rejections=found.rejections,
        left_out=causes(found.records, records, classes, sizes, choice.min_per_class),
    )
    _require_two(labelled)
    return labelled


def _one_class_each(records: Sequence[ImageRecord]) -> list[ImageRecord]:
    """Leave out pictures without a class, and contents that have two."""
    labels: dict[str, set[str]] = {}
    for record in records:
        if record.label:
            labels.setdefault(record.sha256, set()).add(record.label)
    return [each for each in records if each.label and len(labels[each.sha256]) == 1]


def _classes(counts: Mapping[str, int], choice: Choice) -> tuple[str, ...]:
    """Choose the classes that are learnt, by how many pictures the sources have of each."""
    enough = [name for name, count in counts.items() if count >= choice.min_per_class]
    enough.sort(key=lambda name: (-counts[name], name))
    if len(enough) < 2:
        raise TrainingRefused(
            f"To learn takes two classes of {choice.min_per_class} different pictures or more. "
            f"Received: {len(enough)} such, of {len(counts)} in all. Give folders with a folder "
            "for each class, or --labels; or a smaller --min-per-class."
        )
    return tuple(sorted(enough[: choice.most]))


def _given_side(records: Sequence[ImageRecord], given: int) -> NDArray[np.bool_]:
    """Hold out what lies in the last folder, and its copies elsewhere."""
    contents = {record.sha256 for record in records if record.root >= given}
    return np.array([record.sha256 in contents for record in records], np.bool_)


def _drawn_side(records: Sequence[ImageRecord], seed: int) -> NDArray[np.bool_]:
    """Draw the share of each class's contents that is held out."""
    contents = {record.sha256: str(record.label) for record in records}
    drawn = Split(HELD_OUT_SHARE, seed=seed).held_out(list(contents.values()))
    held = dict(zip(contents, drawn.tolist(), strict=True))
    return np.array([held[record.sha256] for record in records], np.bool_)


def _require_two(found: Labelled) -> None:
    if len(np.unique(found.labels[found.shown])) < 2:
        raise TrainingRefused(
            f"Of {len(found.records)} pictures {len(found.shown)} are learnt from, of fewer than "
            "two classes. Give more pictures, or another --validation."
        )
    if not len(found.held_out):
        raise TrainingRefused(
            "No picture is held out, so that nobody could tell what was learnt. Give pictures of "
            "these classes with --validation, or more pictures."
        )
