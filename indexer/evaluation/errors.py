"""What an evaluation refuses, each with its cure."""

from models.errors import LikenessError


class EvaluationError(LikenessError):
    """An evaluation that cannot be done as asked."""


class NothingToMeasure(EvaluationError):
    """Queries none of which has a right answer in the gallery."""
