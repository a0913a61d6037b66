"""The protocol `oxford`: photographs of the same building should be found, as Oxford5k asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from indexer.evaluation.errors import EvaluationError
from indexer.evaluation.groundtruth.model import GroundTruth, Query
from indexer.evaluation.protocols.listed import Asked, listed_task
from indexer.evaluation.tasks import Picture, Task

SETUPS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "original": (("good", "ok"), ("junk",)),
    "easy": (("easy",), ("hard", "junk")),
    "medium": (("easy", "hard"), ("junk",)),
    "hard": (("hard",), ("easy", "junk")),
}
"""Name of a setup -> the lists of right answers, and those that are ignored.

Sources: Philbin, Chum, Isard, Sivic, Zisserman, "Object retrieval with large vocabularies and fast
spatial matching", CVPR 2007, and its program compute_ap; Radenović, Iscen, Tolias, Avrithis, Chum,
"Revisiting Oxford and Paris", CVPR 2018, 3.2.
"""


@dataclass(frozen=True)
class Oxford:
    """Asks with parts of pictures for others of the same building: Oxford5k, Paris6k, revisited.

    In the original setup the query's picture stays in the gallery and counts as it is listed: as
    good. The revisited galleries do not hold the queries.

    Attributes:
        truth: the published ground truth.
        setup: one of SETUPS; the last three need the revisited ground truth.
        partial: whether to go on without pictures that are missing.
    """

    name: ClassVar[str] = "oxford"
    title: ClassVar[str] = "Oxford and Paris buildings"
    headline: ClassVar[str] = "AP trapezoid"
    measures: ClassVar[tuple[str, ...]] = (
        "AP trapezoid", "AP", "P@1", "P@10", "mP@10", "R@10", "nDCG@10", "first rank", "mean rank",
    )  # fmt: skip

    truth: GroundTruth
    setup: str = "original"
    partial: bool = False

    def __post_init__(self) -> None:
        """Refuse a setup that the ground truth has no lists for.

        Raises:
            EvaluationError: naming the setups that it has.
        """
        known = [name for name in SETUPS if (name != "original") == self.truth.revisited]
        if self.setup not in known:
            raise EvaluationError(
                f"The ground truth {self.truth.name} has the setups {', '.join(known)}. "
                f"Received: {self.setup!r}. Choose one of them with --setup."
            )

    def task(self, gallery: tuple[Picture, ...]) -> Task:
        """Make the task of a gallery, as RankingProtocol has it.

        Raises:
            EvaluationError: pictures are missing, or two could be the same.
        """
        right, ignored = SETUPS[self.setup]
        asked = tuple(
            Asked(query, _names(query, right), _names(query, ignored))
            for query in self.truth.queries
        )
        return listed_task(self.truth, asked, gallery, partial=self.partial)


def _names(query: Query, kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for kind in kinds for name in getattr(query, kind))
