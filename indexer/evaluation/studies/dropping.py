"""Goes on without pictures that a system cannot encode, for all systems alike."""

from collections.abc import Callable

from indexer.evaluation.errors import CannotEncode, EvaluationError
from indexer.evaluation.pictures import Gallery
from indexer.evaluation.studies.base import Outcome
from indexer.evaluation.tasks import Picture

Pictures = tuple[Picture, ...]
Attempt = Callable[[Gallery, Pictures], Outcome]
"""Studies a gallery and given queries."""


def without_unusable(gallery: Gallery, queries: Pictures, attempt: Attempt) -> Outcome:
    """Study pictures; where some cannot be encoded, again without these.

    What was encoded is in the cache, so that little is done twice.

    Args:
        gallery: that is searched.
        queries: that are given; none where the gallery's own ask.
        attempt: studies both.

    Raises:
        EvaluationError: nothing is left, or a ground truth names what is missing.
    """
    why: CannotEncode | None = None
    while True:
        try:
            return attempt(gallery, queries)
        except CannotEncode as error:
            why = error
            gallery, kept = gallery.without(error.refused), _kept(queries, error)
            if not gallery.pictures or (queries and not kept):
                raise
            queries = kept
        except EvaluationError as error:
            if why is None:
                raise
            raise EvaluationError(f"{error} {why}") from error


def _kept(queries: Pictures, error: CannotEncode) -> Pictures:
    return tuple(each for each in queries if each.file not in error.refused)
