"""The one place where an error becomes an HTTP status, and a page or JSON for people to act on."""

import logging
from dataclasses import dataclass, replace

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from app import bodies
from app.api.keys import KeyNeeded
from app.api.schemas.problems import Error, Problem
from app.database import DatabaseDown
from app.queries import UnknownQuery
from app.rates import TooManySearches
from app.ratings import UnknownRating
from app.search.fetching import AddressesOff, FetchFailed
from app.search.networks import AddressRefused
from indexer import errors as indexing
from indexer.evaluation.errors import DamagedReport, UnknownReport
from indexer.experiments.reading.runs import UnknownRun
from indexer.text import readable
from models import errors as modelling
from models.errors import LikenessError

logger = logging.getLogger(__name__)

RETRY_SECONDS = 5


@dataclass(frozen=True)
class Refusal:
    """How one kind of error is answered.

    Attributes:
        status: of HTTP.
        code: for programs.
        heading: for people.
        public: what is said instead of the error's own message, where that names files of the
            server; or "".
    """

    status: int
    code: str
    heading: str
    public: str = ""


BAD_REQUEST = Refusal(400, "bad_request", "That cannot be answered")
BUSY = Refusal(503, "busy", "A moment, please")
NO_IMAGE = Refusal(404, "unknown_image", "There is no such picture")
UNUSABLE = Refusal(
    503,
    "index_unusable",
    "The index cannot be opened",
    "The server's log says why, and `flask index check` names the file.",
)
BROKEN = Refusal(500, "internal_error", "Something broke here")

REFUSALS: dict[type[Exception], Refusal] = {
    modelling.EmptyImage: Refusal(422, "empty_image", "That picture is empty"),
    modelling.DamagedImage: Refusal(422, "damaged_image", "That picture is damaged"),
    modelling.UnsupportedImage: Refusal(415, "unsupported_image", "That is not a picture we open"),
    modelling.ImageTooLarge: Refusal(413, "too_large", "That picture is too large"),
    modelling.NoExplanation: Refusal(422, "no_explanation", "That cannot be shown"),
    modelling.BadCrop: BAD_REQUEST,
    modelling.NoFace: Refusal(422, "no_face", "No face was found"),
    modelling.OutOfMemory: BUSY,
    modelling.EncoderBusy: BUSY,
    modelling.EncoderDamaged: UNUSABLE,
    modelling.EncoderFailed: Refusal(
        503,
        "encoder_failed",
        "That search failed",
        "The network gave no answer for this picture. Try again, or try another picture.",
    ),
    indexing.BadQuery: BAD_REQUEST,
    indexing.UnknownImage: NO_IMAGE,
    indexing.ImageGone: Refusal(
        404,
        "image_gone",
        "That picture is gone",
        "Its file has changed or is gone since the index was built.",
    ),
    indexing.UnknownClass: Refusal(404, "unknown_class", "There is no such class"),
    indexing.UnknownIndex: Refusal(404, "unknown_index", "There is no such index"),
    indexing.NoIndex: Refusal(
        503,
        "no_index",
        "Nothing to search yet",
        "No index has been built here. Build one: flask index build FOLDER",
    ),
    indexing.IndexUnusable: UNUSABLE,
    UnknownReport: Refusal(404, "unknown_report", "There is no such report"),
    DamagedReport: Refusal(
        503,
        "report_damaged",
        "The report cannot be read",
        "The server's log says why. Making it again replaces it.",
    ),
    UnknownRun: Refusal(404, "unknown_run", "There is no such training"),
    UnknownQuery: Refusal(404, "unknown_query", "That search is no longer kept"),
    UnknownRating: Refusal(404, "unknown_rating", "There is no such judgement"),
    DatabaseDown: Refusal(503, "database_down", "A moment, please"),
    AddressesOff: Refusal(403, "addresses_off", "Addresses are not fetched here"),
    AddressRefused: Refusal(400, "address_refused", "That address is not fetched"),
    FetchFailed: Refusal(422, "fetch_failed", "No picture came from there"),
    KeyNeeded: Refusal(401, "key_needed", "That needs a key"),
    TooManySearches: Refusal(429, "too_many_searches", "That was quick"),
    SecurityError: Refusal(400, "unknown_host", "That address is not served here"),
    CSRFError: Refusal(400, "form_expired", "That form has expired"),
    bodies.UploadStalled: Refusal(408, "upload_stalled", "That upload took too long"),
}
STATUSES: dict[int, Refusal] = {
    400: BAD_REQUEST,
    403: Refusal(403, "forbidden", "That is not open to you"),
    404: Refusal(404, "not_found", "There is nothing at this address"),
    405: Refusal(405, "method_not_allowed", "That cannot be done here"),
    413: Refusal(413, "too_large", "That upload is too large"),
    415: Refusal(415, "unsupported_media_type", "That is not a picture we open"),
    422: Refusal(422, "unprocessable", "That picture cannot be used"),
    429: Refusal(429, "too_many_requests", "That was quick"),
    503: Refusal(503, "unavailable", "A moment, please"),
}
SENTENCES = {
    400: "The request was incomplete or malformed.",
    403: "This page is not open to you.",
    404: "Check the address, or start again from the home page.",
    405: "This address answers to another kind of request.",
    415: "Choose a JPEG, PNG, WebP, GIF, BMP or TIFF file.",
    422: "Choose another picture.",
    429: "Please wait a moment, then try again.",
    503: "The server is busy. Please try again shortly.",
}


def init_app(app: Flask) -> None:
    """Answer every error of the application by a page, or by JSON where that is asked for."""
    app.register_error_handler(LikenessError, _explained)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def wants_json() -> bool:
    """Tell whether the client asked for JSON rather than for a page."""
    if request.path.startswith("/api/"):
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def refusal_of(error: Exception) -> Refusal:
    """Return how an error is answered: by its own class, or the nearest that it derives from."""
    for kind in type(error).__mro__:
        if kind in REFUSALS:
            return REFUSALS[kind]
    return BROKEN


def _refusal_of_http(error: HTTPException) -> Refusal:
    refusal = refusal_of(error)
    if refusal is not BROKEN:
        return refusal
    status = error.code or 500
    # A status without words of its own keeps its number: what the client did is no fault here.
    other = replace(BAD_REQUEST, status=status) if status < 500 else BROKEN
    return STATUSES.get(status, other)


def _explained(error: LikenessError) -> Response:
    refusal = refusal_of(error)
    if refusal.status >= 500:
        logger.warning("%s: %s", type(error).__name__, error)
    # An error that is in no table may name what visitors should not see.
    message = _broken() if refusal is BROKEN else refusal.public or readable(str(error))
    return _answer(refusal, message, getattr(error, "retry_after", None))


def _http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return make_response(error.get_response())
    refusal = _refusal_of_http(error)
    response = _answer(refusal, _sentence(error, refusal))
    if isinstance(error, RequestEntityTooLarge):
        # A connection that is closed while the client still sends loses the page.
        response.call_on_close(bodies.drainer(request.environ))
    for name, value in error.get_headers():
        if name in ("Allow", "Content-Range"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    logger.exception("Unexpected error at %s %s", request.method, request.path)
    return _answer(BROKEN, _broken())


def _sentence(error: HTTPException, refusal: Refusal) -> str:
    if isinstance(error, CSRFError):
        return (
            "The form was open for too long, cookies are off, or it was sent from another site. "
            "Go back, reload the page, and send it again."
        )
    if isinstance(error, RequestEntityTooLarge):
        most = _size(current_app.config["MAX_UPLOAD_BYTES"])
        return (
            f"An upload may have at most {most}, all its pictures together. "
            "Choose fewer or smaller ones, or save them smaller."
        )
    if isinstance(error, SecurityError):
        return "This server does not answer under that name. See LIKENESS_TRUSTED_HOSTS."
    if isinstance(error, bodies.UploadStalled):
        return str(error.description)
    return SENTENCES.get(refusal.status, SENTENCES[400] if refusal.status < 500 else _broken())


def _size(count: int) -> str:
    return f"{count / 2**20:.3g} MB" if count >= 2**20 else f"{count / 2**10:.3g} kB"


def _broken() -> str:
    return "This is our mistake, not yours. It is in the server's log. Please try again."


def _answer(refusal: Refusal, message: str, retry_after: int | None = None) -> Response:
    if wants_json():
        body = jsonify(Error(Problem(refusal.code, message)))
        response = make_response(body, refusal.status)
    else:
        # Under a name that is not served no address can be built, so that page stands alone.
        lost = isinstance(request.routing_exception, SecurityError)
        template = "errors/bare.html" if lost else "errors/page.html"
        page = render_template(template, refusal=refusal, message=message)
        response = make_response(page, refusal.status)
    if refusal.status in (429, 503):
        response.headers["Retry-After"] = str(retry_after or RETRY_SECONDS)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Likeness"'
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response
