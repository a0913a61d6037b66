"""Tells whether this worker can answer, and if not, why."""

from flask import Blueprint, Flask, Response, jsonify

from app.api.schemas.health import Health, Status
from app.database import Database, DatabaseDown
from app.extensions import Services, services
from app.openapi.documenting import JSON, Reply, documented
from app.warmth import Warmth
from indexer.shelf import Shelf

blueprint = Blueprint("health", __name__)

UNREADY = {503: Reply("This worker cannot answer searches.", {JSON: Health})}


def warm_up(app: Flask) -> None:
    """Get a worker ready after its fork, and begin its upkeep; for the server's hook."""
    shared: Services = app.extensions["likeness"]
    shared.warmth.start()
    shared.upkeep.start()


@blueprint.get("/healthz")
@documented("server", {JSON: Health}, also=UNREADY)
def healthz() -> tuple[Response, int]:
    """Tell whether this worker is ready, and if not, why."""
    return answer_health()


def answer_health() -> tuple[Response, int]:
    """Return the answer that tells how this worker is."""
    shared = services()
    body, status = report(shared.shelf, shared.database, shared.warmth)
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    return response, status


def report(shelf: Shelf, database: Database, warmth: Warmth) -> tuple[Health, int]:
    """Return the state of a worker for programs, and the HTTP status that says the same."""
    names = shelf.names()
    if not names:
        return Health("no index", (), ("Nothing was built: flask index build DIR",)), 503
    if not warmth.ready:
        warmth.start()
        reasons = [warmth.failure] if warmth.failure else []
        return _state("failed" if reasons else "starting", shelf, names, reasons), 503
    indexes = shelf.status()
    reasons = [f"{index.name}: {index.problem}" for index in indexes if index.problem]
    try:
        database.check()
    except DatabaseDown as error:
        reasons.append(str(error))
    if not any(index.usable for index in indexes):
        return _state("failed", shelf, names, reasons), 503
    return _state("degraded" if reasons else "ready", shelf, names, reasons), 200


def _state(status: Status, shelf: Shelf, names: list[str], reasons: list[str]) -> Health:
    # Anybody may ask, so where the instance lies on this machine is left out.
    here = f"{shelf.instance}/"
    return Health(status, tuple(names), tuple(reason.replace(here, "") for reason in reasons))
