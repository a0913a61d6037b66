"""Tells whether this worker can answer, and if not, why."""

from typing import Any

from flask import Blueprint, Flask, Response, jsonify

from app.database import Database, DatabaseDown
from app.extensions import services
from app.warmth import Warmth
from indexer.shelf import Shelf

blueprint = Blueprint("health", __name__)


def warm_up(app: Flask) -> None:
    """Get a worker ready after its fork; for the server's hook."""
    warmth: Warmth = app.extensions["likeness"].warmth
    warmth.start()


@blueprint.get("/healthz")
def healthz() -> tuple[Response, int]:
    """Answer whether this worker is ready, and if not, why."""
    shared = services()
    body, status = report(shared.shelf, shared.database, shared.warmth)
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    return response, status


def report(shelf: Shelf, database: Database, warmth: Warmth) -> tuple[dict[str, Any], int]:
    """Return the state of a worker for programs, and the HTTP status that says the same."""
    names = shelf.names()
    if not names:
        return {"status": "no index", "reasons": ["Nothing was built: flask index build DIR"]}, 503
    if not warmth.ready:
        warmth.start()
        reasons = [warmth.failure] if warmth.failure else []
        status = "failed" if reasons else "starting"
        return _state(status, shelf, names, reasons), 503
    indexes = shelf.status()
    reasons = [f"{index.name}: {index.problem}" for index in indexes if index.problem]
    try:
        database.check()
    except DatabaseDown as error:
        reasons.append(str(error))
    if not any(index.usable for index in indexes):
        return _state("failed", shelf, names, reasons), 503
    return _state("degraded" if reasons else "ready", shelf, names, reasons), 200


def _state(status: str, shelf: Shelf, names: list[str], reasons: list[str]) -> dict[str, Any]:
    # Anybody may ask, so where the instance lies on this machine is left out.
    here = f"{shelf.instance}/"
    reasons = [reason.replace(here, "") for reason in reasons]
    return {"status": status, "indexes": names, "reasons": reasons}
