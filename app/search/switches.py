"""Unfolds what a page's form sends into the shorter parameters that people keep and share."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Request
from werkzeug.datastructures import MultiDict

from app.search.questions import Question, numbered
from app.search.reading import SHOWN, received
from indexer.errors import BadQuery
from indexer.serving.asking import MOST_PARTS

WISHES = ("exact", "recall", "budget")
EDGES = ("left", "top", "right", "bottom")
KEPT = ("index", "v")
"""Parameters that are no question's, and stay."""
JUDGE = "judge"
"""The parameter of pages where hits can be judged; it stays, too."""


def present(values: Mapping[str, str], *names: str) -> dict[str, Any]:
    """Return those of some parameters that an address has.

    Args:
        values: its parameters.
        names: of those that are wanted.
    """
    return {name: values[name] for name in names if name in values}


def unfolded(request: Request) -> str:
    """Return the address that a page's form stands for, or "" where the request has that already.

    The form offers all wishes in one list, named `search`, whose values are whole parameters such
    as `recall=0.99`; the edges of a part in four fields, in percent; and of very many classes a
    field to name one.

    Raises:
        BadQuery: if it offers no such wish, or an edge is no number, or is missing beside others.
    """
    if "search" not in request.args:
        return ""
    values = _plain(request.args)
    kept = [(name, values[name]) for name in (*KEPT, JUDGE) if values.get(name)]
    said = dict(kept) | Question.of(values).parameters()
    return f"{request.script_root}{request.path}?{urlencode(said, doseq=True)}"


def _plain(values: MultiDict[str, str]) -> MultiDict[str, str]:
    name, _, value = values["search"].partition("=")
    if name not in WISHES:
        raise BadQuery(f"search should be, for instance, exact=1. {received(name)}")
    plain = MultiDict([*values.items(multi=True), (name, value)])
    # A box that is not ticked sends nothing: the form sends 0 before it.
    plain["fold"] = values.getlist("fold")[-1] if "fold" in values else ""
    if named := values.get("named", "").strip():
        plain.add("class", named)
    for at in range(MOST_PARTS):
        edges = {name: plain.get(name, "") for name in (numbered(edge, at) for edge in EDGES)}
        if any(edges.values()):
            plain[numbered("box", at)] = _part(edges)
    return plain


def _part(edges: Mapping[str, str]) -> str:
    """Return the part that is meant by its edges, which stand under the names of their fields.

    Raises:
        BadQuery: one of them is missing, or no number.
    """
    if missing := [name for name, value in edges.items() if not value]:
        raise BadQuery(
            f"A part has four edges, and {', '.join(missing)} should be given too: from 0 to 100. "
            f"For the whole picture leave out all four. {received(','.join(edges.values()))}"
        )
    return ",".join(map(_of_percent, edges.values()))


def _of_percent(value: str) -> str:
    """Return the share that is meant by a number of percent."""
    try:
        return f"{float(value[:SHOWN]) / 100:.4f}"
    except ValueError:
        raise BadQuery(
            f"The edges of a part should be numbers from 0 to 100. {received(value)}"
        ) from None
