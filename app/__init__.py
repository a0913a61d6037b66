"""The application: people ask, in a browser, over the API, or on the command line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

PROJECT = Path(__file__).resolve().parent.parent


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the application: configuration, extensions, blueprints, commands; nothing else.

    No index, database or network is opened here, so that the command line starts at once and
    a server may fork afterwards.

    Args:
        config: values that go before the environment's; names as in `app.config.SETTINGS`,
            or Flask's own.

    Raises:
        BadSetting: if a setting has a value that cannot be used.
    """
    from app import (
        assets,
        errors,
        extensions,
        health,
        kernels,
        languages,
        limits,
        metrics,
        security,
        timings,
    )
    from app import config as settings
    from app.api import ratings as api_ratings
    from app.api import views as api
    from app.gallery import browsing
    from app.gallery import views as gallery
    from app.judging import views as judging
    from app.openapi import views as openapi
    from app.reports import views as reports
    from app.runs import views as runs
    from app.search import views as search

    app = Flask(
        __name__,
        template_folder=str(PROJECT / "templates"),
        static_folder=str(PROJECT / "static"),
    )
    settings.configure(app, config or {})
    kernels.keep_in(app.config["KERNELS"], app.config["INSTANCE"])
    timings.init_app(app)
    errors.init_app(app)
    languages.init_app(app)
    extensions.init_app(app)
    assets.init_app(app)
    limits.init_app(app)
    security.init_app(app)
    rooms = (search, judging, gallery, browsing, reports, runs, api, api_ratings, openapi, health)
    for views in (*rooms, metrics):
        app.register_blueprint(views.blueprint)
    _add_commands(app)
    return app


def _add_commands(app: Flask) -> None:
    from app.cli import register

    register(app)
