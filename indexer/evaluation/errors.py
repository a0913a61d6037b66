"""What an evaluation refuses, each with its cure."""

from collections.abc import Mapping
from pathlib import Path

from indexer.types import Rejection
from models.errors import LikenessError


class EvaluationError(LikenessError):
    """An evaluation that cannot be done as asked."""


class NothingToMeasure(EvaluationError):
    """Queries none of which has a right answer in the gallery."""


class CannotEncode(EvaluationError):
    """Pictures that have no feature; without them something else would be asked."""

    def __init__(self, message: str, refused: Mapping[Path, Rejection]) -> None:
        """Keep which they are.

        Args:
            message: for people.
            refused: why each of them cannot be used, by its file.
        """
        super().__init__(message)
        self.refused = refused


class BadGroundTruth(EvaluationError):
    """A file that does not say which pictures are right, or not in a layout that is known."""


class BadTable(EvaluationError):
    """A file of triplets, pairs or ratings that cannot be read."""


class UnknownReport(EvaluationError):
    """No report has this name."""


class DamagedReport(EvaluationError):
    """A report's file is absent, altered, or of another version of the program."""


class EvaluationRunning(EvaluationError):
    """Another process makes the report of the same name."""
