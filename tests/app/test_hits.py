"""A page of hits: their order, pages, cards and strength."""

import re

import numpy as np
import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from app.extensions import services
from app.search.asking import ask_with_image
from app.search.questions import Question
from tests import serving
from tests.app.asking import JSON, Asking, links, send


def grid(page: str) -> str:
    """Return the hits of a page, without what they cost."""
    return page.split('class="grid"')[1].split('class="cost"')[0]


def test_hits_are_arranged_within_a_page(ask: Asking, client: FlaskClient) -> None:
    page = client.get("/similar/sample/0?sort=path&k=20").text
    paths = re.findall(r'<p class="path" title="([^"]+)"', page)
    assert paths == sorted(paths)
    assert set(paths) == {hit["path"] for hit in ask("k=20")}


def test_the_farthest_come_first_where_that_is_asked_for(client: FlaskClient, ask: Asking) -> None:
    everything = ask("k=100&exact=1&fold=0")
    assert ask("order=farthest&k=3")[0]["distance"] == everything[-1]["distance"]
    assert "Pictures least like this one" in client.get("/similar/sample/0?order=farthest").text


def test_pages_lead_on_and_back(client: FlaskClient) -> None:
    first = client.get("/similar/sample/0?k=10&exact=1").text
    (following,) = links(first, "next")
    second = client.get(following).text
    (highest,) = re.findall(r"Ranks 1 to (\d+)", first)
    assert f"Ranks {int(highest) + 1} to" in second
    (before,) = links(second, "prev")
    assert grid(client.get(before).text) == grid(first)
    last = client.get("/similar/sample/0?k=50&exact=1&page=2").text
    assert not links(last, "next")


def test_a_least_similarity_leaves_the_others_out(client: FlaskClient, ask: Asking) -> None:
    assert all(float(str(hit["similarity"])) >= 0.4 for hit in ask("min=0.4&k=100"))
    page = client.get("/similar/sample/0?min=1").text
    assert "Nothing is so similar" in page


def test_what_is_nearly_the_same_is_one_card(client: FlaskClient, ask: Asking) -> None:
    flat, folded = ask("k=10&exact=1&fold=0"), ask("k=10&exact=1")
    assert len(flat) == len(folded) == len(ask("k=10")) == 10
    same = [number for hit in folded for number in hit["same"]]  # type: ignore[attr-defined]
    assert same
    shown = [hit["id"] for hit in folded]
    assert len({*shown, *same}) == len(shown) + len(same)
    every = {hit["id"] for hit in flat}
    assert every <= {*shown, *same}
    page = client.get("/similar/sample/0?k=10&exact=1").text
    assert page.count('class="same"') == sum(bool(hit["same"]) for hit in folded)
    ranks = [int(rank) for rank in re.findall(r'<li[^>]* value="(\d+)"', page)]
    assert sorted(ranks) == list(range(1, len(shown) + len(same) + 1))
    assert f"Ranks 1 to {len(ranks)}" in page
    assert len(re.findall(r'class="compare(?:-same)?"', page)) == len(ranks)
    assert 'class="same"' not in client.get("/similar/sample/0?k=10&exact=1&fold=0").text


@pytest.mark.parametrize("wish", ["", "&exact=1", "&order=farthest"])
def test_a_part_is_encoded_once_however_deep_the_search(app: Flask, wish: str) -> None:
    question = f"/similar/sample/0?k=20&box=0,0,0.5,1{wish}"
    with app.test_request_context(question):
        service = services().shelf.get("sample")
        answered = ask_with_image(service, 0, Question.of(request.args))
    first, last = answered.first, answered.result
    assert any(fold.others for fold in answered.folds)
    np.testing.assert_array_equal(first.feature, last.feature)
    assert (last.timings.decode, last.timings.encode) == (
        first.timings.decode,
        first.timings.encode,
    )
    assert (first is last) == bool(wish)  # one scan is enough
    assert last.timings.search > first.timings.search or first is last


def test_the_strength_of_a_hit_is_told(client: FlaskClient, ask: Asking) -> None:
    found = [float(str(hit["nearer_than"])) for hit in ask("k=60&fold=0&exact=1")]
    assert found == sorted(found, reverse=True)
    assert found[0] > 95 > 60 > found[-1]
    assert "nearer than</span>" in client.get("/similar/sample/0").text


def test_a_line_parts_the_picture_itself_from_others(app: Flask) -> None:
    address = send(app, [serving.pictures()[0].read_bytes()]).headers["Location"]
    visitor = app.test_client()
    told = visitor.get(f"{address}?k=5&class=painting&class=drawing&more=", headers=JSON)
    assert told.status_code == 400
    last = visitor.get(f"{address}?k=5", headers=JSON).json["strong_until"]  # type: ignore[index]
    page = visitor.get(f"{address}?k=5").text
    assert page.count('class="gap"') == (last is not None)
    assert 'class="gap"' not in visitor.get(f"{address}?k=5&sort=path").text
