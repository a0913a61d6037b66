"""What a result page shows of its question: the pictures, their parts, and how it is narrowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from app.queries import StoredQuery
from app.search.marks import Mark
from app.search.presenters import Thumbnail, fitted, images, thumbnail
from app.search.questions import Question, numbered
from app.search.switches import JUDGE, KEPT
from app.thumbnails import SIDES
from indexer.search import SearchService
from models.types import Box

MOST_CLASSES = 40
"""Classes that are offered as boxes to tick; of more, one is named in a field."""


@dataclass(frozen=True)
class Asked:
    """One picture of a query on its page.

    Attributes:
        large: its address.
        width, height: in pixels.
        alt, caption, label: what it is called.
        number: of the picture in the query, "" of the first, "2" of the second: ends the names of
            the fields of its part.
        edges: of the part that is meant, by the names of their fields, in percent; empty for all.
        whole: address of the search with all of it, or "" where that is this one.
        faces: addresses of the searches with each of its faces.
    """

    large: str
    width: int
    height: int
    alt: str
    caption: str
    label: str = ""
    number: str = ""
    edges: dict[str, str] | None = None
    whole: str = ""
    faces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feedback:
    """An indexed picture that hits should be like, or not, and the search without it."""

    thumbnail: Thumbnail
    wanted: bool
    without: str


@dataclass(frozen=True)
class ClassChoice:
    """A class that a search may be narrowed to: its name in addresses and for people."""

    value: str
    name: str
    count: str
    chosen: bool


def of_query(query: StoredQuery, question: Question) -> list[Asked]:
    """Return the pictures of a kept query."""
    several = len(query.pictures) > 1
    return [
        Asked(
            large=url_for("search.query_picture", token=query.token, position=at or None),
            width=picture.width,
            height=picture.height,
            alt=f"Your picture {at + 1}" if several else "Your picture",
            caption=f"Your picture {at + 1}" if several else "Your picture",
            **_part(question, at, picture.faces or ()),
        )
        for at, picture in enumerate(query.pictures)
    ]


def of_image(service: SearchService, number: int, question: Question) -> list[Asked]:
    """Return the indexed picture that a search begins with."""
    image = service.catalog.image(number)
    shown = thumbnail(service.name, number, image, {})
    width, height = fitted(image.width, image.height, SIDES["large"])
    return [
        Asked(
            large=shown.large,
            width=width,
            height=height,
            alt=shown.name,
            caption=shown.path,
            label=shown.label,
            **_part(question, 0, ()),
        )
    ]


def feedback(service: SearchService, question: Question) -> list[Feedback]:
    """Return the indexed pictures that the question adds or subtracts."""
    of_each = [(mark, True) for mark in question.more] + [(mark, False) for mark in question.less]
    return [
        Feedback(_marked(service, mark), wanted, here(question, **_but(question, mark)))
        for mark, wanted in of_each
    ]


def toggles(question: Question, mark: Mark) -> tuple[str, str]:
    """Return the addresses of the search with a hit added, and with it subtracted."""
    left = _but(question, mark)
    plus = here(question, more=(*left["more"], mark), less=left["less"])
    return plus, here(question, more=left["more"], less=(*left["less"], mark))


def classes(service: SearchService, question: Question) -> list[ClassChoice]:
    """Return the classes to offer: all, or of very many those that are chosen."""
    known = service.classes
    few = len(known) <= MOST_CLASSES
    choices = [
        ClassChoice(
            value=each.name,
            name=each.name or "no class",
            count=f"{each.count:,} {images(each.count)}",
            chosen=each.name in question.classes,
        )
        for each in known
    ]
    return choices if few else [choice for choice in choices if choice.chosen]


def here(question: Question, **changes: Any) -> str:
    """Return the address of this page's search, with some of the question changed."""
    return url_for(str(request.endpoint), **here_values(), **question.parameters(**changes))


def result_page(question: Question) -> str:
    """Return the address of the hits from the page on why one of them is alike."""
    values = here_values()
    values.pop("hit")
    endpoint = "search.results" if "token" in values else "search.similar"
    return url_for(endpoint, **values, **question.parameters())


def here_values() -> dict[str, Any]:
    """Return the values of this page's address that are not of its question."""
    kept = {name: request.args[name] for name in (*KEPT, JUDGE) if name in request.args}
    return dict(request.view_args or {}) | kept


def _part(question: Question, position: int, faces: Sequence[Box]) -> dict[str, Any]:
    box = question.boxes.get(position)
    others = {at: part for at, part in question.boxes.items() if at != position}
    names = [numbered(edge, position) for edge in ("left", "top", "right", "bottom")]
    return {
        "number": numbered("", position),
        "edges": {name: f"{100 * edge:.4g}" for name, edge in zip(names, box, strict=True)}
        if box
        else None,
        "whole": here(question, boxes=others) if box else "",
        "faces": tuple(here(question, boxes={**others, position: face}) for face in faces),
    }


def _marked(service: SearchService, mark: Mark) -> Thumbnail:
    number = service.catalog.locate(mark.id, mark.content)
    return thumbnail(service.name, number, service.catalog.image(number), {})


def _but(question: Question, mark: Mark) -> dict[str, tuple[Mark, ...]]:
    """Return what is added and subtracted without one picture."""
    return {
        "more": tuple(each for each in question.more if each.content != mark.content),
        "less": tuple(each for each in question.less if each.content != mark.content),
    }
