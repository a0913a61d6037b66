"""`/api/v1`: a picture in, one JSON object out."""

from flask import Blueprint, Response, jsonify, request

from app import timings
from app.api.schemas import result_json, upload_name
from app.extensions import index_named, services
from app.limits import limited
from app.search.questions import Question
from app.security import csrf
from indexer.errors import BadQuery

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
# No cookie is read here, so there is nothing that another site could borrow.
csrf.exempt(blueprint)


@blueprint.post("/search")
@limited
def search() -> Response:
    """Search with the multipart field `image`; parameters are as in a page's address."""
    question = Question.of(request.args)
    upload = request.files.get("image")
    if upload is None or not upload.filename:
        raise BadQuery("Send the picture as a multipart form field named image, with a file name.")
    service = index_named(request.args.get("index"))
    result = service.search_image(upload.stream.read(), question.k, question.metric, question.wish)
    services().recalls.offer(service, result, question.wish)
    timings.searched(result.timings)
    with timings.stage("render"):
        return jsonify(result_json(result, upload_name(upload.filename)))
