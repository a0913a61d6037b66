"""Lays an answer out as a page, or as the same in JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, jsonify, make_response, render_template, request

from app import timings
from app.api.schemas.answers import Answer, answer_of
from app.errors import wants_json
from app.extensions import services
from app.judging.shown import Judging, judging, judging_json
from app.search import presenters, shown, wishes
from app.search.asking import Answered
from app.search.cards import arranged, cards, strong_until
from app.search.comparing import HEIGHT, Compared, compare
from app.search.forms import UploadForm
from app.search.lines import cost, line
from app.search.links import here
from app.search.questions import Question, last_page
from app.search.sharing import sharing
from app.search.shown import Asked
from app.search.ways import remember, ways_from
from app.storedqueries import StoredQuery
from app.twins import negotiated, twin
from app.words import _
from indexer.search import SearchService


def answer(
    service: SearchService,
    answered: Answered,
    question: Question,
    asked: Sequence[Asked],
    query: StoredQuery | None = None,
) -> Response:
    """Return the page of an answer.

    Args:
        service: that gave it.
        answered: the answer.
        question: how it was asked for.
        asked: the pictures of the query.
        query: that was uploaded; None where the search began with an indexed picture.
    """
    timings.searched(answered.result.timings)
    judged = judging(service, answered.on_page, question, len(asked))
    with timings.stage("render"):
        if wants_json():
            names = ", ".join(picture.caption for picture in asked)
            response = jsonify(told(service, answered, question, names, judged))
        else:
            content = _content(service, answered, question, asked, query)
            content |= {"judging": judged}
            remember(service, answered, question)
            response = make_response(render_template("results.html", **content))
    return negotiated(response)


def told(
    service: SearchService,
    answered: Answered,
    question: Question,
    query: str,
    judged: Judging | None = None,
) -> Answer:
    """Return an answer for programs, its hits in the order that was asked for.

    Args:
        service: that gave it.
        answered: the answer.
        question: how it was asked for.
        query: what the query is called.
        judged: what was said of its hits, where they can be judged.
    """
    folds, metric = arranged(answered.folds, question.sort), answered.result.metric
    return answer_of(
        answered.result,
        query,
        folds,
        service.strength.percentiles([fold.first.distance for fold in folds], metric),
        page=question.page,
        strong_until=strong_until(service, answered, question),
        judging=judging_json(judged) if judged else None,
    )


def why(service: SearchService, question: Question, compared: Compared, hit: int) -> Response:
    """Return the page that compares a hit with a picture of the query, and tells why it is alike.

    Args:
        service: that found it.
        question: how the hits were asked for.
        compared: the picture of the query.
        hit: id of what was found.
    """
    told = compare(service, question, compared, hit)
    timings.searched(told.timings)

    def page() -> str:
        ways = ways_from(service, question, compared, told.measured)
        return render_template(
            "search/compare.html",
            comparison=told,
            ways=ways,
            height=HEIGHT,
            form=UploadForm(formdata=None),
            index=service.name,
        )

    return twin(page, told.plain)


def _content(
    service: SearchService,
    answered: Answered,
    question: Question,
    asked: Sequence[Asked],
    query: StoredQuery | None,
) -> dict[str, Any]:
    most = current_app.config["MAX_K"]
    costs = (query.decode_ms, query.encode_ms) if query else (0.0, 0.0)
    result = answered.result
    return {
        "form": UploadForm(formdata=None),
        "result": result,
        "question": question,
        "asked": asked,
        "heading": _heading(question, asked),
        "line": line(result, question),
        "cost": cost(result, *costs),
        "cards": cards(service, answered, question, len(asked)),
        "sharing": sharing(service, question, query),
        "feedback": shown.feedback(service, question),
        "adding": shown.adding(service, question),
        "classes": shown.classes(service, question),
        "class_names": [each.name for each in service.classes if each.name],
        "action": request.script_root + request.path,
        "indexes": services().shelf.names(),
        "switch_index": request.endpoint == "search.results",
        "ways": wishes.ways(service, question),
        "metrics": wishes.metrics(service, question),
        "ks": presenters.choices_of_k(most, question.k),
        "turning": _turning(answered, question),
    }


def _heading(question: Question, asked: Sequence[Asked]) -> str:
    farthest = question.order == "farthest"
    if len(asked) > 1:
        return (
            _("Pictures least like yours together")
            if farthest
            else _("Pictures like yours together")
        )
    if request.endpoint == "search.results":
        return _("Pictures least like yours") if farthest else _("Pictures like yours")
    return _("Pictures least like this one") if farthest else _("Pictures like this one")


@dataclass(frozen=True)
class Turning:
    """Which hits a page shows, and where those before and after are.

    Attributes:
        previous, next: addresses of pages; "" where there is none.
        low, high: the least and the greatest rank on this page; 0 where there are no hits.
    """

    previous: str
    next: str
    low: int
    high: int


def _turning(answered: Answered, question: Question) -> Turning:
    page, reached = question.page, question.skip + question.k
    more = reached < answered.result.permitted and page < last_page(question.k)
    # Below the least similarity nothing follows that is more alike.
    more = more and len(answered.folds) == question.k
    ranks = [hit.rank for fold in answered.folds for hit in fold.hits]
    return Turning(
        previous=here(question, page=page - 1) if page > 1 else "",
        next=here(question, page=page + 1) if more else "",
        low=min(ranks, default=0),
        high=max(ranks, default=0),
    )
