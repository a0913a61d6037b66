"""Hits that are added to a search, and subtracted from it."""

import re
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer.serving.asking import MOST_PARTS
from tests import serving
from tests.app.asking import JSON, Asking, links


def test_hits_are_added_and_subtracted(client: FlaskClient, ask: Asking) -> None:
    page = client.get("/similar/sample/0?k=10&exact=1").text
    plus, minus = links(page, "steer")[4:6]
    added = client.get(plus).text
    assert "Also like" in added
    assert client.get(minus).text.count('<li class="unwanted">') == 1
    third = ask("k=10&exact=1")[2]["id"]
    subtracted = client.get(minus, headers=JSON).json
    assert subtracted
    assert third not in {hit["id"] for hit in subtracted["hits"]}
    (without,) = re.findall(r'<a href="([^"]+)">Remove', added)
    assert client.get(unescape(without), headers=JSON).json["hits"] == ask("k=10&exact=1")  # type: ignore[index]


@pytest.mark.parametrize("sign", ["more", "less"])
@pytest.mark.parametrize("fold", ["0", "1"])
def test_what_steers_a_search_is_not_found_by_it(
    client: FlaskClient, ask: Asking, sign: str, fold: str
) -> None:
    hit = ask("k=10&exact=1&fold=0")[2]
    steered = f"k=10&exact=1&fold={fold}&{sign}={hit['id']}-{hit['content']}"
    told = client.get(f"/similar/sample/0?{steered}", headers=JSON).json
    assert told
    assert told["permitted"] == told["gallery"] - 2
    assert [each["rank"] for each in told["hits"]][:1] == [1]
    assert len(told["hits"]) == 10
    found = {at for each in told["hits"] for at in (each["id"], *each["same"])}
    second = {each["id"] for each in ask(f"{steered}&page=2")}
    assert not {0, hit["id"]} & (found | second)
    assert fold == "1" or not found & second


def test_an_indexed_picture_is_not_a_hit_of_its_own_search_with_another(app: Flask) -> None:
    visitor = app.test_client()
    page = visitor.get("/similar/sample/0?k=10&exact=1&fold=0").text
    (adding,) = re.findall(r'formaction="([^"]+)"', page)
    form = {
        "csrf_token": serving.token_of(page),
        "image": (BytesIO(serving.pictures()[-1].read_bytes()), "own.jpg"),
    }
    address = visitor.post(unescape(adding), data=form).headers["Location"]
    told = visitor.get(address, headers=JSON).json
    assert told
    assert "more=0-" in address
    assert 0 not in {hit["id"] for hit in told["hits"]}
    assert len(told["hits"]) == 10


def test_a_full_question_offers_no_more_pictures(client: FlaskClient, ask: Asking) -> None:
    names = [f"{hit['id']}-{hit['content']}" for hit in ask("k=30&exact=1&fold=0")]
    nearly = "/similar/sample/0?k=5&exact=1&fold=0&judge=1" + "".join(
        f"&more={name}" for name in names[: MOST_PARTS - 2]
    )
    page = client.get(nearly).text
    assert "This search takes no more pictures" not in page
    address = f"{nearly}&less={names[-1]}"
    full = client.get(f"{address.replace('k=5', 'k=60')}").text
    assert all(client.get(link).status_code == 200 for link in links(full, "steer"))
    # Those that were added can be taken out, or be subtracted instead.
    assert len(links(full, "steer")) == 2 * (MOST_PARTS - 2)
    shown = full.count('<li class="card-hit"')
    closed = 'aria-disabled="true" title="This search takes no more pictures"'
    assert full.count(closed) == 2 * (shown - (MOST_PARTS - 2))


def test_what_was_added_is_found_while_hits_are_judged(client: FlaskClient, ask: Asking) -> None:
    hit = ask("k=10&exact=1&fold=0")[2]
    steered = f"k=10&exact=1&fold=0&more={hit['id']}-{hit['content']}"
    assert hit["id"] in {each["id"] for each in ask(f"{steered}&judge=1")}
    comparison = f"/similar/sample/0/why/{hit['id']}-{hit['content']}?{steered}"
    # The comparison knows the hits of the page that it came from.
    assert "<dt>rank</dt>" in client.get(f"{comparison}&judge=1").text
    assert "<dt>rank</dt>" not in client.get(comparison).text
