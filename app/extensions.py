"""What the views share, made once for each application: indexes, database, and what uses them."""

import re
from dataclasses import dataclass

from flask import Flask, current_app, request
from flask_bootstrap import Bootstrap5

from app.config import gallery_limits, upload_limits
from app.copies import Copies
from app.database import Database
from app.queries import Queries
from app.rates import RateLimit
from app.ratings import Ratings
from app.recalls import Recalls
from app.search.fetching import Rules
from app.search.reading import received
from app.search.recent import RecentPages
from app.thumbnails import Thumbnails
from app.upkeep import Upkeep
from app.warmth import Warmth
from indexer.errors import BadQuery
from indexer.search import Gate, SearchService
from indexer.serving.encoding import COMPILED
from indexer.shelf import Shelf

CONTENT = re.compile(r"[0-9a-f]{12}")

bootstrap = Bootstrap5()


@dataclass(frozen=True)
class Services:
    """The parts that answer requests; none of them opens anything before it is asked.

    Attributes:
        fetching: what may be fetched from addresses; None: nothing.
    """

    shelf: Shelf
    database: Database
    queries: Queries
    copies: Copies
    rates: RateLimit
    ratings: Ratings
    recalls: Recalls
    recent: RecentPages
    thumbnails: Thumbnails
    upkeep: Upkeep
    warmth: Warmth
    fetching: Rules | None


def services() -> Services:
    """Return the current application's parts."""
    shared: Services = current_app.extensions["likeness"]
    return shared


def index_named(name: str | None) -> SearchService:
    """Return the index of a name; where none is given, the one that is searched by default.

    Raises:
        NoIndex, UnknownIndex: if there is none.
        IndexUnusable: if it cannot be opened.
    """
    return services().shelf.get(name or current_app.config["INDEX"] or None)


def content_asked_for() -> str | None:
    """Return the content that an address names beside an id, or None where it names none.

    Raises:
        BadQuery: what it names is no content.
    """
    content = request.args.get("v", "")
    if content and not CONTENT.fullmatch(content):
        raise BadQuery(
            "v should be the first 12 digits of a picture's content, like 0123456789ab; "
            f"or leave it out. {received(content)}"
        )
    return content or None


def init_app(app: Flask) -> None:
    """Make the parts of one application from its configuration."""
    bootstrap.init_app(app)
    config = app.config
    instance = config["INSTANCE"]
    slots, wait = config["SLOTS"], config["WAIT_SECONDS"]
    shelf = Shelf(
        instance,
        limits=upload_limits(config),
        threads=config["ENCODER_THREADS"],
        slots=slots,
        wait_seconds=wait,
        compiled=instance / COMPILED,
    )
    database = Database(config["DATABASE_URL"], instance)
    queries = Queries(database, config["QUERY_DAYS"], config["MAX_QUERIES"])
    app.extensions["likeness"] = Services(
        shelf=shelf,
        database=database,
        queries=queries,
        copies=Copies(queries, upload_limits(config)),
        rates=RateLimit(database, config["SEARCHES_PER_MINUTE"]),
        ratings=Ratings(database),
        recalls=Recalls(database, config["LIVE_RECALL"]),
        recent=RecentPages(),
        thumbnails=Thumbnails(instance / "thumbnails", gallery_limits(config), Gate(slots, wait)),
        upkeep=Upkeep(queries),
        warmth=Warmth(shelf, config["INDEX"]),
        fetching=Rules(config["MAX_UPLOAD_BYTES"]) if config["SEARCH_BY_ADDRESS"] else None,
    )
