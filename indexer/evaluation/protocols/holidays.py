"""The protocol `holidays`: the other photographs of the same place should be found."""

from dataclasses import dataclass
from typing import ClassVar

from indexer.evaluation.groundtruth.holidays import of_names
from indexer.evaluation.groundtruth.model import GroundTruth
from indexer.evaluation.protocols.listed import Asked, listed_task
from indexer.evaluation.tasks import Picture, Task


@dataclass(frozen=True)
class Holidays:
    """Asks with the first picture of each group of INRIA Holidays for the others.

    The query is ignored in its own ranking.

    Attributes:
        truth: read from the list of names; None to make it of the gallery's own names.
        partial: whether to go on without pictures of the list that are missing.
    """

    name: ClassVar[str] = "holidays"
    title: ClassVar[str] = "INRIA Holidays"
    headline: ClassVar[str] = "AP trapezoid"
    measures: ClassVar[tuple[str, ...]] = (
        "AP trapezoid", "AP", "P@1", "R@10", "nDCG@10", "first rank", "mean rank", "distance",
    )  # fmt: skip

    truth: GroundTruth | None = None
    partial: bool = False

    def task(self, gallery: tuple[Picture, ...]) -> Task:
        """Make the task of a gallery, as RankingProtocol has it.

        Raises:
            EvaluationError: pictures of the list are missing, or none is a query.
        """
        truth = self.truth or of_names(
            (picture.name for picture in gallery if not picture.distractor), "The gallery"
        )
        asked = tuple(Asked(query, query.good + query.ok, query.junk) for query in truth.queries)
        return listed_task(truth, asked, gallery, partial=self.partial)
