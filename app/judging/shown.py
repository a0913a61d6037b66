"""What a page of hits shows of judging: a switch, and what was said of each hit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import request

from app.api.schemas.judging import JudgedHit, JudgingOfPage
from app.extensions import content_asked_for, services
from app.judging.judgements import Asked, Found, Opinion
from app.judging.raters import rater
from app.judging.sheets import Sheet
from app.judging.tickets import ticket
from app.search.questions import Question, numbered, spelled_box
from app.search.reading import flag
from app.search.switches import JUDGE, KEPT, present
from indexer.search import SearchService
from indexer.text import readable
from indexer.types import Hit, SearchResult


@dataclass(frozen=True)
class Judged:
    """What is said of one hit.

    Attributes:
        ticket: names the hit when it is judged.
        opinion: this visitor's.
        people: how many judged it, this visitor among them.
    """

    ticket: str
    opinion: Opinion
    people: int


@dataclass(frozen=True)
class Judging:
    """What a page shows of judging.

    Attributes:
        on: whether hits can be judged here.
        switch: address of the same page where they can, or where they cannot again.
        again: address of the search that follows this visitor's judgements, or "".
        plain: address of the search that follows none, or "" where this is that.
        hits: what is said of each, by its rank.
    """

    on: bool
    switch: str
    again: str = ""
    plain: str = ""
    hits: Mapping[int, Judged] = field(default_factory=dict)


def is_judging() -> bool:
    """Tell whether the address under way asks for judging.

    Raises:
        BadQuery: the switch in it is neither on nor off.
    """
    return flag(JUDGE, request.args.get(JUDGE, ""))


def judging(service: SearchService, result: SearchResult, question: Question, own: int) -> Judging:
    """Return what the page of an answer shows; for the request under way.

    Args:
        service: that gave the answer.
        result: the answer.
        question: how it was asked for.
        own: how many pictures the query is made of.

    Raises:
        BadQuery: the switch in the address is neither on nor off.
        DatabaseDown: hits are to be judged, and what was said of them cannot be read.
    """
    sheet = Sheet(_asked(service, question), result.index, _parameters(question), own)
    if not is_judging():
        return Judging(False, sheet.address())
    kept, who = services().ratings, rater()
    given = kept.given(sheet.asked, result.index, who) if who else []
    opinions = {each.found.content: each.opinion for each in given}
    people = kept.counts(sheet.asked, result.index)
    return Judging(
        on=True,
        switch=sheet.address(judge=False),
        again=sheet.again(service, given),
        plain=sheet.plain(given),
        hits={
            hit.rank: Judged(
                ticket(sheet, _found(sheet, result, hit)),
                opinions.get(hit.image.sha256, Opinion()),
                people.get(hit.image.sha256, 0),
            )
            for hit in result.hits
        },
    )


def judging_json(shown: Judging) -> JudgingOfPage | None:
    """Return the same for programs: a ticket for each hit, where hits can be judged."""
    if not shown.on:
        return None
    hits = tuple(
        JudgedHit(rank, judged.ticket, judged.opinion.score, judged.opinion.relevant, judged.people)
        for rank, judged in shown.hits.items()
    )
    return JudgingOfPage(hits, shown.again or None)


def _asked(service: SearchService, question: Question) -> Asked:
    boxes = {numbered("box", at): spelled_box(box) for at, box in sorted(question.boxes.items())}
    spelled, view = urlencode(boxes, safe=","), request.view_args or {}
    if token := view.get("token"):
        return Asked(token=token, boxes=spelled)
    number = service.catalog.locate(view["image_id"], content_asked_for())
    image = service.catalog.image(number)
    return Asked(None, number, image.sha256, readable(image.path), spelled)


def _found(sheet: Sheet, result: SearchResult, hit: Hit) -> Found:
    return Found(
        index=result.index,
        generation=result.generation,
        parameters=sheet.parameters,
        id=hit.id,
        content=hit.image.sha256,
        path=readable(hit.image.path),
        rank=hit.rank,
        distance=round(hit.distance, 6),
        similarity=round(hit.similarity, 6),
        metric=result.metric,
    )


def _parameters(question: Question) -> str:
    return urlencode(present(request.args, *KEPT) | question.parameters(), doseq=True, safe=",")
