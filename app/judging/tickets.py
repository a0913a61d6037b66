"""Signs what a page says of its hits, so that what is judged is what was found."""

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from app.judging.judgements import Asked, Found
from app.judging.sheets import Sheet
from indexer.errors import BadQuery


def ticket(sheet: Sheet, found: Found) -> str:
    """Return what a form sends back to say which hit of which search it judges."""
    asked = [sheet.asked.token, sheet.asked.id, sheet.asked.content, sheet.asked.path]
    return _serializer().dumps(
        [[*asked, sheet.asked.boxes], sheet.pictures, list(vars(found).values())]
    )


def opened(text: str) -> tuple[Sheet, Found]:
    """Return what a ticket was made of.

    Raises:
        BadQuery: it was not made here.
    """
    try:
        asked, pictures, hit = _serializer().loads(text)
        found = Found(*hit)
        return Sheet(Asked(*asked), found.index, found.parameters, pictures), found
    except (BadSignature, TypeError, ValueError) as error:
        raise BadQuery(
            "This judgement names no hit of a page that was made here. Reload the page of hits, "
            "and judge again."
        ) from error


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), "likeness-judging")
