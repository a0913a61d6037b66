"""Which language a page is in, how it is chosen, and that programs notice nothing of it."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.config import BadSetting
from app.languages import COOKIE
from tests import serving

GERMAN = {"Accept-Language": "de-AT, de;q=0.9, en;q=0.5"}
TITLES = {"en": "Search with a picture", "de": "Mit einem Bild suchen"}
TWINS = (
    "/",
    "/gallery/sample",
    "/gallery/sample/3",
    "/gallery/sample/rejected",
    "/index/",
    "/index/sample",
    "/index/sample/quality",
    "/similar/sample/3?judge=1&class=painting&recall=0.95",
    "/reports/",
    "/runs/",
    "/keys",
    "/nothing",
    "/similar/sample/3?k=x",
    "/api/v1/indexes",
    "/api/v1/nothing",
    "/openapi.json",
)


def language_of(page: str) -> str:
    """Return the language of a page, which its words must be in, too."""
    found = re.search(r'<html lang="([^"]+)">', page)
    assert found
    assert TITLES.get(found[1], "") in page
    return found[1]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("fr, de;q=0.4, en;q=0.2", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("", "en"),
        ("\N{SNOWMAN}".encode().decode("latin-1"), "en"),
    ],
)
def test_a_page_is_as_the_browser_prefers(client: FlaskClient, asked: str, given: str) -> None:
    response = client.get("/", headers={"Accept-Language": asked})
    assert language_of(response.text) == given
    assert {"Accept-Language", "Cookie", "Accept"} <= set(
        response.vary.as_set(preserve_casing=True)
    )
    assert COOKIE not in response.headers.get("Set-Cookie", "")


def test_an_address_chooses_a_language_that_stays(client: FlaskClient) -> None:
    response = client.get("/?lang=de")
    assert language_of(response.text) == "de"
    (kept,) = [each for each in response.headers.getlist("Set-Cookie") if COOKIE in each]
    assert {"Max-Age=31536000", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(kept.split("; "))
    assert "Secure" not in kept
    assert language_of(client.get("/", headers={"Accept-Language": "en"}).text) == "de"
    assert language_of(client.get("/?lang=en").text) == "en"
    assert language_of(client.get("/", headers=GERMAN).text) == "en"


def test_under_https_the_choice_is_sent_under_https_alone(client: FlaskClient) -> None:
    kept = client.get("/?lang=de", base_url="https://localhost").headers.getlist("Set-Cookie")
    assert [each for each in kept if COOKIE in each and "Secure" in each]


@pytest.mark.parametrize("asked", ["fr", "xx", "../de", "DE", "", "de_DE", "x" * 4000])
def test_a_language_that_there_is_not_is_ignored(client: FlaskClient, asked: str) -> None:
    response = client.get("/", query_string={"lang": asked}, headers=GERMAN)
    assert language_of(response.text) == "de"
    assert COOKIE not in response.headers.get("Set-Cookie", "")
    client.set_cookie(COOKIE, asked[:200])
    assert language_of(client.get("/", headers=GERMAN).text) == "de"


def test_each_page_offers_itself_in_each_language(client: FlaskClient) -> None:
    page = client.get("/gallery/sample?class=painting&show=50&lang=de").text
    links = re.findall(r'<a href="([^"]+)" lang="(\w+)" hreflang="\2"( [^>]+)?>(\w+)</a>', page)
    assert [(code, name) for _, code, _, name in links] == [("de", "Deutsch"), ("en", "English")]
    assert ['aria-current="true"' in chosen for _, _, chosen, _ in links] == [True, False]
    assert unescape(links[1][0]) == "?class=painting&show=50&lang=en"
    assert "Bilder" in page


def test_after_a_form_the_first_page_is_offered(client: FlaskClient) -> None:
    token = serving.token_of(client.get("/?lang=de").text)
    page = client.post("/search", data={"csrf_token": token})
    assert page.status_code == 400
    assert "Wählen Sie zuerst ein Bild." in page.text
    assert 'href="/?lang=en"' in page.text


def test_a_language_can_be_fixed(tmp_path: Path) -> None:
    client = serving.make_app(serving.instance(), LANGUAGE="de").test_client()
    response = client.get("/?lang=en", headers={"Accept-Language": "en"})
    assert language_of(response.text) == "de"
    assert "hreflang" not in response.text
    assert COOKIE not in response.headers.get("Set-Cookie", "")
    assert "Accept-Language" not in response.vary
    with pytest.raises(BadSetting, match="LIKENESS_LANGUAGE should be one of: de, en"):
        create_app({"INSTANCE": tmp_path, "LANGUAGE": "tlh"})


@pytest.mark.parametrize("address", TWINS)
def test_programs_get_the_same_in_every_language(app: Flask, address: str) -> None:
    def told(**headers: str) -> object:
        headers |= {"Accept": "application/json"}
        answer = app.test_client().get(address, headers=headers)
        text = re.sub(r"look=\d+", "", answer.text)
        content = json.loads(text)
        if isinstance(content, dict):
            for name in ("pictures", "milliseconds"):  # drawn at random, or measured
                content.pop(name, None)
        return answer.status_code, content

    client = app.test_client()
    client.set_cookie(COOKIE, "de")
    assert told() == told(**{"Accept-Language": "de"})


def test_errors_are_said_first_in_the_language_of_the_page(client: FlaskClient) -> None:
    page = client.get("/similar/sample/3?k=x", headers=GERMAN).text
    assert "<h1>Darauf gibt es keine Antwort.</h1>" in page
    assert "Die Adresse oder das Formular verlangt etwas, das nicht geht." in page
    assert re.search(r'lang="en">k should be a whole number', page)
    english = client.get("/similar/sample/3?k=x").text
    assert '<p class="lead">k should be a whole number' in english
    assert 'lang="en">k should' not in english


def test_scripts_are_told_in_the_language_of_their_page(client: FlaskClient) -> None:
    token = serving.token_of(client.get("/?lang=de").text)
    answer = client.post(
        "/search", data={"csrf_token": token}, headers={"Accept": "application/json"}
    )
    assert answer.json is not None
    assert answer.json["error"]["message"] == "Wählen Sie zuerst ein Bild."
    assert answer.json["error"]["code"] == "bad_request"


def test_numbers_are_written_as_the_language_has_them(client: FlaskClient) -> None:
    page = client.get("/gallery/sample/3", headers=GERMAN).text
    assert re.search(r"\d{1,3}\.\d{3} Bytes", page)
    assert re.search(r"\d{2}\.\d{2}\.\d{4}, \d{2}:\d{2} UTC", page)
    facts = client.get("/index/sample", headers=GERMAN).text
    assert re.search(r"\d+,\d\N{NO-BREAK SPACE}% der Bilder, im Mittel", facts)
