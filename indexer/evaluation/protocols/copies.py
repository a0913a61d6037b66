"""The protocol `copies`: pictures of the gallery are distorted, and ask for what they were."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from indexer.evaluation.errors import EvaluationError, NothingToMeasure
from indexer.evaluation.remarks import counted
from indexer.evaluation.tasks import Picture, Task
from indexer.evaluation.truths import ByClass
from indexer.variants.distortions import DISTORTIONS

DEFAULT_SAMPLE = 200
"""Pictures that are drawn unless a user says otherwise."""


@dataclass(frozen=True)
class Copies:
    """Distorts a sample of the gallery in each way of DISTORTIONS and asks for the originals.

    All files of the original's content are right. Contents are drawn, so that a picture that
    the gallery holds many times is not drawn more often; those that a distractor has too are
    never drawn, as it would be called wrong.

    Attributes:
        count: of the pictures that are drawn, at least 1; all, where the gallery holds fewer.
        seed: of the draw.
    """

    name: ClassVar[str] = "copies"
    title: ClassVar[str] = "Distorted copies find their originals"
    headline: ClassVar[str] = "P@1"
    measures: ClassVar[tuple[str, ...]] = ("P@1", "R@10", "AP", "first rank", "distance")

    count: int = DEFAULT_SAMPLE
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse to draw nothing.

        Raises:
            EvaluationError: the count is below 1.
        """
        if self.count < 1:
            raise EvaluationError(f"At least 1 picture must be copied. Received: {self.count}")

    def task(self, gallery: tuple[Picture, ...]) -> Task:
        """Make the task of a gallery, as RankingProtocol has it.

        Raises:
            NothingToMeasure: the gallery holds no picture that could be drawn.
        """
        originals = _contents(gallery)
        if not originals:
            raise NothingToMeasure(
                f"None of the gallery's {counted(len(gallery), 'picture')} can be copied: all are "
                "distractors, or of the same content as one. Give a folder of other pictures."
            )
        rng = np.random.default_rng(self.seed)
        drawn = np.sort(rng.permutation(len(originals))[: self.count])
        queries = tuple(
            replace(originals[number], distortion=way) for way in DISTORTIONS for number in drawn
        )
        contents = ["" if picture.distractor else picture.sha256 for picture in gallery]
        truth = ByClass.of(contents, [query.sha256 for query in queries])
        few = len(drawn) < self.count
        return Task(gallery, queries, truth, (_few(len(drawn), self.count),) if few else ())


def _contents(gallery: tuple[Picture, ...]) -> list[Picture]:
    """Return the first picture of each content that no distractor has."""
    astray = {picture.sha256 for picture in gallery if picture.distractor}
    first: dict[str, Picture] = {}
    for picture in gallery:
        if picture.sha256 not in astray:
            first.setdefault(picture.sha256, picture)
    return list(first.values())


def _few(drawn: int, wanted: int) -> str:
    return (
        f"The gallery holds {counted(drawn, 'different picture')} that could be copied, not "
        f"the {wanted:,} that were asked for: all of them ask."
    )
