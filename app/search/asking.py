"""Puts a question together: the pictures of a query and what its address says of them."""

import logging
from collections.abc import Sequence

from app.extensions import services
from app.queries import StoredQuery
from app.search.questions import Question
from indexer.search import SearchService
from indexer.serving.asking import Part
from indexer.types import Float32, SearchResult

logger = logging.getLogger(__name__)


def ask_with_query(service: SearchService, query: StoredQuery, question: Question) -> SearchResult:
    """Search with the pictures of a kept query.

    Raises:
        LikenessError: as SearchService.ask, and what keeps queries.
    """
    features = _features(service, query)
    parts = [
        Part(services().queries.picture(query.token, at), box)
        if (box := question.boxes.get(at))
        else Part(feature)
        for at, feature in enumerate(features)
    ]
    result = _ask(service, parts, question, frozenset())
    if is_plain(question):
        services().recalls.offer(service, result, question.wish)
    return result


def ask_with_image(service: SearchService, number: int, question: Question) -> SearchResult:
    """Search with an indexed picture, which is not among what is found.

    Raises:
        LikenessError: as SearchService.ask.
    """
    part = Part(number, question.boxes.get(0))
    result = _ask(service, [part], question, frozenset({number}))
    if is_plain(question):
        services().recalls.offer(service, result, question.wish, left_out=number)
    return result


def is_plain(question: Question) -> bool:
    """Tell whether a question is for what is nearest to its pictures, and for nothing else."""
    narrowed = question.classes or question.least is not None or question.page > 1
    other = question.order != "nearest" or question.more or question.less
    return not narrowed and not other


def _ask(
    service: SearchService, parts: Sequence[Part], question: Question, own: frozenset[int]
) -> SearchResult:
    more, less = (
        [service.catalog.locate(mark.id, mark.content) for mark in marks]
        for marks in (question.more, question.less)
    )
    return service.ask(
        [*parts, *(Part(at) for at in more), *(Part(at, sign=-1) for at in less)],
        question.k,
        question.metric,
        question.wish,
        narrowing=question.narrowing(own | frozenset(less)),
        order=question.order,
        skip=question.skip,
    )


def _features(service: SearchService, query: StoredQuery) -> list[Float32]:
    """Return the kept features of a query, or new ones where another encoder made the index."""
    if query.fingerprint == service.manifest.fingerprint.digest:
        return [picture.feature for picture in query.pictures]
    logger.info("Encoding kept pictures again for the index %s", service.name)
    kept = services().queries
    pictures = [kept.picture(query.token, at) for at in range(len(query.pictures))]
    features = [service.describe(picture)[0] for picture in pictures]
    if service.name == query.index:
        kept.renew(query.token, service.manifest.fingerprint.digest, features)
    return features
