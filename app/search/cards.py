"""The hits of an answer as cards of a page."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.search.asking import Answered
from app.search.likeness import Figures, figures
from app.search.links import anchor, comparison
from app.search.patterns import ANY, of_images, of_marks
from app.search.presenters import Thumbnail, Thumbnails, figure, mark_of
from app.search.questions import Question, Sort
from app.search.shown import is_in, toggles
from indexer.search import SearchService
from indexer.serving.asking import MOST_PARTS
from indexer.serving.folding import Fold
from indexer.serving.gaps import line_after
from indexer.types import Hit, Metric


@dataclass(frozen=True)
class Folded(Thumbnail):
    """A picture that is nearly the same as the hit of a card, shown inside of it.

    Attributes:
        rank: its own among the hits.
        similarity: to the query, in words.
        page: address of its page in the gallery, where it is large.
        compare: address of the comparison with the query.
    """

    rank: int
    similarity: str
    page: str
    compare: str


@dataclass(frozen=True)
class Card(Figures, Thumbnail):
    """One hit on a page: a picture with its rank and figures.

    Attributes:
        anchor: by which the way back from that page leads here.
        page: address of its page in the gallery, where it is large.
        compare: address of the comparison with the query.
        explains: whether it is told there what makes them alike.
        plus, minus: addresses of this search with the hit added to it, and subtracted from it; of
            the search without it where it is so already; "" where a search takes no more pictures.
        is_added, is_subtracted: whether it is.
        same: pictures that are nearly the same, which are shown inside of the card.
        ends_strong: whether what follows is much less alike.
    """

    rank: int
    anchor: str
    page: str
    compare: str
    explains: bool
    plus: str
    minus: str
    is_added: bool
    is_subtracted: bool
    same: tuple[Folded, ...]
    ends_strong: bool


def cards(service: SearchService, answered: Answered, question: Question, own: int) -> list[Card]:
    """Return the hits of an answer for a page, in the order that was asked for.

    Args:
        service: that gave it.
        answered: the answer.
        question: how it was asked for.
        own: how many pictures the query is made of.
    """
    folds, metric = arranged(answered.folds, question.sort), answered.result.metric
    dealer = _Dealer(service, metric, question, own)
    last = strong_until(service, answered, question)
    strengths = service.strength.percentiles([fold.first.distance for fold in folds], metric)
    return [
        dealer.card(fold, strengths[at] if strengths else None, last)
        for at, fold in enumerate(folds)
    ]


def strong_until(service: SearchService, answered: Answered, question: Question) -> int | None:
    """Return the rank of the last hit before what is much less alike, or None."""
    if question.order != "nearest" or question.sort != "similarity" or question.page > 1:
        return None
    folds, metric = answered.folds, answered.result.metric
    place = line_after([fold.first.distance for fold in folds], metric, service.strength)
    return folds[place - 1].first.rank if place else None


def arranged(folds: Sequence[Fold], sort: Sort) -> list[Fold]:
    """Return the hits of a page by rank, by path, or by class and then by rank."""
    if sort == "path":
        return sorted(folds, key=lambda fold: fold.first.image.path)
    if sort == "class":
        return sorted(folds, key=lambda fold: (fold.first.image.label or "", fold.first.rank))
    return list(folds)


class _Dealer:
    """Makes the cards of one answer."""

    def __init__(
        self, service: SearchService, metric: Metric, question: Question, own: int
    ) -> None:
        self._metric, self._question = metric, question
        self._thumbnails = Thumbnails(service.name, question.for_another())
        is_full = own + len(question.more) + len(question.less) >= MOST_PARTS
        self._toggles = [
            (lambda mark: "") if is_full else of_marks(address)
            for address in toggles(question, ANY)
        ]
        self._page = of_images("browsing.picture", index=service.name)
        self._compare = of_marks(comparison(question, ANY))
        self._explains = service.explains(metric)

    def card(self, fold: Fold, percentile: float | None, strong_until: int | None) -> Card:
        hit = fold.first
        mark = mark_of(hit.id, hit.image)
        added, subtracted = (
            is_in(marks, mark) for marks in (self._question.more, self._question.less)
        )
        # In the address already, it leaves its place.
        plus, minus = (
            toggles(self._question, mark)
            if added or subtracted
            else (toggle(mark) for toggle in self._toggles)
        )
        return Card(
            **self._thumbnails.fields(hit.id, hit.image),
            **vars(figures(hit, self._metric, percentile)),
            rank=hit.rank,
            anchor=anchor(hit.id),
            page=self._page(hit.id, mark.content),
            compare=self._compare(mark),
            explains=self._explains,
            plus=plus,
            minus=minus,
            is_added=added,
            is_subtracted=subtracted,
            same=tuple(map(self._folded, fold.others)),
            ends_strong=hit.rank == strong_until,
        )

    def _folded(self, hit: Hit) -> Folded:
        mark = mark_of(hit.id, hit.image)
        return Folded(
            **self._thumbnails.fields(hit.id, hit.image),
            rank=hit.rank,
            similarity=figure(hit.similarity),
            page=self._page(hit.id, mark.content),
            compare=self._compare(mark),
        )
