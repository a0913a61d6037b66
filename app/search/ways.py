"""Where a comparison leads to: back to the hits, and on to those beside the one that it shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from app import timings
from app.extensions import services
from app.search import links
from app.search.asking import Answered, answer_to
from app.search.cards import arranged
from app.search.comparing import Compared
from app.search.presenters import mark_of
from app.search.questions import Question
from app.search.recent import PageKey, Place
from indexer.search import SearchService
from indexer.types import Hit


@dataclass(frozen=True)
class Choice:
    """A picture of the query that a hit can be compared with."""

    name: str
    address: str
    chosen: bool


@dataclass(frozen=True)
class Ways:
    """Where the page of a comparison leads to, "" where there is no such page.

    Attributes:
        rank: of the card that shows the hit, or None where the page of hits has none.
        back: the hits, at that card.
        previous, next: comparisons with the hits beside it.
        choices: the same with each picture of the query, where it has several.
    """

    rank: int | None
    back: str
    previous: str
    next: str
    choices: tuple[Choice, ...]


def remember(service: SearchService, answered: Answered, question: Question) -> tuple[Place, ...]:
    """Keep the places on a page of hits for the comparisons with them, and return them.

    Args:
        service: that answered.
        answered: the page of hits; the request under way asks for it, or compares one of them.
        question: how they were asked for.
    """
    places = tuple(
        Place(
            fold.first.rank,
            mark_of(fold.first.id, fold.first.image),
            tuple(hit.id for hit in fold.hits),
        )
        for fold in arranged(answered.folds, question.sort)
    )
    services().recent.keep(_key(service, question), places)
    return places


def ways_from(
    service: SearchService, question: Question, compared: Compared, measured: Hit
) -> Ways:
    """Return where a comparison leads to; searches only where its page of hits is not known.

    Args:
        service: that found the hit.
        question: how the hits were asked for.
        compared: what the hit is compared with.
        measured: the hit.

    Raises:
        LikenessError: as SearchService.ask.
    """
    places = _places(service, question, compared)
    at = next((at for at, place in enumerate(places) if measured.id in place.ids), None)
    rank = None if at is None else places[at].rank
    return Ways(
        rank=rank,
        back=links.hits_page(question, rank),
        previous="" if at is None else _beside(places[:at][-1:], question, compared),
        next="" if at is None else _beside(places[at + 1 :][:1], question, compared),
        choices=_choices(question, compared, measured),
    )


def _places(service: SearchService, question: Question, compared: Compared) -> tuple[Place, ...]:
    known = services().recent.find(_key(service, question))
    if known is not None:
        return known
    answered = answer_to(service, compared.parts, question, compared.left_out)
    timings.searched(answered.result.timings)
    return remember(service, answered, question)


def _key(service: SearchService, question: Question) -> PageKey:
    """Return which page of hits the request under way asks for, or compares one of."""
    return PageKey(service.name, service.generation, links.hits_page(question, None))


def _beside(places: Sequence[Place], question: Question, compared: Compared) -> str:
    addresses = [links.comparison(question, each.mark, compared.position) for each in places]
    return "".join(addresses)


def _choices(question: Question, compared: Compared, hit: Hit) -> tuple[Choice, ...]:
    several = len(compared.asked) > 1
    return tuple(
        Choice(
            each.caption,
            links.comparison(question, mark_of(hit.id, hit.image), position),
            position == compared.position,
        )
        for position, each in enumerate(compared.asked if several else ())
    )
