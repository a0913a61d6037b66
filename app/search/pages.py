"""Lays an answer out as a page, or as the same in JSON."""

from collections.abc import Sequence
from dataclasses import replace
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
from app.search.forms import UploadForm
from app.search.lines import line
from app.search.marks import Mark
from app.search.questions import Question, last_page
from app.search.reasons import reason
from app.search.shown import Asked
from app.twins import negotiated, twin
from indexer.search import SearchService
from indexer.serving.asking import Part


def answer(
    service: SearchService,
    answered: Answered,
    question: Question,
    asked: Sequence[Asked],
    costs: tuple[float, float] = (0.0, 0.0),
) -> Response:
    """Return the page of an answer.

    Args:
        service: that gave it.
        answered: the answer.
        question: how it was asked for.
        asked: the pictures of the query.
        costs: milliseconds that decoding and encoding them took at their upload.
    """
    result = answered.result
    timings.searched(result.timings)
    on_page = replace(result, hits=tuple(fold.first for fold in answered.folds))
    judged = judging(service, on_page, question, len(asked))
    with timings.stage("render"):
        if wants_json():
            names = ", ".join(picture.caption for picture in asked)
            response = jsonify(told(service, answered, question, names, judged))
        else:
            content = _content(service, answered, question, asked, costs)
            content |= {"judging": judged}
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


def why(
    service: SearchService, part: Part, asked: Asked, question: Question, mark: Mark
) -> Response:
    """Return the page on why a hit is like a picture of the query.

    Args:
        service: that found it.
        part: picture of the query.
        asked: the same, as its page shows it.
        question: how it was asked for.
        mark: of the hit.
    """
    hit = service.catalog.locate(mark.id, mark.content)
    told = reason(service, part, asked, question, hit)
    timings.searched(told.found.timings)
    back = shown.result_page(question)
    return twin(lambda: render_template("search/why.html", reason=told, back=back), told.plain)


def _content(
    service: SearchService,
    answered: Answered,
    question: Question,
    asked: Sequence[Asked],
    costs: tuple[float, float],
) -> dict[str, Any]:
    most = current_app.config["MAX_K"]
    result = answered.result
    return {
        "form": UploadForm(formdata=None),
        "result": result,
        "question": question,
        "asked": asked,
        "heading": _heading(question, asked),
        "line": line(result, question, *costs),
        "cards": cards(service, answered, question),
        "feedback": shown.feedback(service, question),
        "adding": shown.adding(service, question),
        "classes": shown.classes(service, question),
        "class_names": [each.name for each in service.classes if each.name],
        "action": request.path,
        "indexes": services().shelf.names(),
        "switch_index": request.endpoint == "search.results",
        "ways": wishes.ways(service, question),
        "metrics": wishes.metrics(service, question),
        "ks": presenters.choices_of_k(most, question.k),
        "turning": _turning(answered, question),
    }


def _heading(question: Question, asked: Sequence[Asked]) -> str:
    own = request.endpoint == "search.results"
    like = "least like" if question.order == "farthest" else "like"
    if len(asked) > 1:
        return f"Pictures {like} yours together"
    return f"Pictures {like} {'yours' if own else 'this one'}"


def _turning(answered: Answered, question: Question) -> dict[str, str]:
    """Return the addresses of the pages before and after, where there are such."""
    page, reached = question.page, question.skip + question.k
    more = reached < answered.result.permitted and page < last_page(question.k)
    # Below the least similarity nothing follows that is more alike.
    more = more and len(answered.folds) == question.k
    return {
        "previous": shown.here(question, page=page - 1) if page > 1 else "",
        "next": shown.here(question, page=page + 1) if more else "",
    }
