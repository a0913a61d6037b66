"""What a protocol asks: which pictures are searched, for which, and what is right for each."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from indexer.evaluation.metrics import Relevance
from indexer.types import Ids
from models.types import Box as Box


@dataclass(frozen=True)
class Picture:
    """One picture of an evaluation.

    Attributes:
        file: where it lies.
        name: what tables call it: its path below its folder.
        sha256: of the file's content, in hexadecimal.
        label: its class, or "".
        distractor: whether it is there to lead searches astray only.
        crop: the part of it that is meant; None for all of it.
        distortion: what was done to it, by its name in DISTORTIONS, or "".
    """

    file: Path
    name: str
    sha256: str
    label: str = ""
    distractor: bool = False
    crop: Box | None = None
    distortion: str = ""

    @property
    def own_label(self) -> str:
        """Return its class, or "" for a distractor, which has none."""
        return "" if self.distractor else self.label


class Truth(Protocol):
    """Which pictures of a gallery are right answers to each of m queries."""

    @property
    def totals(self) -> Ids:
        """Return how many right answers the gallery holds for each query, int64 (m,)."""
        ...

    def relevant(self, rows: slice, ids: Ids) -> Relevance:
        """Say which pictures are right answers to some queries.

        Args:
            rows: the queries.
            ids: int64 (len of rows, any), places in the gallery.

        Returns:
            bool, of the shape of `ids`.
        """
        ...

    def ignored(self, rows: slice, ids: Ids) -> Relevance | None:
        """Say which pictures are neither right nor wrong, as if rankings did not hold them.

        A query that is itself of the gallery is ignored in its own ranking.

        Args and Returns: as for `relevant`; None where nothing is ignored.
        """
        ...


@dataclass(frozen=True)
class Task:
    """What is asked of every system alike.

    Attributes:
        gallery: the pictures that are searched, distractors last; their places are their ids.
        queries: what is searched for.
        truth: what is right.
        remarks: sentences on what readers of the figures should know: what was left out, and why.
    """

    gallery: tuple[Picture, ...]
    queries: tuple[Picture, ...]
    truth: Truth
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a gallery in which a distractor comes before another picture."""
        if any(picture.distractor for picture in self.gallery[: self.own]):
            raise ValueError("The distractors of a task come last in its gallery.")

    @cached_property
    def own(self) -> int:
        """Return how many pictures of the gallery come first and are no distractors."""
        return sum(not picture.distractor for picture in self.gallery)

    @cached_property
    def together(self) -> Ids | None:
        """Return which queries belong together, as their answers depend on one picture.

        Distorted copies of one content do.

        Returns:
            int64 (m,), equal for queries that belong together; None where each is its own.
        """
        keys: list[object] = [
            query.sha256 if query.distortion else place for place, query in enumerate(self.queries)
        ]
        numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        if len(numbers) == len(keys):
            return None
        return np.array([numbers[key] for key in keys], np.int64)
