"""The addresses that a page of hits, and the comparisons of its hits, lead to."""

from typing import Any

from flask import request, url_for

from app.search.marks import Mark
from app.search.questions import Question
from app.search.switches import JUDGE, KEPT, present


def here(question: Question, **changes: Any) -> str:
    """Return the address of this page's search, with some of the question changed."""
    return url_for(str(request.endpoint), **here_values(), **question.parameters(**changes))


def here_values() -> dict[str, Any]:
    """Return the values of this page's address that are not of its question."""
    return present(request.args, *KEPT, JUDGE) | dict(request.view_args or {})


def hits_page(question: Question, rank: int | None) -> str:
    """Return the address of the hits, from them or from the comparison with one, at its card."""
    values = here_values()
    values.pop("hit", None)
    endpoint = "search.results" if "token" in values else "search.similar"
    anchor = None if rank is None else f"hit-{rank}"
    return url_for(endpoint, **values, **question.parameters(), _anchor=anchor)


def anchor(number: int) -> str:
    """Return the name of the place on a page of hits where an indexed picture is."""
    return f"of-{number}"


def comparison(question: Question, mark: Mark, position: int = 0) -> str:
    """Return the address of the comparison with a hit, from the hits or from another one.

    Args:
        question: how it was asked for.
        mark: of the hit.
        position: of the query's picture that it is compared with.
    """
    values = here_values() | {"hit": str(mark)}
    endpoint = "search.why_query" if "token" in values else "search.why_image"
    return url_for(endpoint, **values, **question.parameters(), position=position or None)
