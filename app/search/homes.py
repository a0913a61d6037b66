"""The home page: the form that begins a search, and a random look into the gallery."""

import random
from typing import Any

from flask import render_template, request, url_for

from app.api.schemas.galleries import Home, brief_of
from app.api.schemas.images import image_of
from app.extensions import index_named, services
from app.search import presenters
from app.search.forms import UploadForm
from app.search.questions import Question
from app.search.reading import whole
from app.search.switches import JUDGE, present
from indexer.errors import NoIndex
from indexer.search import SearchService
from indexer.types import ImageRecord

LOOK = 18
SEEDS = 2**31


def home_page(form: UploadForm, problem: str = "", is_refused: bool = False) -> str:
    """Return the home page.

    Args:
        form: as it was sent.
        problem: why it cannot be answered, or "".
        is_refused: whether that is because of its address.
    """
    try:
        service = index_named(request.values.get("index"))
    except NoIndex:
        return render_template("empty.html")
    return render_template(
        "home.html",
        form=form,
        problem=problem,
        is_refused=is_refused,
        adding=_addition() if problem and request.args else "",
        index=service.name,
        indexes=services().shelf.names(),
        count=service.catalog.count,
        pictures=[presenters.thumbnail(service.name, *each, {}) for each in _look(service)],
        another_look=url_for("search.home", look=_seed(), index=request.values.get("index")),
    )


def home_of_programs() -> Home:
    """Return what programs are told in place of the home page."""
    names = tuple(services().shelf.names())
    try:
        service = index_named(request.args.get("index"))
    except NoIndex:
        return Home(None, names, ())
    pictures = tuple(image_of(service.name, *each) for each in _look(service))
    return Home(brief_of(service), names, pictures)


def parameters_of_addition() -> dict[str, Any]:
    """Return the parameters of the page that shows pictures added to the search of another one."""
    return Question.of(request.args).parameters() | present(request.args, JUDGE)


def _addition() -> str:
    """Return the address by which pictures were to be added to a search, to try again."""
    onto = request.args.get("onto")
    return url_for("search.upload", onto=onto, **parameters_of_addition())


def _look(service: SearchService) -> list[tuple[int, ImageRecord]]:
    """Return some images of an index, drawn at random, with their ids."""
    look = whole(request.args.get("look", ""))
    numbers = service.catalog.sample(LOOK, _seed() if look is None else look)
    return list(zip(numbers, service.catalog.images(numbers), strict=True))


def _seed() -> int:
    return random.randrange(SEEDS)
