"""`/api/v1`: what programs ask, answered as JSON."""

from flask import Blueprint, Response, jsonify, request

from app import timings
from app.api.keys import PREFIX, guard
from app.api.receiving import received
from app.api.schemas.answers import Answer
from app.api.schemas.asked import SearchRequest
from app.api.schemas.galleries import Index, Indexes, index_of, indexes_of
from app.api.schemas.health import Health
from app.api.schemas.images import Image, image_of
from app.extensions import content_asked_for, index_named, services
from app.health import UNREADY, answer_health
from app.judging.shown import Judging, is_judging, judging
from app.limits import limited
from app.openapi.documenting import JSON, Body, documented
from app.openapi.parameters import CONTENT, JUDGING, OF_IMAGE, OF_QUERY
from app.search.asking import Answered, ask_with_image, ask_with_parts
from app.search.pages import told
from app.search.questions import Question
from app.search.uploads import MOST_PICTURES
from app.security import csrf
from indexer.search import SearchService

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
# No cookie is read here, so there is nothing that another site could borrow.
csrf.exempt(blueprint)
guard(blueprint)

FORM = "multipart/form-data"
FILES = {
    "type": "object",
    "required": ["image"],
    "properties": {
        "image": {
            "type": "array",
            "items": {"type": "string", "contentMediaType": "application/octet-stream"},
            "minItems": 1,
            "maxItems": MOST_PICTURES,
            "description": "Pictures, which are joined in one search.",
        }
    },
}


@blueprint.post("/search")
@limited
@documented(
    "searching",
    {JSON: Answer},
    takes=OF_QUERY,
    body=Body(
        {FORM: FILES, JSON: SearchRequest}, {JSON: {"parts": [{"id": 0}, {"id": 1, "sign": -1}]}}
    ),
    errors=(403, 404),
)
def search() -> Response:
    """Search with pictures, indexed images or vectors.

    Send files as form fields named `image`, or parts as JSON. The parameters `box` are about
    uploaded files; parts have their own. Nothing that is sent is kept.
    """
    question = Question.of(request.args, fold=False)
    service = index_named(request.args.get("index"))
    given = received(request, service, question)
    return _answer(service, ask_with_parts(service, given.parts, question), given.name, question)


@blueprint.get("/similar/<index>/<int(max=2147483647):image_id>")
@limited
@documented("searching", {JSON: Answer}, takes=(*OF_IMAGE, JUDGING))
def similar(index: str, image_id: int) -> Response:
    """Search with an indexed image, which is not among what is found."""
    question = Question.of(request.args, fold=False)
    service = index_named(index)
    number = service.catalog.locate(image_id, content_asked_for())
    answered = ask_with_image(service, number, question)
    judged = judging(service, answered.on_page, question, own=1) if is_judging() else None
    return _answer(service, answered, f"image {number}", question, judged)


@blueprint.get("/images/<index>/<int(max=2147483647):image_id>")
@documented("gallery", {JSON: Image}, takes=(CONTENT,))
def image(index: str, image_id: int) -> Response:
    """Tell what is known of an indexed image, and where its renderings are."""
    service = index_named(index)
    number = service.catalog.locate(image_id, content_asked_for())
    return jsonify(image_of(service.name, number, service.image(number)))


@blueprint.get("/indexes")
@documented("gallery", {JSON: Indexes})
def indexes() -> Response:
    """List the indexes."""
    return jsonify(indexes_of(services().shelf))


@blueprint.get("/indexes/<index>")
@documented("gallery", {JSON: Index})
def index(index: str) -> Response:
    """Tell what an index is: its classes with their sizes, its encoder, how well it finds."""
    return jsonify(index_of(index_named(index)))


@blueprint.get("/health")
@documented("server", {JSON: Health}, also=UNREADY)
def health() -> tuple[Response, int]:
    """Tell whether the worker that answers is ready, and if not, why."""
    return answer_health()


def _answer(
    service: SearchService,
    answered: Answered,
    query: str,
    question: Question,
    judged: Judging | None = None,
) -> Response:
    timings.searched(answered.result.timings)
    with timings.stage("render"):
        return jsonify(told(service, answered, question, query, judged))
