"""The JSON twins of the pages on a gallery: the same facts, for programs."""

from dataclasses import asdict
from typing import Any

from flask import Response

from app.gallery.looks import Look
from app.gallery.parts import Close, Pages, Picture, Wall
from app.gallery.presenters import IndexView, RejectedPage, Summary


def twin(response: Response) -> Response:
    """Note that the same address answers a page or JSON, as it is asked."""
    response.vary.add("Accept")
    return response


def wall_json(wall: Wall, look: Look) -> dict[str, Any]:
    """Return a page of pictures for programs; the classes are those that the page offers."""
    classes = wall.classes
    return {
        "index": wall.index,
        **_where(wall.pages),
        "pictures": [picture_json(each) for each in wall.pictures],
        "sort": look.sort,
        "show": look.show,
        "chosen": [each.name or None for each in look.classes],
        "classes": [
            {"name": each.name or None, "images": each.count, "page": each.address}
            for each in classes.options
        ],
        "classes_in_all": classes.total,
    }


def close_json(close: Close) -> dict[str, Any]:
    """Return one picture for programs."""
    return {
        "index": close.index,
        **picture_json(close.picture),
        "place": close.place or None,
        "total": close.total,
        "links": _links(previous=close.previous, next=close.next, wall=close.back),
    }


def picture_json(picture: Picture) -> dict[str, Any]:
    """Return what is known of a picture's file, and the addresses of its renderings."""
    known = {name: value for name, value in vars(picture).items() if name != "shown"}
    return known | {
        "label": picture.label or None,
        "small": picture.shown.small,
        "large": picture.shown.large,
        "similar": picture.shown.more,
    }


def rejected_json(rejected: RejectedPage) -> dict[str, Any]:
    """Return a page of the files that were left out for programs."""
    return {
        "index": rejected.index,
        **_where(rejected.pages),
        "reason": rejected.reason or None,
        "reasons": {each.text: each.count for each in rejected.reasons},
        "files": [asdict(each) for each in rejected.files],
    }


def summary_json(summary: Summary) -> dict[str, Any]:
    """Return an index in short for programs; "kind" and "created" of an unusable one are None."""
    return {name: None if value == "" else value for name, value in asdict(summary).items()}


def index_json(view: IndexView) -> dict[str, Any]:
    """Return what is known of an index for programs."""
    frontier = view.frontier
    return {
        **summary_json(view.index),
        "facts": dict(view.facts),
        "encoder": dict(view.encoder),
        "classes": [{"name": each.label, "images": each.count} for each in view.classes],
        "finds": view.live or None,
        "tuning": frontier and frontier.sentence,
        "efforts": [asdict(row) for row in frontier.rows] if frontier else [],
        "left_out": {each.text: each.count for each in view.rejected.reasons},
    }


def _where(pages: Pages) -> dict[str, Any]:
    links = _links(first=pages.first, previous=pages.previous, next=pages.next, last=pages.last)
    return {"start": pages.start, "end": pages.end, "total": pages.total, "links": links}


def _links(**links: str) -> dict[str, str | None]:
    return {name: address or None for name, address in links.items()}
