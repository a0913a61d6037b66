"""The page on which hits are judged: its query, its address, and that of the next search."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from flask import url_for
from werkzeug.datastructures import MultiDict

from app.judging.judgements import Asked, Rating
from app.search.marks import Mark
from app.search.presenters import CONTENT_DIGITS
from app.search.questions import Question
from app.search.switches import JUDGE, KEPT, present
from indexer.errors import ImageGone
from indexer.search import SearchService
from indexer.serving.asking import MOST_PARTS


@dataclass(frozen=True)
class Sheet:
    """One page of hits to be judged.

    Attributes:
        asked: what was searched with.
        index: that was searched.
        parameters: how, as the page's address has it.
        pictures: of which the query is made.
    """

    asked: Asked
    index: str
    parameters: str
    pictures: int

    def address(self, judge: bool = True, **changes: Any) -> str:
        """Return the address of the page.

        Args:
            judge: whether hits can be judged there.
            changes: fields of its question that are different.
        """
        values = MultiDict(parse_qsl(self.parameters, keep_blank_values=True))
        said = present(values, *KEPT)
        said |= Question.of(values).parameters(**changes)
        said |= {JUDGE: 1} if judge else {}
        if self.asked.token:
            return url_for("search.results", token=self.asked.token, **said)
        said |= {"index": self.index, "image_id": self.asked.id}
        return url_for("search.similar", **said)

    def again(self, service: SearchService, given: Sequence[Rating]) -> str:
        """Return the address of the search that follows judgements; "" where they ask for nothing.

        What was judged good is added to the question and what was judged bad is subtracted, the
        relevance feedback of Rocchio, 1971: see `indexer.serving.asking.joined`.

        Args:
            service: of the index.
            given: judgements of hits of this query, the newest first; as many of them count as a
                question may have pictures.
        """
        said = [(_mark(each), each.opinion.wanted) for each in given]
        told = [(mark, wanted) for mark, wanted in said if wanted is not None]
        known = [(mark, wanted) for mark, wanted in told if _is_there(service, mark)]
        known = known[: MOST_PARTS - self.pictures]
        if not known:
            return ""
        more, less = ([mark for mark, wanted in known if wanted is sign] for sign in (True, False))
        return self.address(more=tuple(more), less=tuple(less))


def _mark(rating: Rating) -> Mark:
    return Mark(rating.found.id, rating.found.content[:CONTENT_DIGITS])


def _is_there(service: SearchService, mark: Mark) -> bool:
    try:
        service.catalog.locate(mark.id, mark.content)
    except ImageGone:
        return False
    return True
