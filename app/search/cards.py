"""The hits of an answer as cards of a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from app.search import reasons
from app.search.asking import Answered
from app.search.marks import Mark
from app.search.patterns import ANY, of_marks
from app.search.presenters import Thumbnail, Thumbnails, bits, content, figure
from app.search.questions import Question, Sort
from app.search.shown import here_values, toggles
from indexer.search import SearchService
from indexer.serving.folding import Fold
from indexer.serving.gaps import line_after
from indexer.types import Metric


@dataclass(frozen=True)
class Card(Thumbnail):
    """One hit on a page: a picture with its rank and figures, and its bar's length in percent.

    Attributes:
        strength: of all pairs of this gallery's pictures, how many lie farther apart, for people;
            "" where the gallery is too small to say.
        plus, minus: addresses of this search with the hit added to it, and subtracted from it.
        why: address of what makes it like the query, or "" where that cannot be told.
        same: pictures that are nearly the same, which are shown inside of the card.
        ends_strong: whether what follows is much less alike.
    """

    rank: int
    distance: str
    similarity: str
    percent: str
    strength: str
    plus: str
    minus: str
    why: str
    same: tuple[Thumbnail, ...]
    ends_strong: bool


def cards(service: SearchService, answered: Answered, question: Question) -> list[Card]:
    """Return the hits of an answer for a page, in the order that was asked for."""
    folds, metric = arranged(answered.folds, question.sort), answered.result.metric
    dealer = _Dealer(service, metric, question)
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

    def __init__(self, service: SearchService, metric: Metric, question: Question) -> None:
        self._metric, self._question = metric, question
        self._thumbnails = Thumbnails(service.name, question.for_another())
        self._toggles = [of_marks(address) for address in toggles(question, ANY)]
        self._why = (
            of_marks(reasons.address(question, here_values(), ANY))
            if service.explains(metric)
            else None
        )
        self._steers = {mark.content for mark in (*question.more, *question.less)}

    def card(self, fold: Fold, percentile: float | None, strong_until: int | None) -> Card:
        hit = fold.first
        mark = Mark(hit.id, content(hit.image))
        plus, minus = self._toggled(mark)
        return Card(
            **self._thumbnails.fields(hit.id, hit.image),
            rank=hit.rank,
            distance=(bits if self._metric == "hamming" else figure)(hit.distance),
            similarity=figure(hit.similarity),
            percent=f"{100 * min(1.0, max(0.0, hit.similarity)):.1f}",
            strength="" if percentile is None else of_pairs(percentile),
            plus=plus,
            minus=minus,
            why=self._why(mark) if self._why else "",
            same=tuple(self._thumbnails.of(other.id, other.image) for other in fold.others),
            ends_strong=hit.rank == strong_until,
        )

    def _toggled(self, mark: Mark) -> tuple[str, str]:
        if mark.content in self._steers:  # it is in the address already, and leaves its place
            return toggles(self._question, mark)
        plus, minus = self._toggles
        return plus(mark), minus(mark)


def of_pairs(percentile: float) -> str:
    """Return a share of all pairs for people: as many digits as a sample of pairs can tell."""
    if percentile > 99.99:
        return "over 99.99 %"
    return f"{floor(100 * percentile) / 100:g} %" if percentile > 99 else f"{percentile:.0f} %"
