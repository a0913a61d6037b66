"""Who judges: a random name in a signed cookie, given with the first judgement; not a person."""

from secrets import token_hex

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

COOKIE = "likeness-rater"
SECONDS = 365 * 86_400


def rater() -> str | None:
    """Return who asks; None for somebody who has not judged before."""
    try:
        name = _serializer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return None
    return str(name)


def new_rater() -> str:
    """Return a name for somebody who judges for the first time."""
    return token_hex(8)


def remember(response: Response, name: str) -> None:
    """Let the browser keep who judged, for a year from the last judgement on."""
    response.set_cookie(
        COOKIE,
        _serializer().dumps(name),
        max_age=SECONDS,
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), "likeness-rater")
