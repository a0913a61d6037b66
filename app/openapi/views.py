"""`/openapi.json` for programs, and `/api`, the same for people, to read and to try."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from app.extensions import services
from app.openapi.building import description
from app.openapi.documenting import HTML, JSON, TEXT, documented
from app.openapi.presenters import chapters
from app.twins import twin

blueprint = Blueprint("openapi", __name__)

KEPT = "openapi"


@blueprint.get("/openapi.json")
@documented("server", {JSON: {"type": "object"}})
def document() -> Response:
    """Describe all of this in the form of OpenAPI 3.1."""
    return jsonify(_document())


@blueprint.get("/api")
@documented("pages", {JSON: {"type": "object"}, HTML: TEXT})
def page() -> Response:
    """Show every operation with an example, and a form to try it; as JSON, /openapi.json."""
    return twin(_page, _document)


def _page() -> str:
    names = services().shelf.names()
    index = current_app.config["INDEX"] or (services().shelf.default_name() if names else "INDEX")
    told = chapters(_document(), request.url_root.rstrip("/"), {"index": index})
    return render_template(
        "api.html", chapters=told, keyed=bool(current_app.config["API_KEY"]), index=index
    )


def _document() -> dict[str, Any]:
    """Return the description, with the address at which the request under way found this server.

    The rest is made once: routes and settings stay as they are.
    """
    kept = current_app.extensions
    if KEPT not in kept:
        kept[KEPT] = description(current_app._get_current_object())  # type: ignore[attr-defined]
    found: dict[str, Any] = kept[KEPT]
    return found | {"servers": [{"url": request.script_root or "/"}]}
