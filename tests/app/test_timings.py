"""The header Server-Timing says how long each stage of an answer took."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import serving


def stages(response: TestResponse) -> dict[str, float]:
    """Read the header, which must hold nothing but names and durations."""
    parts = response.headers["Server-Timing"].split(", ")
    found = [re.fullmatch(r"([a-z]+);dur=([0-9]+\.[0-9]{2})", part) for part in parts]
    assert all(found)
    return {match[1]: float(match[2]) for match in found if match}


def test_the_interface_for_programs_tells_every_stage(client: FlaskClient) -> None:
    answer = serving.api(client, serving.pictures()[0].read_bytes())
    told = stages(answer)
    assert list(told) == ["decode", "encode", "search", "render", "total"]
    assert told["total"] >= sum(told.values()) - told["total"] - 0.05
    for name, milliseconds in answer.json["milliseconds"].items():  # type: ignore[index]
        assert abs(told[name] - milliseconds) < 0.01


def test_an_upload_and_its_page_tell_their_stages(client: FlaskClient) -> None:
    sent = serving.upload(client, serving.pictures()[0].read_bytes())
    assert list(stages(sent)) == ["decode", "encode", "keep", "total"]
    page = client.get(sent.headers["Location"])
    assert list(stages(page)) == ["search", "render", "total"]


def test_what_searches_nothing_tells_nothing(client: FlaskClient) -> None:
    assert "Server-Timing" not in client.get("/").headers
    assert "Server-Timing" not in client.get("/api/v1/search").headers
    assert "Server-Timing" not in serving.api(client, b"no picture").headers
