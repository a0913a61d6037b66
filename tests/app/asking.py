"""Asks pages as browsers do, and reads what they lead to."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO

from flask import Flask
from werkzeug.test import TestResponse

from tests import serving

JSON = {"Accept": "application/json"}

Asking = Callable[[str], list[dict[str, object]]]


def send(app: Flask, pictures: list[bytes]) -> TestResponse:
    """Upload some pictures at once."""
    client = app.test_client()
    token = serving.token_of(client.get("/").text)
    files = [(BytesIO(data), f"{at}.jpg") for at, data in enumerate(pictures)]
    return client.post("/search", data={"csrf_token": token, "image": files})


def links(page: str, kind: str) -> list[str]:
    """Return the addresses of a page's links of a class or relation."""
    return [unescape(found) for found in re.findall(rf'{kind}" href="([^"]+)"', page)]
