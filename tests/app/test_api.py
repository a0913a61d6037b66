"""The programming interface: one JSON object for a picture, one shape for every error."""

import json

import pytest
from flask.testing import FlaskClient

from tests import serving


def test_a_search_answers_one_object(client: FlaskClient) -> None:
    picture = serving.pictures()[3]
    answer = serving.api(client, picture.read_bytes(), "k=4", "mine.jpg").json
    assert answer is not None
    n = serving.count()
    keys = "query index metric hits visited probes measured gallery exact recall milliseconds"
    assert list(answer) == keys.split()
    assert (answer["query"], answer["index"], answer["gallery"]) == ("mine.jpg", "sample", n)
    assert list(answer["milliseconds"]) == ["decode", "encode", "search"]
    assert [hit["rank"] for hit in answer["hits"]] == [1, 2, 3, 4]
    first = answer["hits"][0]
    assert list(first) == ["rank", "id", "path", "label", "distance", "similarity"]
    assert first["path"] == picture.relative_to(serving.gallery()).as_posix()
    assert first["label"] == picture.parent.name
    assert first["distance"] == pytest.approx(0, abs=1e-3)
    assert first["similarity"] == pytest.approx(1, abs=1e-3)


def test_parameters_are_used(client: FlaskClient) -> None:
    data = serving.pictures()[3].read_bytes()
    answer = serving.api(client, data, "k=2&metric=euclidean&exact=1&index=sample").json
    n = serving.count()
    assert answer is not None
    assert (answer["metric"], answer["exact"], answer["visited"]) == ("euclidean", True, n)


def test_an_answer_says_what_was_done_for_it(client: FlaskClient) -> None:
    data = serving.pictures()[3].read_bytes()
    as_built, tuned, budget, exact = (
        serving.api(client, data, f"k=4&{wish}").json or {}
        for wish in ("", "recall=0.5", "budget=12", "exact=1")
    )
    assert as_built["recall"] >= 0.95
    assert tuned["recall"] >= 0.5
    assert tuned["visited"] <= as_built["visited"]
    assert budget["recall"] is None
    for answer in (as_built, tuned, budget):
        assert 4 <= answer["measured"] <= answer["visited"] <= answer["gallery"]
        assert answer["probes"] > 0
    assert (exact["recall"], exact["measured"], exact["probes"]) == (1, serving.count(), 0)


def test_no_parameter_means_ten_hits(client: FlaskClient) -> None:
    answer = serving.api(client, serving.png()).json
    assert answer is not None
    assert len(answer["hits"]) == 10


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("k=0", 400, "bad_request"),
        ("metric=l1", 400, "bad_request"),
        ("exact=2", 400, "bad_request"),
        ("recall=0", 400, "bad_request"),
        ("recall=0.9&budget=5", 400, "bad_request"),
        ("index=none", 404, "unknown_index"),
        ("index=../sample", 404, "unknown_index"),
    ],
)
def test_errors_have_one_shape(client: FlaskClient, query: str, status: int, code: str) -> None:
    response = serving.api(client, serving.png(), query)
    assert response.status_code == status
    assert list(json.loads(response.data)) == ["error"]
    assert list(response.json["error"]) == ["code", "message"]  # type: ignore[index]
    assert response.json["error"]["code"] == code  # type: ignore[index]


def test_the_address_answers_to_post_alone(client: FlaskClient) -> None:
    response = client.get("/api/v1/search")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    assert response.is_json


def test_no_cookie_is_set(client: FlaskClient) -> None:
    assert "Set-Cookie" not in serving.api(client, serving.png()).headers
