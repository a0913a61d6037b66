"""Limits how often one address may search."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, request

from app.database import DatabaseDown
from app.extensions import services

logger = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., object])


def limited(view: View) -> View:
    """Mark a view as one that searches, so that its requests are counted."""
    view.limited = True  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    """Count the requests of marked views before their body is read."""
    app.before_request(_count)


def _count() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, "limited", False):
        return
    try:
        services().rates.count(request.remote_addr or "", time.time())
    except DatabaseDown:
        # Searching must not depend on counting; what needs the database says so itself.
        logger.warning("A search was not counted: the database is down")
