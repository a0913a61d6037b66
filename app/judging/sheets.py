"""The page on which hits are judged: its query, its address, and that of the next search."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from flask import url_for
from werkzeug.datastructures import MultiDict

from app.judging.judgements import Asked, Rating
from app.search.marks import Mark, without
from app.search.presenters import CONTENT_DIGITS
from app.search.questions import Question
from app.search.switches import JUDGE, KEPT, present
from indexer.errors import ImageGone
from indexer.search import SearchService
from indexer.serving.asking import MOST_PARTS


@dataclass(frozen=True)
class Steering:
    """Indexed pictures that a question adds, and that it subtracts."""

    more: tuple[Mark, ...]
    less: tuple[Mark, ...]


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
        said = present(self._values, *KEPT)
        said |= self._question.parameters(**changes)
        said |= {JUDGE: 1} if judge else {}
        if self.asked.token:
            return url_for("search.results", token=self.asked.token, **said)
        said |= {"index": self.index, "image_id": self.asked.id}
        return url_for("search.similar", **said)

    def plain(self, given: Sequence[Rating]) -> str:
        """Return the address of the search that follows no judgements; "" where this is that.

        Args:
            given: judgements of hits of this query.
        """
        by_hand, question = self._by_hand(given), self._question
        if by_hand == Steering(question.more, question.less):
            return ""
        return self.address(more=by_hand.more, less=by_hand.less)

    def again(self, service: SearchService, given: Sequence[Rating]) -> str:
        """Return the address of the search that follows judgements; "" where they ask for nothing.

        What was judged good is added to the question and what was judged bad is subtracted, the
        relevance feedback of Rocchio, 1971: see `indexer.serving.asking.joined`. What was added
        and subtracted by hand stays.

        Args:
            service: of the index.
            given: judgements of hits of this query, the newest first; as many of them count as the
                question has room for.
        """
        said = [(_mark(each), each.opinion.wanted) for each in given]
        told = [(mark, wanted) for mark, wanted in said if wanted is not None]
        known = [(mark, wanted) for mark, wanted in told if _is_there(service, mark)]
        by_hand = self._by_hand(given)
        room = MOST_PARTS - self.pictures - len(by_hand.more) - len(by_hand.less)
        known = known[: max(0, room)]
        if not known:
            return ""
        more, less = ([mark for mark, wanted in known if wanted is sign] for sign in (True, False))
        return self.address(more=(*by_hand.more, *more), less=(*by_hand.less, *less))

    def _by_hand(self, given: Sequence[Rating]) -> Steering:
        """Return what was added and subtracted by hand: all that was not judged.

        Args:
            given: judgements of hits of this query.
        """
        judged = {_mark(each).content for each in given}
        question = self._question
        return Steering(without(question.more, judged), without(question.less, judged))

    @cached_property
    def _values(self) -> MultiDict[str, str]:
        return MultiDict(parse_qsl(self.parameters, keep_blank_values=True))

    @cached_property
    def _question(self) -> Question:
        return Question.of(self._values)


def _mark(rating: Rating) -> Mark:
    return Mark(rating.found.id, rating.found.content[:CONTENT_DIGITS])


def _is_there(service: SearchService, mark: Mark) -> bool:
    try:
        service.catalog.locate(mark.id, mark.content)
    except ImageGone:
        return False
    return True
