"""Tells whether this worker can answer, and gets it ready in the background."""

import logging
import os
from threading import Lock, Thread
from typing import Any

from flask import Blueprint, Flask, Response, jsonify

from app.database import Database, DatabaseDown
from indexer.shelf import Shelf
from models.errors import LikenessError

logger = logging.getLogger(__name__)

blueprint = Blueprint("health", __name__)


class Warmth:
    """How far one worker is on its way to its first answer.

    Args:
        shelf: the indexes.
        index: the one that it opens, so that the first visitor does not wait; "": the default.
    """

    def __init__(self, shelf: Shelf, index: str = "") -> None:
        self.shelf = shelf
        self.index = index
        self._lock = Lock()
        self._thread: Thread | None = None
        self._owner = 0
        self.ready = False
        self.failure = ""

    def start(self) -> None:
        """Open the index in the background, unless that is done or under way."""
        with self._lock:
            # A thread does not survive a fork: each worker starts its own.
            running = self._thread is not None and self._thread.is_alive()
            if self.ready or (running and self._owner == os.getpid()):
                return
            self._owner = os.getpid()
            self._thread = Thread(target=self._warm, name="warm-up", daemon=True)
            self._thread.start()

    def _warm(self) -> None:
        try:
            self.shelf.get(self.index or None).warm()
            self.failure = ""
            self.ready = True
            self.shelf.verify()
        except LikenessError as error:
            self.failure = str(error)
            logger.warning("Not ready: %s", error)
        except Exception as error:
            self.failure = f"{type(error).__name__}: see the server's log"
            logger.exception("Not ready")


def warm_up(app: Flask) -> None:
    """Get a worker ready after its fork; for the server's hook."""
    warmth: Warmth = app.extensions["likeness"].warmth
    warmth.start()


@blueprint.get("/healthz")
def healthz() -> tuple[Response, int]:
    """Answer whether this worker is ready, and if not, why."""
    from app.extensions import services

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
    reasons = [f"{index.name}: {index.problem}" for index in shelf.status() if index.problem]
    try:
        database.check()
    except DatabaseDown as error:
        reasons.append(str(error))
    if not any(index.usable for index in shelf.status()):
        return _state("failed", shelf, names, reasons), 503
    return _state("degraded" if reasons else "ready", shelf, names, reasons), 200


def _state(status: str, shelf: Shelf, names: list[str], reasons: list[str]) -> dict[str, Any]:
    # Anybody may ask, so where the instance lies on this machine is left out.
    here = f"{shelf.instance}/"
    reasons = [reason.replace(here, "") for reason in reasons]
    return {"status": status, "indexes": names, "reasons": reasons}
