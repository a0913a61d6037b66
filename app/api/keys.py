"""Lets programs in by a key, where the operator has set some."""

from hmac import compare_digest

from flask import Blueprint, current_app, request

from models.errors import LikenessError

PREFIX = "/api/v1"


class KeyNeeded(LikenessError):
    """A request without a key, or with one that is none of ours."""


def guard(blueprint: Blueprint) -> None:
    """Ask for a key before any view of a blueprint of `/api/v1`."""
    blueprint.before_request(_require_key)


def is_keyed(path: str) -> bool:
    """Tell whether an address is one that may need a key."""
    return path.startswith(f"{PREFIX}/")


def _require_key() -> None:
    """Compare the key that was sent with all that are known, in a time that tells nothing.

    Raises:
        KeyNeeded: it is none of them.
    """
    known = current_app.config["API_KEY"]
    if not known:
        return
    # Read here: Werkzeug's own reading fails where a header of another scheme is malformed.
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    sent = token.strip().encode("latin-1", "replace") if scheme.lower() == "bearer" else b""
    matches = [compare_digest(sent, key.encode()) for key in known]
    if not any(matches):
        wrong = "That key is not known here." if sent else "This address needs a key."
        raise KeyNeeded(f"{wrong} Send one that its operator gave you: Authorization: Bearer KEY")
