"""What a comparison costs: the searches, encodings and checks that it takes."""

import re
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.recalls import Recalls
from indexer.search import SearchService
from models.encoder import Encoder
from tests import serving
from tests.app.asking import JSON, links
from tests.app.test_comparing import QUERY, cards, uploaded

HITS = f"{QUERY}?k=5"
BOXED = "box=0,0,0.5,1"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what is asked of the parts that do the work."""
    counted: Counter[str] = Counter()

    def count(part: type, name: str) -> None:
        does = getattr(part, name)

        def counting(*arguments: Any, **named: Any) -> Any:
            counted[name] += 1
            return does(*arguments, **named)

        monkeypatch.setattr(part, name, counting)

    count(SearchService, "ask")
    count(Recalls, "offer")
    count(Encoder, "encode")
    count(Encoder, "places")
    return counted


def without_token(page: str) -> str:
    """Return a page as it is for all visitors."""
    return re.sub(r'name="csrf_token"[^>]*>', "", page)


@pytest.fixture
def other() -> FlaskClient:
    """Return a visitor of another worker, which has shown no page yet."""
    return serving.make_app(serving.instance()).test_client()


@pytest.mark.parametrize("steering", ["", "&page=2", "&sort=path", "&judge=1&v=0123456789ab"])
def test_comparisons_with_the_hits_of_a_page_search_no_more(
    client: FlaskClient, asked: Counter[str], steering: str
) -> None:
    content = client.get("/api/v1/images/sample/0").json
    assert content
    known = steering.replace("0123456789ab", content["content"])
    addresses = cards(client, f"{HITS}{known}")
    assert asked["ask"] > 0
    asked.clear()
    first = client.get(addresses[0]).text
    assert links(client.get(addresses[1]).text, "prev") == [addresses[0]]
    assert links(first, "next") == [addresses[1]]
    assert asked["ask"] == 0


def test_a_worker_that_has_not_shown_the_page_searches_once(
    client: FlaskClient, other: FlaskClient, asked: Counter[str]
) -> None:
    one, next_one = cards(client, f"{HITS}&exact=1&fold=0")[1:3]
    known = without_token(client.get(one).text)
    asked.clear()
    assert without_token(other.get(one).text) == known
    assert other.get(next_one).status_code == 200
    assert asked["ask"] == 1


def test_another_question_is_another_page(client: FlaskClient) -> None:
    address = cards(client, f"{HITS}&exact=1")[4]
    assert links(client.get(address).text, "next") == []
    (beyond,) = links(client.get(address.replace("k=5", "k=6")).text, "next")
    assert beyond == cards(client, f"{QUERY}?k=6&exact=1")[5]


def test_programs_are_told_why_without_a_search(
    client: FlaskClient, other: FlaskClient, asked: Counter[str]
) -> None:
    address = cards(client, HITS)[1]
    asked.clear()
    assert other.get(address, headers=JSON).status_code == 200
    assert asked["ask"] == 0


def test_comparisons_are_not_offered_to_be_checked(
    client: FlaskClient, other: FlaskClient, asked: Counter[str]
) -> None:
    address = cards(client, HITS)[1]
    assert asked["offer"] == 1
    client.get("/api/v1/similar/sample/0")
    assert asked["offer"] == 2
    asked.clear()
    for visitor in (client, other):
        visitor.get(address)
        visitor.get(address, headers=JSON)
    assert asked["ask"] > 0
    assert asked["offer"] == 0


@pytest.mark.parametrize("knows", [True, False])
def test_a_part_of_a_picture_is_described_once(
    app: Flask, client: FlaskClient, other: FlaskClient, asked: Counter[str], knows: bool
) -> None:
    for page in (f"{HITS}&{BOXED}", f"{uploaded(app, 0)}?{BOXED}"):
        address = cards(client, page)[1]
        asked.clear()
        assert (client if knows else other).get(address).status_code == 200
        # Its places are looked at beside that, and those of the hit.
        assert (asked["encode"], asked["places"]) == (1, 1)


def test_of_several_parts_only_those_that_are_needed_are_described(
    app: Flask, client: FlaskClient, other: FlaskClient, asked: Counter[str]
) -> None:
    address = cards(client, f"{uploaded(app, 0, -1)}?{BOXED}&box2=0,0,1,0.5")[1]
    asked.clear()
    client.get(address)
    assert asked["encode"] == 1
    other.get(address)
    assert asked["encode"] == 3


def test_a_picture_as_a_whole_is_described_by_what_is_stored(
    app: Flask, client: FlaskClient, asked: Counter[str]
) -> None:
    addresses = [cards(client, page)[1] for page in (HITS, uploaded(app, 0))]
    asked.clear()
    for address in addresses:
        client.get(address)
    assert (asked["encode"], asked["places"]) == (0, 2)


def test_a_hit_that_is_not_there_is_refused_before_anything_is_done(
    app: Flask, other: FlaskClient, asked: Counter[str]
) -> None:
    query = uploaded(app, 0)
    asked.clear()
    for page in (QUERY, query):
        assert other.get(f"{page}/why/1-0123456789ab?{BOXED}").status_code == 404
    assert not asked
