"""What a result page shows of its question: the pictures, their parts, and how it is narrowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from app.extensions import content_asked_for
from app.queries import StoredQuery
from app.search.faces import Face, drawn
from app.search.marks import Mark
from app.search.presenters import Thumbnail, content, fitted, images, thumbnail
from app.search.questions import Question, numbered
from app.search.switches import JUDGE, KEPT
from app.thumbnails import SIDES
from indexer.search import SearchService
from models.types import Box

MOST_CLASSES = 40
"""Classes that are offered as boxes to tick; of more, one is named in a field."""
TALLEST = 320
"""Height at most that a query's picture has beside its results, in pixels."""


@dataclass(frozen=True)
class Asked:
    """One picture of a query on its page.

    Attributes:
        large: its address.
        width, height: at which it stands beside the results, in pixels, where there is room.
        alt, caption, label: what it is called.
        number: of the picture in the query, "" of the first, "2" of the second: ends the names of
            the fields of its part.
        edges: of the part that is meant, by the names of their fields, in percent; empty for all.
        whole: address of the search with all of it, or "" where that is this one.
        faces: that were found in it.
        faces_at: address that tells them later, where nobody has looked yet, or "".
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
    faces: tuple[Face, ...] = ()
    faces_at: str = ""


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
            width=_beside(picture.width, picture.height),
            height=_beside(picture.height, picture.height),
            alt=f"Your picture {at + 1}" if several else "Your picture",
            caption=f"Your picture {at + 1}" if several else "Your picture",
            faces_at=""
            if picture.faces is not None
            else url_for("search.query_faces", token=query.token, position=at or None),
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
            width=_beside(width, height),
            height=_beside(height, height),
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


def adding(service: SearchService, question: Question) -> str:
    """Return the address that pictures are sent to in order to be added to this page's search."""
    given = dict(request.view_args or {})
    if "token" in given:
        return url_for("search.upload", onto=given["token"], **question.parameters(page=1))
    number = service.catalog.locate(given["image_id"], content_asked_for())
    mark = Mark(number, content(service.catalog.image(number)))
    # The pictures that are sent take the indexed one's place, so its part is forgotten.
    return url_for("search.upload", **question.parameters(boxes={}, more=(mark, *question.more)))


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
        "faces": tuple(
            drawn(face, here(question, boxes={**others, position: face})) for face in faces
        ),
    }


def _beside(length: int, height: int) -> int:
    """Return the length of a side of a picture that is no taller than stands beside the results."""
    return max(1, round(length * min(1.0, TALLEST / height)))


def _marked(service: SearchService, mark: Mark) -> Thumbnail:
    number = service.catalog.locate(mark.id, mark.content)
    return thumbnail(service.name, number, service.catalog.image(number), {})


def _but(question: Question, mark: Mark) -> dict[str, tuple[Mark, ...]]:
    """Return what is added and subtracted without one picture."""
    return {
        "more": tuple(each for each in question.more if each.content != mark.content),
        "less": tuple(each for each in question.less if each.content != mark.content),
    }
