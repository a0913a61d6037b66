"""Reads the parts of a run's record that are more than a value; what is missing stays open."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from indexer.experiments.runs import loose
from indexer.experiments.runs.changes import Change, Codes, Triplets
from indexer.experiments.telling.measured import Bounds
from indexer.types import Count
from models.training.report import ClassFigures


@dataclass(frozen=True)
class Given:
    """Pictures that a training was given: their folder, and how many of them it could use."""

    folder: str
    pictures: int


@dataclass(frozen=True)
class ClassCount:
    """How many pictures of a class are learnt from, and held out."""

    name: str
    shown: int
    held_out: int


@dataclass(frozen=True)
class Found:
    """How often a search of labelled folders finds a picture of the same class first.

    Attributes:
        folder: of the pictures.
        way: what described them, such as student, teacher or thumbnail.
        precision_at_1: the share of the pictures.
    """

    folder: str
    way: str
    precision_at_1: float


@dataclass(frozen=True)
class Classified:
    """How well the classes of held out pictures are told; see models.training.report.

    Attributes:
        accuracy: share of the pictures, or NaN.
        classes: the figures of each class.
        means: over all classes.
        confusion: pictures of each class (rows) that are taken for each (columns); empty where
            that is not known of all.
    """

    accuracy: float = math.nan
    classes: tuple[ClassFigures, ...] = ()
    means: tuple[ClassFigures, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()


def given(known: Any) -> Iterator[Given]:
    """Read the folders of the pictures."""
    for source in loose.listed(known, "data", "sources"):
        if folder := loose.text(source, "folder"):
            yield Given(folder, loose.whole(source, "pictures"))


def class_counts(known: Any) -> Iterator[ClassCount]:
    """Read how many pictures there are of each class."""
    classes = loose.inner(known, "classes")
    for name, counts in classes.items() if isinstance(classes, dict) else ():
        shown, held_out = _numbers(counts if isinstance(counts, list) else [], 2)
        yield ClassCount(loose.text({"name": name}, "name"), _whole(shown), _whole(held_out))


def unused(known: Any) -> Iterator[Count]:
    """Read how many usable pictures are not learnt from, by cause."""
    for item in loose.listed(known, "unused"):
        if (name := loose.text(item, "name")) and (count := loose.whole(item, "count")):
            yield Count(name, count)


def rejected(known: Any) -> Iterator[Count]:
    """Count the files that cannot be used, by reason."""
    reasons = (loose.text(item, "reason") for item in loose.listed(known, "data", "left_out"))
    for name, count in Counter(filter(None, reasons)).most_common():
        yield Count(name, count)


def classified(known: Any) -> Classified:
    """Read the classification report."""
    of = loose.inner(known, "classification")
    classes = tuple(_figures(row) for row in loose.listed(of, "classes"))
    rows = [row if isinstance(row, list) else [] for row in loose.listed(of, "confusion")]
    is_square = len(rows) == len(classes) and all(len(row) == len(classes) for row in rows)
    return Classified(
        accuracy=loose.share(of, "accuracy"),
        classes=classes,
        means=tuple(
            _figures(row) for name in ("macro", "weighted") if (row := loose.inner(of, name))
        ),
        confusion=tuple(tuple(map(_whole, _numbers(row, len(row)))) for row in rows)
        if is_square
        else (),
    )


def triplets(known: Any) -> Triplets:
    """Read which shares of triplets are ranked right."""
    shown, held_out = (loose.share(known, "triplets", name) for name in ("shown", "held_out"))
    return Triplets(
        None if math.isnan(shown) else shown, None if math.isnan(held_out) else held_out
    )


def changes(known: Any, *way: str) -> Iterator[Change]:
    """Read the measures before and after of a way to search, such as "exact" or "lsh"."""
    for change in loose.listed(known, "retrieval", *way):
        before, after = (_bounds(change, when) for when in ("before", "after"))
        if not math.isnan(before[0] + after[0]):
            measure, verdict = loose.text(change, "measure"), loose.text(change, "verdict")
            yield Change(measure, before, after, verdict)


def codes(known: Any) -> Codes | None:
    """Read what hash codes keep of what features find, or None where there are none."""
    of = loose.inner(known, "retrieval", "codes")
    if not of:
        return None
    return Codes(
        share=loose.number(of, "share"),
        bytes_before=loose.whole(of, "bytes_before"),
        bytes_after=loose.whole(of, "bytes_after"),
        values=tuple(changes(known, "codes", "values")),
        kept=loose.number(of, "kept"),
    )


def found(known: Any) -> Iterator[Found]:
    """Read what a student finds, beside others."""
    for retrieval in loose.listed(known, "found", "retrievals"):
        for way in ("student", "teacher", "thumbnail"):
            share = loose.share(retrieval, way, "precision_at_1")
            if not math.isnan(share):
                yield Found(loose.text(retrieval, "folder"), way, share)


def texts(known: Any, name: str) -> Iterator[str]:
    """Read a list of names."""
    for value in loose.listed(known, name):
        if told := loose.text({"value": value}, "value"):
            yield told


def file_name(known: Any, *keys: str) -> str:
    """Read the name of a file, without its folder."""
    return PurePath(loose.text(known, *keys)).name


def _figures(row: Any) -> ClassFigures:
    precision, recall, f1 = (loose.share(row, name) for name in ("precision", "recall", "f1"))
    return ClassFigures(loose.text(row, "name"), precision, recall, f1, loose.whole(row, "support"))


def _bounds(change: Any, when: str) -> Bounds:
    """Read a mean and the bounds of its interval, NaN where there are none."""
    mean, low, high = _numbers(loose.listed(change, when), 3)
    return mean, low, high


def _numbers(values: list[Any], count: int) -> list[float]:
    """Read the first numbers of a list, NaN for those that are none."""
    some = (*values[:count], *[None] * count)[:count]
    return [loose.number({"value": value}, "value") for value in some]


def _whole(value: float) -> int:
    return int(value) if value >= 0 else 0
