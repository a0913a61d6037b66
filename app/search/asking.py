"""Puts a question together: the pictures of a query and what its address says of them."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from app.extensions import services
from app.search.questions import Question
from app.storedqueries import StoredQuery
from indexer.search import MAX_K, SearchService
from indexer.serving.asking import Part
from indexer.serving.folding import Fold, to_fetch
from indexer.types import Float32, SearchResult

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answered:
    """What a page shows of an answer.

    Attributes:
        result: of the search, or of the deeper one where some hits were nearly the same.
        folds: its hits on the page, nearly the same ones as one.
        first: the answer to the first search, of as many hits as the page shows; of more where
            every image is measured in any case.
    """

    result: SearchResult
    folds: tuple[Fold, ...]
    first: SearchResult

    @property
    def on_page(self) -> SearchResult:
        """Return the answer with the hits of the page alone, the best of each fold."""
        return replace(self.result, hits=tuple(fold.first for fold in self.folds))


def ask_with_query(service: SearchService, parts: Sequence[Part], question: Question) -> Answered:
    """Search with the pictures of a kept query, as `parts_of` returns them.

    Raises:
        LikenessError: as SearchService.ask.
    """
    answered = answer_to(service, parts, question)
    if is_plain(question):
        services().recalls.offer(service, answered.first, question.wish)
    return answered


def ask_with_image(service: SearchService, number: int, question: Question) -> Answered:
    """Search with an indexed picture, which is not among what is found.

    Raises:
        LikenessError: as SearchService.ask.
    """
    part = Part(number, question.boxes.get(0))
    answered = answer_to(service, [part], question, frozenset({number}))
    if is_plain(question):
        services().recalls.offer(service, answered.first, question.wish, left_out=number)
    return answered


def ask_with_parts(service: SearchService, parts: Sequence[Part], question: Question) -> Answered:
    """Search with parts that are not kept; indexed pictures of them are not among what is found.

    Raises:
        LikenessError: as SearchService.ask.
    """
    own = frozenset(part.source for part in parts if isinstance(part.source, int))
    # What is not kept cannot be judged.
    answered = answer_to(service, parts, replace(question, judging=False), own)
    if is_plain(question) and len(own) <= 1:
        left_out = next(iter(own), None)
        services().recalls.offer(service, answered.first, question.wish, left_out=left_out)
    return answered


def is_plain(question: Question) -> bool:
    """Tell whether a question is for what is nearest to its pictures, and for nothing else."""
    narrowed = question.classes or question.least is not None or question.page > 1
    other = question.order != "nearest" or question.more or question.less
    return not narrowed and not other


def answer_to(
    service: SearchService,
    parts: Sequence[Part],
    question: Question,
    left_out: frozenset[int] = frozenset(),
) -> Answered:
    """Search without offering the answer to be checked: for what was answered once already.

    What was subtracted is not found again, nor what was added unless hits are judged: then people
    see what they said of it.

    Args:
        service: the index.
        parts: the pictures of the question.
        question: how they are searched for.
        left_out: images that are not to be found.

    Raises:
        LikenessError: as SearchService.ask.
    """
    more, less = (
        [service.catalog.locate(mark.id, mark.content) for mark in marks]
        for marks in (question.more, question.less)
    )
    known = less if question.judging else [*more, *less]
    asked = [*parts, *(Part(at) for at in more), *(Part(at, sign=-1) for at in less)]
    search = partial(
        service.ask,
        metric=question.metric,
        wish=question.wish,
        narrowing=question.narrowing(left_out | frozenset(known)),
        order=question.order,
    )
    if not question.fold:
        result = search(asked, k=question.k, skip=question.skip)
        return Answered(result, tuple(Fold(hit) for hit in result.hits), result)
    return _folded(service, search, asked, question)


def _folded(
    service: SearchService,
    search: Callable[..., SearchResult],
    asked: Sequence[Part],
    question: Question,
) -> Answered:
    """Search for as many pictures as a page shows, and deeper where some are nearly the same."""
    wanted = min(question.skip + question.k, MAX_K)
    scans = service.always_exact or question.wish.exact or question.order == "farthest"
    # A scan gives twice as many hits in the same time; a second scan would take as long again.
    depth = to_fetch(wanted) if scans else wanted
    first = result = search(asked, k=depth)
    folds = service.fold(result.hits, wanted)
    while len(folds) < wanted and len(result.hits) == depth < MAX_K:
        depth = to_fetch(depth)
        # The feature is known by now: no picture is encoded twice.
        deeper = search([Part(first.feature)], k=depth)
        # What is known of the shallower search holds for the first hits of the deeper one.
        result = replace(
            deeper,
            recall=deeper.recall or first.recall,
            timings=result.timings + deeper.timings,
        )
        folds = service.fold(result.hits, wanted)
    return Answered(result, folds[question.skip :], first)


def parts_of(service: SearchService, query: StoredQuery, question: Question) -> list[Part]:
    """Return the pictures of a kept query as they are searched with: features, or their parts.

    Raises:
        LikenessError: as what keeps queries, and as SearchService.describe.
    """
    return [
        Part(services().queries.picture(query.token, at), box)
        if (box := question.boxes.get(at))
        else Part(feature)
        for at, feature in enumerate(features_of(service, query))
    ]


def features_of(service: SearchService, query: StoredQuery) -> list[Float32]:
    """Return the kept features of a query, or new ones where another encoder made the index."""
    if query.fingerprint == service.manifest.fingerprint.digest:
        return [picture.feature for picture in query.pictures]
    logger.info("Encoding kept pictures again for the index %s", service.name)
    kept = services().queries
    pictures = [kept.picture(query.token, at) for at in range(len(query.pictures))]
    features = [service.describe(Part(picture))[0] for picture in pictures]
    if service.name == query.index:
        kept.renew(query.token, service.manifest.fingerprint.digest, features)
    return features
