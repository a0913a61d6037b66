"""The one place where an error becomes an answer: a page for people, or JSON for programs."""

import logging

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from app import bodies
from app.api.schemas.problems import Error, Problem
from app.figures import ENGLISH, locale_of_page, number
from app.refusals import BROKEN, SENTENCES, Refusal, refusal_of, refusal_of_http
from app.words import _, english
from indexer.text import readable
from models.errors import LikenessError

logger = logging.getLogger(__name__)

RETRY_SECONDS = 5


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


def told_of(error: Exception) -> Markup:
    """Return what a page says of an error, in its own words where they are of its language."""
    message, detail = _said(refusal_of(error), readable(str(error)))
    return Markup(" ").join(filter(None, (Markup.escape(message), english(detail))))


def _explained(error: LikenessError) -> Response:
    refusal = refusal_of(error)
    if refusal.status >= 500:
        logger.warning("%s: %s", type(error).__name__, error)
    # An error that is in no table may name what visitors should not see.
    if refusal is BROKEN or refusal.public:
        message, detail = str(refusal.public) or _broken(), ""
    else:
        message, detail = _said(refusal, readable(str(error)))
    return _answer(refusal, message, detail, getattr(error, "retry_after", None))


def _said(refusal: Refusal, own: str) -> tuple[str, str]:
    """Return what is said of an error, and what is said after that in English, or ""."""
    if not refusal.general or locale_of_page() == ENGLISH:
        return own, ""
    return str(refusal.general), own


def _http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return make_response(error.get_response())
    refusal = refusal_of_http(error)
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
        return _(
            "The form was open for too long, cookies are off, or it was sent from another site. "
            "Go back, reload the page, and send it again."
        )
    if isinstance(error, RequestEntityTooLarge):
        most = _size(current_app.config["MAX_UPLOAD_BYTES"])
        return _(
            "An upload may have at most %(most)s, all its pictures together. "
            "Choose fewer or smaller ones, or save them smaller.",
            most=most,
        )
    if isinstance(error, SecurityError):
        return _("This server does not answer under that name. See LIKENESS_TRUSTED_HOSTS.")
    if isinstance(error, bodies.UploadStalled):
        return str(error.description)
    known = SENTENCES.get(refusal.status, SENTENCES[400] if refusal.status < 500 else _broken())
    return str(known)


def _size(count: int) -> str:
    if count >= 2**20:
        return f"{number(count / 2**20, '.3g')} MB"
    return f"{number(count / 2**10, '.3g')} kB"


def _broken() -> str:
    return _("This is our mistake, not yours. It is in the server's log. Please try again.")


def _answer(
    refusal: Refusal, message: str, detail: str = "", retry_after: int | None = None
) -> Response:
    if wants_json():
        body = jsonify(Error(Problem(refusal.code, " ".join(filter(None, (message, detail))))))
        response = make_response(body, refusal.status)
    else:
        # Under a name that is not served no address can be built, so that page stands alone.
        lost = isinstance(request.routing_exception, SecurityError)
        template = "errors/bare.html" if lost else "errors/page.html"
        page = render_template(template, refusal=refusal, message=message, detail=detail)
        response = make_response(page, refusal.status)
    if refusal.status in (429, 503):
        response.headers["Retry-After"] = str(retry_after or RETRY_SECONDS)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Likeness"'
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response
