"""The hits of an answer as cards of a page."""

from dataclasses import dataclass

from app.search import reasons
from app.search.marks import Mark
from app.search.presenters import Thumbnail, bits, content, figure, shown
from app.search.questions import Question, Sort
from app.search.shown import here_values, toggles
from indexer.search import SearchService
from indexer.types import Hit, SearchResult


@dataclass(frozen=True)
class Card(Thumbnail):
    """One hit on a page: a picture with its rank and figures, and its bar's length in percent.

    Attributes:
        plus, minus: addresses of this search with the hit added to it, and subtracted from it.
        why: address of what makes it like the query, or "" where that cannot be told.
    """

    rank: int
    distance: str
    similarity: str
    percent: str
    plus: str
    minus: str
    why: str


def cards(service: SearchService, result: SearchResult, question: Question) -> list[Card]:
    """Return the hits of an answer for a page, in the order that was asked for."""
    explains = service.explains(result.metric)
    return [_card(result, hit, question, explains) for hit in arranged(result.hits, question.sort)]


def arranged(hits: tuple[Hit, ...], sort: Sort) -> list[Hit]:
    """Return the hits of a page by rank, by path, or by class and then by rank."""
    if sort == "path":
        return sorted(hits, key=lambda hit: hit.image.path)
    if sort == "class":
        return sorted(hits, key=lambda hit: (hit.image.label or "", hit.rank))
    return list(hits)


def _card(result: SearchResult, hit: Hit, question: Question, explains: bool) -> Card:
    percent = 100 * min(1.0, max(0.0, hit.similarity))
    mark = Mark(hit.id, content(hit.image))
    plus, minus = toggles(question, mark)
    return Card(
        **shown(result.index, hit.id, hit.image, question.for_another()),
        plus=plus,
        minus=minus,
        why=reasons.address(question, here_values(), mark) if explains else "",
        rank=hit.rank,
        distance=(bits if result.metric == "hamming" else figure)(hit.distance),
        similarity=figure(hit.similarity),
        percent=f"{percent:.1f}",
    )
