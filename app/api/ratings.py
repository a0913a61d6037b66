"""`/api/v1/ratings`: what a program's user said of hits; what others said is not told here."""

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.api.keys import guard
from app.api.schemas.judging import Judgement, Kept, Ratings
from app.extensions import services
from app.judging.judge import judge
from app.judging.judgements import opinion_of
from app.judging.raters import rater, remember
from app.judging.rows import row
from app.limits import limited
from app.openapi.documenting import JSON, Body, Parameter, Reply, documented
from app.ratings import Selection, UnknownRating
from app.search.reading import number_up_to, received, whole
from app.security import csrf
from indexer.errors import BadQuery

blueprint = Blueprint("ratings_api", __name__, url_prefix="/api/v1/ratings")
# Another site's page can send neither JSON nor a DELETE here: browsers ask first, and no answer
# of ours permits it.
csrf.exempt(blueprint)
guard(blueprint)

MOST = 1000
USUAL = 100
LIMIT = Parameter(
    "limit",
    "Judgements on a page.",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
)
AFTER = Parameter(
    "after",
    "Those after the judgement of this number.",
    {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0},
)


@blueprint.get("")
@documented("judging", {JSON: Ratings}, takes=(LIMIT, AFTER))
def listed() -> Response:
    """List the judgements of the cookie's rater: `limit` of them, after the number `after`."""
    limit = number_up_to("limit", request.args.get("limit", ""), MOST, USUAL)
    text = request.args.get("after", "")
    after = whole(text or "0")
    if after is None:
        raise BadQuery(f"after should be the number of a judgement. {received(text)}")
    name = rater()
    found = services().ratings.listed(Selection(rater=name), after, limit + 1) if name else []
    shown = found[:limit]
    more = len(found) > limit
    following = url_for(".listed", after=shown[-1].id, limit=limit) if more else None
    return jsonify(ratings=[row(each) for each in shown], next=following)


@blueprint.post("")
@limited
@documented(
    "judging",
    {JSON: Kept},
    body=Body({JSON: Judgement}, {JSON: {"ticket": "from a search with judge=1", "score": 8}}),
    errors=(404,),
)
def rate() -> Response:
    """Keep a judgement: the `ticket` of a hit, with a `score`, or `relevant`, or both, or none."""
    sent = request.get_json(silent=True) if request.is_json else None
    if not isinstance(sent, dict):
        raise BadQuery(
            "Send a JSON object, as application/json: the ticket of a hit, from a search with "
            "judge=1, and a score from 1 to 10, or relevant, true or false."
        )
    kept = judge(str(sent.get("ticket", "")), opinion_of(sent.get("score"), sent.get("relevant")))
    response = jsonify(kept.told())
    if kept.rater:
        remember(response, kept.rater)
    return response


@blueprint.delete("/<int(max=2147483647):number>")
@documented("judging", {}, also={204: Reply("It is taken back.")}, errors=(404,))
def remove(number: int) -> AnyResponse:
    """Take a judgement back."""
    name = rater()
    if name is None:
        raise UnknownRating(f"No judgement of yours has the number {number}.")
    services().ratings.remove(number, name)
    return Response(status=204)
