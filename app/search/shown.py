"""What a result page shows of its question: the pictures, their parts, and how it is narrowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from app.extensions import content_asked_for
from app.search.faces import Face, drawn
from app.search.links import here
from app.search.marks import Mark, without
from app.search.presenters import Thumbnail, fitted, mark_of, srcset, thumbnail
from app.search.questions import Question, numbered
from app.search.switches import EDGES, JUDGE, present
from app.storedqueries import StoredQuery
from app.thumbnails import SIDES
from app.words import _, ngettext
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
        srcset: its renderings, with their widths, or "" where one is all there is.
        width, height: at which it stands beside the results, in pixels, where there is room.
        alt, caption, label: what it is called.
        number: of the picture in the query, "" of the first, "2" of the second: ends the names of
            the fields of its part.
        edges: of the part that is meant, by the names of their fields, in percent; empty for all.
        whole: address of the search with all of it, or "" where that is this one.
        faces: that were found in it.
        is_own: whether it was uploaded, so that what it is called is in words.
        faces_at: address that tells them later, where nobody has looked yet, or "".
    """

    large: str
    width: int
    height: int
    alt: str
    caption: str
    srcset: str = ""
    label: str = ""
    number: str = ""
    edges: dict[str, str] | None = None
    whole: str = ""
    faces: tuple[Face, ...] = ()
    faces_at: str = ""
    is_own: bool = False


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
    return [
        Asked(
            large=url_for("search.query_picture", token=query.token, position=at or None),
            width=_beside(picture.width, picture.height),
            height=_beside(picture.height, picture.height),
            alt=_own(at, len(query.pictures)),
            caption=_own(at, len(query.pictures)),
            is_own=True,
            srcset=srcset(_renderings(query.token, at), picture.width, picture.height),
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
            srcset=shown.srcset,
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
    """Return the addresses of the search with a hit added, and with it subtracted.

    Where it is so already, the address is that of the search without it.
    """
    left = _but(question, mark)
    more, less = left["more"], left["less"]
    added, subtracted = is_in(question.more, mark), is_in(question.less, mark)
    plus = here(question, more=more if added else (*more, mark), less=less)
    return plus, here(question, more=more, less=less if subtracted else (*less, mark))


def is_in(marks: Sequence[Mark], mark: Mark) -> bool:
    """Tell whether a picture, or one of its content, is added or subtracted."""
    return mark.content in {each.content for each in marks}


def adding(service: SearchService, question: Question) -> str:
    """Return the address that pictures are sent to in order to be added to this page's search."""
    given = dict(request.view_args or {})
    if "token" in given:
        return url_for(
            "search.upload",
            onto=given["token"],
            **present(request.args, JUDGE),
            **question.parameters(page=1),
        )
    number = service.catalog.locate(given["image_id"], content_asked_for())
    mark = mark_of(number, service.catalog.image(number))
    # The pictures that are sent take the indexed one's place, so its part is forgotten.
    joined = question.parameters(boxes={}, more=(mark, *question.more))
    return url_for("search.upload", **present(request.args, JUDGE), **joined)


def classes(service: SearchService, question: Question) -> list[ClassChoice]:
    """Return the classes to offer: all, or of very many those that are chosen."""
    known = service.classes
    few = len(known) <= MOST_CLASSES
    choices = [
        ClassChoice(
            value=each.name,
            name=each.name or _("no class"),
            count=ngettext("%(count)s picture", "%(count)s pictures", each.count),
            chosen=each.name in question.classes,
        )
        for each in known
    ]
    return choices if few else [choice for choice in choices if choice.chosen]


def _own(position: int, count: int) -> str:
    """Return what an uploaded picture is called."""
    if count == 1:
        return _("Your picture")
    return _("Your picture %(number)s", number=position + 1)


def _part(question: Question, position: int, faces: Sequence[Box]) -> dict[str, Any]:
    box = question.boxes.get(position)
    others = {at: part for at, part in question.boxes.items() if at != position}
    names = [numbered(edge, position) for edge in EDGES]
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


def _renderings(token: str, position: int) -> dict[str, str]:
    """Return the addresses of the renderings of an uploaded picture."""
    return {
        size: url_for(
            "search.query_picture",
            token=token,
            position=position or None,
            size=None if size == "large" else size,
        )
        for size in SIDES
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
        "more": without(question.more, {mark.content}),
        "less": without(question.less, {mark.content}),
    }
