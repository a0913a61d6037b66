"""Applications on the sample index."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import serving


@pytest.fixture(scope="session")
def app() -> Flask:
    """An application on the sample index."""
    return serving.make_app(serving.instance())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor of that application."""
    return app.test_client()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """An instance with the same index, that a test may break."""
    return serving.copy_of(serving.instance(), tmp_path / "instance")
