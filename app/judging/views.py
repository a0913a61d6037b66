"""Takes what visitors say of hits, with scripts or without."""

from flask import Blueprint, jsonify, redirect, request
from werkzeug.wrappers import Response

from app.errors import wants_json
from app.judging.judge import judge
from app.judging.judgements import Opinion, opinion_of
from app.judging.raters import remember
from app.limits import limited
from app.openapi.documenting import exempt

blueprint = Blueprint("judging", __name__)


@blueprint.post("/ratings")
@limited
@exempt("the form below each hit; programs send judgements to /api/v1/ratings")
def rate() -> Response:
    """Keep a judgement, and lead back to its hit."""
    form = request.form
    taken_back = bool(form.get("take_back"))
    opinion = Opinion() if taken_back else opinion_of(form.get("score"), form.get("relevant"))
    kept = judge(form.get("ticket", ""), opinion)
    response: Response
    if wants_json():
        response = jsonify(kept.told())
    else:
        response = redirect(f"{kept.sheet.address()}#hit-{kept.found.rank}", 303)
    if kept.rater:
        remember(response, kept.rater)
    return response
