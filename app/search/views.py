"""Upload pictures, see their like, ask for more like any of them."""

import random

from flask import (
    Blueprint,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from app.api.schemas.answers import Answer, Faces
from app.api.schemas.galleries import Home, brief_of
from app.api.schemas.images import image_of
from app.api.schemas.reasons import Why
from app.errors import wants_json
from app.extensions import content_asked_for, index_named, services
from app.limits import limited
from app.openapi.documenting import BYTES, HTML, JPEG, JSON, TEXT, Reply, documented, exempt
from app.openapi.parameters import INDEX, OF_IMAGE, OF_QUERY, POSITION
from app.search import pages, presenters, shown, uploads
from app.search.asking import ask_with_image, ask_with_query
from app.search.forms import UploadForm
from app.search.keys import GROUPS, Keys
from app.search.marks import mark
from app.search.questions import Question, spelled_box
from app.search.reading import whole
from app.search.switches import unfolded
from app.twins import twin
from indexer.errors import BadQuery, NoIndex
from indexer.search import SearchService
from indexer.serving.asking import MOST_PARTS, Part
from indexer.types import ImageRecord

blueprint = Blueprint("search", __name__)

LOOK = 18
OF_PICTURES = (413, 415, 422)
"""Statuses of pictures that cannot be used any more, or have no such part, or no reason."""
UNFOLDED = {303: Reply("The shorter address that the page's form stands for.")}
SEEDS = 2**31


@blueprint.get("/")
@documented("pages", {JSON: Home, HTML: TEXT}, takes=(INDEX,), errors=(404,))
def home() -> Response:
    """Show what this is: the form, and a random look into the gallery."""
    return twin(lambda: _home(UploadForm()), _home_of_programs)


@blueprint.post("/search")
@limited
@exempt("the form of the home page; programs send pictures to /api/v1/search")
def upload() -> AnyResponse:
    """Take pictures, keep them as a query, and lead to its result page.

    An address with parameters adds the pictures to the search that they ask for; `onto` is the
    token of the query whose pictures it has.
    """
    form = UploadForm()
    if not form.validate_on_submit():
        problem = " ".join(form.image.errors)
        if wants_json():
            raise BadQuery(problem)
        return make_response(_home(form, problem), 400)
    parameters = Question.of(request.args).parameters() if request.args else {}
    onto = request.args.get("onto")
    service = index_named(form.index.data)
    query = services().queries.load(onto) if onto else None
    pictures = [picture.stream.read() for picture in form.image.data or ()]
    token = uploads.keep(service, pictures or [uploads.fetched(form.address.data)], query)
    return _led_to(url_for("search.results", token=token, **parameters))


@blueprint.get("/q/<token>")
@limited
@documented("pages", {JSON: Answer, HTML: TEXT}, takes=OF_QUERY, errors=OF_PICTURES, also=UNFOLDED)
def results(token: str) -> AnyResponse:
    """Show what is like uploaded pictures."""
    if address := unfolded(request):
        return redirect(address, 303)
    question = Question.of(request.args)
    query = services().queries.load(token)
    service = index_named(request.args.get("index") or query.index)
    answered = ask_with_query(service, query, question)
    asked = shown.of_query(query, question)
    costs = (query.decode_ms, query.encode_ms)
    page = pages.answer(service, answered, question, asked, costs)
    page.headers["X-Robots-Tag"] = "noindex"
    return page


@blueprint.get("/q/<token>/picture.jpg")
@documented("pages", {JPEG: BYTES}, takes=(POSITION,))
def query_picture(token: str) -> Response:
    """Send an uploaded picture, re-encoded and without its metadata."""
    response = make_response(services().queries.picture(token, _position()))
    response.mimetype = "image/jpeg"
    return _private(response)


@blueprint.get("/q/<token>/faces")
@documented("pages", {JSON: Faces}, takes=(POSITION,))
def query_faces(token: str) -> Response:
    """Tell where the faces in an uploaded picture are, as values of the parameter `box`."""
    found = services().queries.faces(token, _position())
    return _private(jsonify(Faces(tuple(spelled_box(face) for face in found))))


@blueprint.get("/similar/<index>/<int(max=2147483647):image_id>")
@limited
@documented("pages", {JSON: Answer, HTML: TEXT}, takes=OF_IMAGE, errors=OF_PICTURES, also=UNFOLDED)
def similar(index: str, image_id: int) -> AnyResponse:
    """Show what is like an indexed picture."""
    if address := unfolded(request):
        return redirect(address, 303)
    question = Question.of(request.args)
    service = index_named(index)
    number = service.catalog.locate(image_id, content_asked_for())
    answered = ask_with_image(service, number, question)
    asked = shown.of_image(service, number, question)
    return pages.answer(service, answered, question, asked)


@blueprint.get("/q/<token>/why/<hit>")
@limited
@documented("pages", {JSON: Why, HTML: TEXT}, takes=(*OF_QUERY, POSITION), errors=OF_PICTURES)
def why_query(token: str, hit: str) -> Response:
    """Show why a hit is like an uploaded picture."""
    question, position = Question.of(request.args), _position()
    query = services().queries.load(token)
    service = index_named(request.args.get("index") or query.index)
    part = Part(services().queries.picture(token, position), question.boxes.get(position))
    asked = shown.of_query(query, question)[position]
    response = pages.why(service, part, asked, question, mark("hit", hit))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/similar/<index>/<int(max=2147483647):image_id>/why/<hit>")
@limited
@documented("pages", {JSON: Why, HTML: TEXT}, takes=OF_IMAGE, errors=OF_PICTURES)
def why_image(index: str, image_id: int, hit: str) -> Response:
    """Show why a hit is like an indexed picture."""
    question = Question.of(request.args)
    service = index_named(index)
    number = service.catalog.locate(image_id, content_asked_for())
    (asked,) = shown.of_image(service, number, question)
    part = Part(number, question.boxes.get(0))
    return pages.why(service, part, asked, question, mark("hit", hit))


@blueprint.get("/keys")
@documented("pages", {JSON: Keys, HTML: TEXT})
def keys() -> Response:
    """List the keys that pages know."""
    return twin(lambda: render_template("keys.html", groups=GROUPS), lambda: Keys(GROUPS))


def _led_to(address: str) -> AnyResponse:
    """Lead to a page; to a script, which follows by itself, tell its address."""
    if not wants_json():
        return redirect(address, 303)
    response = make_response(jsonify(address=address), 201)
    response.headers["Location"] = address
    return response


def _position() -> int:
    position = whole(request.args.get("position", ""))
    return min(position or 0, MOST_PARTS)


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _home(form: UploadForm, problem: str = "") -> str:
    try:
        service = index_named(request.values.get("index"))
    except NoIndex:
        return render_template("empty.html")
    return render_template(
        "home.html",
        form=form,
        problem=problem,
        index=service.name,
        indexes=services().shelf.names(),
        count=service.catalog.count,
        pictures=[presenters.thumbnail(service.name, *each, {}) for each in _look(service)],
        another_look=url_for("search.home", look=_seed(), index=request.values.get("index")),
    )


def _home_of_programs() -> Home:
    names = tuple(services().shelf.names())
    try:
        service = index_named(request.args.get("index"))
    except NoIndex:
        return Home(None, names, ())
    pictures = tuple(image_of(service.name, *each) for each in _look(service))
    return Home(brief_of(service), names, pictures)


def _look(service: SearchService) -> list[tuple[int, ImageRecord]]:
    """Return some images of an index, drawn at random, with their ids."""
    look = whole(request.args.get("look", ""))
    numbers = service.catalog.sample(LOOK, _seed() if look is None else look)
    return list(zip(numbers, service.catalog.images(numbers), strict=True))


def _seed() -> int:
    return random.randrange(SEEDS)
