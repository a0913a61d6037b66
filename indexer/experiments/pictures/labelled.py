"""Labelled pictures: which classes are learnt, from what, and what is held out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from indexer.evaluation.tasks import Picture
from indexer.types import Count, Ids, ImageRecord, Rejection
from models.errors import TrainingRefused

HELD_OUT_SHARE = 0.2

AskedOf = Literal["held out", "test"]
"""Which pictures tell what was learnt: those that choose the epoch, or others."""


@dataclass(frozen=True)
class Choice:
    """Which pictures are learnt from.

    Attributes:
        validation: a folder of pictures that are held out; None to hold a share out.
        held_out: that share of each class, or None for HELD_OUT_SHARE.
        test: a folder of pictures that neither are learnt from nor choose the epoch, and that are
            measured with at the end; None to measure with those that are held out.
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
    held_out: float | None = None
    test: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what is said twice, or cannot be held out."""
        if self.held_out is None:
            return
        if self.validation:
            raise TrainingRefused(
                "--validation names the pictures that are held out, and --held-out draws them. "
                f"Leave out --held-out {self.held_out:g}, or --validation."
            )
        if not 0 < self.held_out < 1:
            raise TrainingRefused(
                f"--held-out is a share between 0 and 1. Received: {self.held_out:g}."
            )

    @property
    def share(self) -> float:
        """Return which share of each class is held out where no folder is given."""
        return HELD_OUT_SHARE if self.held_out is None else self.held_out


@dataclass(frozen=True)
class Labelled:
    """Pictures with their classes.

    Attributes:
        records: the pictures, by position.
        roots: the folders that they lie in.
        classes: names of the classes, ascending.
        labels: class of each picture, int64 (n,).
        is_held_out: whether a picture is not learnt from and chooses the epoch, bool (n,).
        is_test: whether it is not learnt from and chooses nothing, bool (n,).
        rejections: the files that cannot be used.
        left_out: how many usable pictures are not learnt from, by cause.
    """

    records: tuple[ImageRecord, ...]
    roots: tuple[Path, ...]
    classes: tuple[str, ...]
    labels: Ids
    is_held_out: NDArray[np.bool_]
    is_test: NDArray[np.bool_]
    rejections: tuple[Rejection, ...]
    left_out: tuple[Count, ...] = ()

    @property
    def shown(self) -> Ids:
        """Return the positions of the pictures that are learnt from."""
        return np.flatnonzero(~(self.is_held_out | self.is_test))

    @property
    def held_out(self) -> Ids:
        """Return the positions of those that choose the epoch."""
        return np.flatnonzero(self.is_held_out)

    @property
    def asked(self) -> Ids:
        """Return the positions of those that tell what was learnt."""
        return np.flatnonzero(self.is_test if self.asked_of == "test" else self.is_held_out)

    @property
    def asked_of(self) -> AskedOf:
        """Say which pictures these are."""
        return "test" if self.is_test.any() else "held out"

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
            is_test=self.is_test[places],
            rejections=(*self.rejections, *rejections),
        )
        require_two(found)
        return found


def require_two(found: Labelled) -> None:
    """Refuse pictures of which nothing can be learnt, or nothing be told.

    Raises:
        TrainingRefused: there are no two classes to learn, or nothing is held out.
    """
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
