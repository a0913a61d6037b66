"""Answers a page, or the same as JSON for programs that ask for it at the page's address."""

from collections.abc import Callable

from flask import Response, jsonify, make_response

from app.errors import wants_json


def twin(page: Callable[[], str], data: Callable[[], object]) -> Response:
    """Return a page, or its twin in JSON where the client prefers that.

    Args:
        page: renders it.
        data: gives what the twin holds: a dataclass, or what JSON can say.
    """
    return negotiated(jsonify(data()) if wants_json() else make_response(page()))


def negotiated(response: Response) -> Response:
    """Tell caches that what an address answers depends on what is accepted."""
    response.vary.add("Accept")
    return response
