"""Upload pictures, see their like, ask for more like any of them."""

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
from app.api.schemas.galleries import Home
from app.api.schemas.reasons import Why
from app.errors import told_of, wants_json
from app.extensions import content_asked_for, index_named, services
from app.limits import limited
from app.openapi.documenting import BYTES, HTML, JPEG, JSON, TEXT, Reply, documented, exempt
from app.openapi.parameters import INDEX, JUDGING, OF_IMAGE, OF_QUERY, POSITION, SIZE
from app.refusals import refusal_of
from app.search import pages, shown, uploads
from app.search.asking import ask_with_image, ask_with_query, parts_of
from app.search.comparing import compared_with
from app.search.fetching import FetchFailed
from app.search.forms import UploadForm
from app.search.homes import home_of_programs, home_page, parameters_of_addition
from app.search.keynames import spoken
from app.search.keys import GROUPS, Keys
from app.search.keys import told as told_keys
from app.search.marks import mark
from app.search.networks import AddressRefused
from app.search.questions import Question, spelled_box
from app.search.reading import number_from_zero, one_of
from app.search.refused import UploadRefused
from app.search.switches import unfolded
from app.thumbnails import SIDES
from app.twins import twin
from indexer.serving.asking import MOST_PARTS, Part
from models.errors import ImageError

blueprint = Blueprint("search", __name__)

OF_PICTURES = (413, 415, 422)
"""Statuses of pictures that cannot be used any more, or have no such part."""
UNFOLDED = {303: Reply("The shorter address that the page's form stands for.")}


@blueprint.get("/")
@documented("pages", {JSON: Home, HTML: TEXT}, takes=(INDEX,), errors=(404,))
def home() -> Response:
    """Show what this is: the form, and a random look into the gallery."""
    return twin(lambda: home_page(UploadForm()), home_of_programs)


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
            raise UploadRefused(problem)
        return make_response(home_page(form, problem), 400)
    parameters = parameters_of_addition() if request.args else {}
    onto = request.args.get("onto")
    service = index_named(form.index.data)
    query = services().queries.load(onto) if onto else None
    pictures = [picture.stream.read() for picture in form.image.data or ()]
    try:
        token = uploads.keep(service, pictures or [uploads.fetched(form.address.data)], query)
    except (AddressRefused, FetchFailed, ImageError) as error:
        # What was chosen is lost in any case; what was typed is not.
        if pictures or wants_json():
            raise
        problem = told_of(error)
        return make_response(home_page(form, problem, is_refused=True), refusal_of(error).status)
    return _led_to(url_for("search.results", token=token, **parameters))


@blueprint.get("/q/<token>")
@limited
@documented(
    "pages",
    {JSON: Answer, HTML: TEXT},
    takes=(*OF_QUERY, JUDGING),
    errors=OF_PICTURES,
    also=UNFOLDED,
)
def results(token: str) -> AnyResponse:
    """Show what is like uploaded pictures."""
    if address := unfolded(request):
        return redirect(address, 303)
    question = Question.of(request.args)
    query = services().queries.load(token)
    service = index_named(request.args.get("index") or query.index)
    answered = ask_with_query(service, parts_of(service, query, question), question)
    asked = shown.of_query(query, question)
    page = pages.answer(service, answered, question, asked, query)
    page.headers["X-Robots-Tag"] = "noindex"
    return page


@blueprint.get("/q/<token>/picture.jpg")
@documented("pages", {JPEG: BYTES}, takes=(POSITION, SIZE))
def query_picture(token: str) -> Response:
    """Send an uploaded picture, re-encoded and without its metadata."""
    size = one_of("size", request.args.get("size", "large"), SIDES)
    response = make_response(services().queries.picture(token, _position(), size))
    response.mimetype = "image/jpeg"
    response.add_etag()
    response.make_conditional(request)
    return _private(response)


@blueprint.get("/q/<token>/faces")
@documented("pages", {JSON: Faces}, takes=(POSITION,))
def query_faces(token: str) -> Response:
    """Tell where the faces in an uploaded picture are, as values of the parameter `box`."""
    found = services().queries.faces(token, _position())
    return _private(jsonify(Faces(tuple(spelled_box(face) for face in found))))


@blueprint.get("/similar/<index>/<int(max=2147483647):image_id>")
@limited
@documented(
    "pages",
    {JSON: Answer, HTML: TEXT},
    takes=(*OF_IMAGE, JUDGING),
    errors=OF_PICTURES,
    also=UNFOLDED,
)
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
    """Compare a hit with an uploaded picture, and tell why they are alike."""
    question, position, found = Question.of(request.args), _position(), mark("hit", hit)
    query = services().queries.load(token)
    service = index_named(request.args.get("index") or query.index)
    number = service.catalog.locate(found.id, found.content)
    seen = Part(services().queries.picture(token, position), question.boxes.get(position))
    parts, asked = parts_of(service, query, question), shown.of_query(query, question)
    compared = compared_with(service, asked, position, parts, seen)
    response = pages.why(service, question, compared, number)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/similar/<index>/<int(max=2147483647):image_id>/why/<hit>")
@limited
@documented("pages", {JSON: Why, HTML: TEXT}, takes=OF_IMAGE, errors=OF_PICTURES)
def why_image(index: str, image_id: int, hit: str) -> Response:
    """Compare a hit with an indexed picture, and tell why they are alike."""
    question, found = Question.of(request.args), mark("hit", hit)
    service = index_named(index)
    own = service.catalog.locate(image_id, content_asked_for())
    number = service.catalog.locate(found.id, found.content)
    part = Part(own, question.boxes.get(0))
    asked = shown.of_image(service, own, question)
    compared = compared_with(service, asked, 0, [part], part, frozenset({own}))
    return pages.why(service, question, compared, number)


@blueprint.get("/keys")
@documented("pages", {JSON: Keys, HTML: TEXT})
def keys() -> Response:
    """List the keys that pages know."""
    return twin(lambda: render_template("keys.html", groups=GROUPS, spoken=spoken), told_keys)


def _led_to(address: str) -> AnyResponse:
    """Lead to a page; to a script, which follows by itself, tell its address."""
    if not wants_json():
        return redirect(address, 303)
    response = make_response(jsonify(address=address), 201)
    response.headers["Location"] = address
    return response


def _position() -> int:
    """Return which picture of the query the address under way names; the first where none.

    Raises:
        BadQuery: it is no number.
    """
    return min(number_from_zero("position", request.args.get("position", "")), MOST_PARTS)


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
