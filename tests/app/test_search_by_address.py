"""Searches by address: on the home page and over the API, where the operator turned them on."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from tests import serving
from tests.app.sites import OK, Site, saying, site


@contextmanager
def fetching_app(served: Site, **rules: object) -> Iterator[Flask]:
    """Make an application that fetches from a site."""
    app = serving.make_app(serving.instance(), SEARCH_BY_ADDRESS=1)
    shared = app.extensions["likeness"]
    app.extensions["likeness"] = replace(shared, fetching=served.rules(most_bytes=2**20, **rules))
    yield app


def test_a_search_begins_with_an_address_on_the_home_page() -> None:
    picture = serving.pictures()[3]
    with site(saying(OK, picture.read_bytes())) as served, fetching_app(served) as app:
        client = app.test_client()
        home = client.get("/").text
        assert 'name="address"' in home
        form = {"csrf_token": serving.token_of(home), "address": served.address()}
        answer = client.post("/search", data=form, follow_redirects=True)
    assert answer.status_code == 200
    assert picture.name in answer.text


def test_a_picture_is_added_by_its_address_where_hits_are_judged() -> None:
    picture = serving.pictures()[3]
    with site(saying(OK, picture.read_bytes())) as served, fetching_app(served) as app:
        client = app.test_client()
        page = client.get("/similar/sample/0?k=20&judge=1").text
        (adding,) = re.findall(r'formaction="([^"]+)"', page)
        form = {"csrf_token": serving.token_of(page), "address": served.address()}
        answer = client.post(unescape(adding), data=form)
        joined = answer.headers["Location"]
        assert parse_qs(urlsplit(joined).query)["judge"] == ["1"]
        together = client.get(joined)
    assert "Also like" in together.text
    assert "Stop judging" in together.text


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("http://127.0.0.2:{port}/a.png?b=<c>", 400, "does not lead to the public internet"),
        ("ftp://example.org/", 400, "is no address of http or https"),
        ("http://127.0.0.1:{port}/", 415, "is not a picture"),
    ],
)
def test_a_refused_address_stays_in_its_field_beside_the_reason(
    address: str, status: int, said: str
) -> None:
    with site(saying(OK, b"no picture")) as served, fetching_app(served) as app:
        app.extensions["likeness"] = replace(
            app.extensions["likeness"], fetching=served.rules(allowed=("127.0.0.1/32",))
        )
        client = app.test_client()
        page = client.get("/similar/sample/0?k=20&class=painting&class=drawing").text
        given = address.format(port=served.port)
        form = {"csrf_token": serving.token_of(page), "address": given}
        (adding,) = re.findall(r'formaction="([^"]+)"', page)
        for target in ("/search", unescape(adding)):
            answer = client.post(target, data=form)
            assert answer.status_code == status
            told = unescape(answer.text)
            assert f'value="{given}" aria-invalid="true"' in told
            assert re.search(rf'class="status problem"[^>]*>[^<]*{said}', answer.text)
            # Another try goes where this one went.
            assert ("Add to this search" in told) == ("onto" in target or "more" in target)
        assert f'formaction="{adding}"' in answer.text


def test_a_program_searches_by_address() -> None:
    picture = serving.pictures()[3]
    with site(saying(OK, picture.read_bytes())) as served, fetching_app(served) as app:
        parts = [{"address": served.address(), "box": [0, 0, 1, 1]}]
        answer = app.test_client().post("/api/v1/search", json={"parts": parts})
    assert answer.json is not None
    assert answer.json["query"] == served.address()
    assert answer.json["hits"][0]["path"].endswith(picture.name)


def test_what_is_fetched_is_judged_by_its_content() -> None:
    head = "HTTP/1.1 200 OK\nContent-Type: image/jpeg\nConnection: close"
    with site(saying(head, b"<html>no picture</html>")) as served, fetching_app(served) as app:
        parts = [{"address": served.address()}]
        answer = app.test_client().post("/api/v1/search", json={"parts": parts})
    assert answer.status_code == 415


def test_all_addresses_of_a_search_have_the_time_of_one() -> None:
    quick = saying(OK, serving.pictures()[3].read_bytes())

    def slow(connection: socket.socket, path: str) -> None:
        time.sleep(0.6)
        quick(connection, path)

    with site(slow) as served, fetching_app(served, seconds=1.0) as app:
        parts = [{"address": served.address()}] * 2
        answer = app.test_client().post("/api/v1/search", json={"parts": parts})
    assert answer.json is not None
    assert answer.json["error"]["code"] == "fetch_failed"


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("http://127.0.0.1/", 400, "address_refused"),
        ("http://nobody.invalid/", 422, "fetch_failed"),
        ("\ud800", 400, "bad_request"),
    ],
)
def test_refusals_have_a_status(address: str, status: int, code: str) -> None:
    app = serving.make_app(serving.instance(), SEARCH_BY_ADDRESS=1)
    answer = app.test_client().post("/api/v1/search", json={"parts": [{"address": address}]})
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)  # type: ignore[index]


def test_nothing_is_fetched_unless_that_is_turned_on(app: Flask) -> None:
    client = app.test_client()
    home = client.get("/").text
    assert 'name="address"' not in home
    with site(saying(OK, serving.png())) as served:
        parts = [{"address": served.address()}]
        answer = client.post("/api/v1/search", json={"parts": parts})
        form = {"csrf_token": serving.token_of(home), "address": served.address()}
        page = client.post("/search", data=form)
    assert (answer.status_code, page.status_code) == (403, 403)
    assert "LIKENESS_SEARCH_BY_ADDRESS" in answer.json["error"]["message"]  # type: ignore[index]
    assert served.heads == []


def test_a_form_with_neither_is_told(app: Flask) -> None:
    client = app.test_client()
    token = serving.token_of(client.get("/").text)
    answer = client.post("/search", data={"csrf_token": token, "address": ""})
    assert answer.status_code == 400
    assert "Choose a picture first." in answer.text
