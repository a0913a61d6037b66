"""The protocol `folders`: pictures ask for others of their class, which folders give them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from indexer.evaluation.errors import EvaluationError, NothingToMeasure
from indexer.evaluation.remarks import by_class, counted
from indexer.evaluation.splits import Split, drawn_by_class
from indexer.evaluation.tasks import Picture, Task
from indexer.evaluation.truths import ByClass
from indexer.types import Ids

Pictures = tuple[Picture, ...]


@dataclass(frozen=True)
class Folders:
    """Asks for the pictures of each query's class.

    The queries are given, or held out by a split, or, without either, each picture of the gallery
    asks for the others (leave-one-out). Distractors neither ask nor are right. A query of whose
    class the gallery holds nothing, itself apart, is left out.

    Attributes:
        queries: that are given; None where the gallery's own pictures ask.
        split: what holds some of the gallery's pictures out as queries; None for leave-one-out.
        sample: queries that are asked at most, drawn of each class its share; None for all.
        seed: of that draw.
    """

    name: ClassVar[str] = "folders"
    title: ClassVar[str] = "Pictures of the same class"
    headline: ClassVar[str] = "P@10"
    measures: ClassVar[tuple[str, ...]] = (
        "P@1", "P@10", "AP@10", "AP", "R@10", "nDCG@10", "first rank", "mean rank", "distance",
    )  # fmt: skip

    queries: Pictures | None = None
    split: Split | None = None
    sample: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse queries that are given twice over, or none.

        Raises:
            EvaluationError: there are both queries and a split, or the sample is below 1.
        """
        if self.sample is not None and self.sample < 1:
            raise EvaluationError(f"At least 1 query must be drawn. Received: {self.sample}")
        if self.queries is not None and self.split is not None:
            raise EvaluationError("Queries are given or split off the gallery, not both.")

    def task(self, gallery: Pictures) -> Task:
        """Make the task of a gallery, as RankingProtocol has it.

        Raises:
            NothingToMeasure: no query has a right answer in the gallery; both sides' classes are
                named.
        """
        searched, queries, own = self._sides(gallery)
        labels = [picture.own_label for picture in searched]
        asked = [query.label for query in queries]
        kept = np.flatnonzero(ByClass.of(labels, asked, own).totals)
        if not len(kept):
            raise NothingToMeasure(_mismatch(labels, asked))
        left_out = np.delete(np.arange(len(queries)), kept)
        answerable = len(kept)
        if self.sample is not None and self.sample < answerable:
            kept = kept[drawn_by_class([asked[row] for row in kept], self.sample, self.seed)]
        truth = ByClass.of(labels, [asked[row] for row in kept], own[kept])
        kept_queries = tuple(queries[row] for row in kept)
        remarks = (
            *_left_out([asked[row] for row in left_out], len(queries)),
            *_drawn(len(kept), answerable),
            *_duplicates(searched, kept_queries, own[kept]),
        )
        return Task(searched, kept_queries, truth, remarks)

    def _sides(self, gallery: Pictures) -> tuple[Pictures, Pictures, Ids]:
        """Return what is searched, what asks, and the place of each that asks, or -1."""
        if self.queries is not None:
            return gallery, self.queries, np.full(len(self.queries), -1)
        if self.split is None:
            places = [place for place, picture in enumerate(gallery) if not picture.distractor]
            return gallery, tuple(gallery[place] for place in places), np.array(places, np.int64)
        held = self.split.held_out([picture.own_label for picture in gallery])
        stay, ask = (
            tuple(gallery[place] for place in np.flatnonzero(side)) for side in (~held, held)
        )
        return stay, ask, np.full(len(ask), -1)


def _mismatch(labels: Sequence[str], asked: Sequence[str]) -> str:
    there, wanted = (by_class(label for label in side if label) for side in (labels, asked))
    return (
        f"None of {counted(len(asked), 'query')} has another picture of its class in the gallery. "
        f"Classes of the queries: {wanted or 'none'}; of the gallery: {there or 'none'}. Give each "
        "class a folder of its own, with two pictures or more, and with the same name for queries "
        "and gallery."
    )


def _left_out(labels: Sequence[str], count: int) -> Iterator[str]:
    nameless = sum(not label for label in labels)
    if nameless:
        yield f"Left out of {counted(count, 'query')}: {nameless:,} without a class."
    if nameless < len(labels):
        classes = by_class(label for label in labels if label)
        yield (
            f"Left out of {counted(count, 'query')}: {len(labels) - nameless:,} of whose class the "
            f"gallery holds no other picture, {classes}."
        )


def _drawn(count: int, answerable: int) -> Iterator[str]:
    if count < answerable:
        yield (
            f"Asked: {counted(count, 'query')}, drawn from {answerable:,}, of each class its "
            "share. More may be asked by --sample."
        )


def _duplicates(gallery: Pictures, queries: Pictures, own: Ids) -> Iterator[str]:
    """Count queries whose very content the gallery holds, besides themselves."""
    contents = Counter(picture.sha256 for picture in gallery)
    twice = [
        query
        for query, place in zip(queries, own, strict=True)
        if contents[query.sha256] > (place >= 0)
    ]
    if twice:
        yield (
            f"Also in the gallery, as another file of the same content: {len(twice):,} of "
            f"{counted(len(queries), 'query')}, for instance {twice[0].name}. Such files are found "
            "easily, and count all the same."
        )
