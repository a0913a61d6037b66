"""Finds the search that led to a picture's page."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from app.search.links import anchor
from app.words import _

OF_HITS = ("search.results", "search.similar")
OF_COMPARISONS = ("search.why_query", "search.why_image")
"""The views of the pages that are led back to."""


@dataclass(frozen=True)
class WayBack:
    """A link to the page before: its address, and what it says."""

    address: str
    words: str


def way_back(number: int) -> WayBack | None:
    """Return the link to the hits, or the comparison, that the request under way came from.

    Args:
        number: of the picture that was opened there; among hits the link leads to its card.

    Returns:
        None where it came from elsewhere.

    Browsers say where they come from within these pages, and nowhere else: see the header
    Referrer-Policy. So the address of a picture stays free of the search that it was found by.
    """
    address = _before()
    if not address:
        return None
    view = _view_of(address)
    if view in OF_HITS:
        return WayBack(f"{address}#{anchor(number)}", _("Back to the hits"))
    return WayBack(address, _("Back to the comparison")) if view in OF_COMPARISONS else None


def _before() -> str:
    """Return the address of the page before, without its host; "" if that was not one of ours."""
    try:
        came = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    ours = came.netloc == request.host and came.path.startswith(f"{request.script_root}/")
    return f"{came.path}?{came.query}" if ours else ""


def _view_of(address: str) -> str:
    """Return the view that answers at an address of ours, or ""."""
    path = address.partition("?")[0].removeprefix(request.script_root)
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, __ = adapter.match(unquote(path), "GET")  # type: ignore[union-attr]
    except HTTPException:
        return ""
    return str(endpoint)
