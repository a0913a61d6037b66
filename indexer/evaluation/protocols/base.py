"""What every protocol promises."""

from typing import ClassVar, Protocol

from indexer.evaluation.tasks import Picture, Task


class RankingProtocol(Protocol):
    """Asks for pictures of a gallery, and knows which are right.

    Implementations are frozen dataclasses of their options and of what is known of the pictures
    (ground truth, folders of queries); they read no file and no index.

    Attributes:
        name: of the protocol, as the command line has it.
        title: for people.
        headline: the measure that answers how good a system is, by its name in
            indexer.evaluation.measures.MEASURES.
        measures: those that its tables show, by their names, the headline among them.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    headline: ClassVar[str]
    measures: ClassVar[tuple[str, ...]]

    def task(self, gallery: tuple[Picture, ...]) -> Task:
        """Make the task of a gallery, distractors last.

        Raises:
            EvaluationError: gallery, queries and truth do not fit; the message names what is
                missing, and the cure.
        """
        ...
