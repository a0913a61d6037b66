"""The programming interface: one JSON object for a picture, one shape for every error."""

import json
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import index_named
from tests import serving


def test_a_search_answers_one_object(client: FlaskClient) -> None:
    picture = serving.pictures()[3]
    answer = serving.api(client, picture.read_bytes(), "k=4", "mine.jpg").json
    assert answer is not None
    n = serving.count()
    keys = "query index metric hits visited probes measured gallery exact recall milliseconds"
    assert list(answer) == [*keys.split(), "page", "permitted", "strong_until", "judging"]
    assert (answer["query"], answer["index"], answer["gallery"]) == ("mine.jpg", "sample", n)
    assert list(answer["milliseconds"]) == ["decode", "encode", "search"]
    assert [hit["rank"] for hit in answer["hits"]] == [1, 2, 3, 4]
    first = answer["hits"][0]
    names = "rank id path label distance similarity content nearer_than same"
    assert list(first) == names.split()
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


def test_several_pictures_are_searched_together(client: FlaskClient) -> None:
    several = [serving.pictures()[at] for at in (0, -1)]
    answer = post_files(client, several, "k=2&exact=1")
    own = {path.relative_to(serving.gallery()).as_posix() for path in several}
    assert {hit["path"] for hit in answer["hits"]} == own
    assert answer["query"] == ", ".join(path.name for path in several)
    parts = [{"picture": b64encode(path.read_bytes()).decode()} for path in several]
    assert post(client, parts, "k=2&exact=1")["hits"] == answer["hits"]


def test_a_part_is_meant_in_files_and_in_json_alike(client: FlaskClient) -> None:
    first = serving.pictures()[0]
    files = post_files(client, [first], "k=5&exact=1&box=0.1,0.1,0.5,0.6")
    picture = {"picture": b64encode(first.read_bytes()).decode(), "box": [0.1, 0.1, 0.5, 0.6]}
    whole = post_files(client, [first], "k=5&exact=1")
    assert post(client, [picture], "k=5&exact=1")["hits"] == files["hits"] != whole["hits"]


def test_an_image_and_its_vector_are_the_same_question(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        vector = index_named("sample").feature(3).tolist()
    by_vector = post(client, [{"vector": vector}], "k=4&exact=1")["hits"]
    by_id = post(client, [{"id": 3}], "k=3&exact=1")["hits"]
    assert by_vector[0]["id"] == 3
    assert [hit["id"] for hit in by_id] == [hit["id"] for hit in by_vector[1:]]
    similar = client.get("/api/v1/similar/sample/3?k=3&exact=1").json
    assert similar is not None
    assert similar["hits"] == by_id


def test_parts_add_and_subtract(client: FlaskClient) -> None:
    parts = [{"id": 3}, {"id": 5}, {"id": 40, "sign": -1}]
    mixed = post(client, parts, "k=9&exact=1")
    assert not {3, 5, 40} & {hit["id"] for hit in mixed["hits"]}
    contents = [client.get(f"/api/v1/images/sample/{at}").json["content"] for at in (5, 40)]  # type: ignore[index]
    steered = f"k=9&exact=1&more=5-{contents[0]}&less=40-{contents[1]}"
    for address in (steered, f"{steered}&judge=1"):
        same = post(client, [{"id": 3}], address)
        assert [hit["id"] for hit in same["hits"]] == [hit["id"] for hit in mixed["hits"]]
        assert same["permitted"] == mixed["permitted"]


def test_an_image_is_found_by_its_content_after_a_rebuild(client: FlaskClient) -> None:
    facts = client.get("/api/v1/images/sample/7").json
    assert facts is not None
    parts = [{"id": 2, "content": facts["content"]}]
    assert post(client, parts, "k=3")["query"] == "image 7"
    assert client.get(f"/api/v1/images/sample/2?v={facts['content']}").json == facts
    for size in ("small", "medium", "large"):
        assert client.get(facts["links"][size]).mimetype == "image/jpeg"


def test_everything_that_steers_a_page_steers_the_interface(client: FlaskClient) -> None:
    steered = "k=4&class=drawing&class=painting&order=farthest&sort=path&page=2&exact=1&fold=1"
    answer = post(client, [{"id": 0}], steered)
    page = client.get(f"/similar/sample/0?{steered}", headers={"Accept": "application/json"}).json
    assert page is not None
    assert answer["hits"] == page["hits"]
    assert [hit["path"] for hit in answer["hits"]] == sorted(hit["path"] for hit in answer["hits"])
    assert {hit["label"] for hit in answer["hits"]} <= {"drawing", "painting"}
    assert answer["page"] == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("1" * 5000, "no JSON"),
        ('{"parts": [NaN]}', "no JSON"),
        ("[]", "nothing but parts"),
        ('{"parts": []}', "nothing but parts"),
        ('{"parts": {}}', "nothing but parts"),
        ('{"parts": [{"id": 1}], "k": 3}', "nothing but parts"),
        (json.dumps({"parts": [{"id": 1}] * 17}), "from 1 to 16"),
        ('{"parts": [1]}', "should have one of"),
        ('{"parts": [{"id": 1, "vector": [1]}]}', "should have one of"),
        ('{"parts": [{"id": 1, "weight": 2}]}', "nothing but box, content, id, sign"),
        ('{"parts": [{"id": "1"}]}', "parts[0].id"),
        ('{"parts": [{"id": true}]}', "parts[0].id"),
        ('{"parts": [{"id": -1}]}', "parts[0].id"),
        ('{"parts": [{"id": 1, "content": "x"}]}', "parts[0].content"),
        ('{"parts": [{"id": 1, "sign": 0}]}', "parts[0].sign"),
        ('{"parts": [{"id": 1, "sign": -1}]}', "at least one picture"),
        ('{"parts": [{"id": 1, "box": [0, 0, 1]}]}', "parts[0].box"),
        ('{"parts": [{"id": 1, "box": [0.5, 0, 0.5, 1]}]}', "A box has"),
        ('{"parts": [{"id": 1, "box": [0, 0, 1e-9, 1]}]}', "no whole pixel"),
        ('{"parts": [{"vector": []}]}', "parts[0].vector"),
        ('{"parts": [{"vector": [1e999]}]}', "parts[0].vector"),
        (f'{{"parts": [{{"vector": [1{"0" * 400}]}}]}}', "parts[0].vector"),
        (f'{{"parts": [{{"vector": {[1e30] * 512}}}]}}', "numbers up to 1e+15"),
        ('{"parts": [{"vector": [1, 2, 3]}]}', "512 finite values"),
        ('{"parts": [{"vector": [1], "box": [0, 0, 1, 1]}]}', "nothing but sign, vector"),
        ('{"parts": [{"picture": "?"}]}', "base64"),
        ('{"parts": [{"picture": 7}]}', "base64"),
        ('{"parts": [{"address": ["x"]}]}', "parts[0].address"),
    ],
)
def test_a_body_that_is_none_is_refused_in_words(
    client: FlaskClient, body: str, words: str
) -> None:
    answer = client.post("/api/v1/search", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert words in answer.json["error"]["message"]  # type: ignore[index]


def test_too_many_files_are_refused(client: FlaskClient) -> None:
    files = [(BytesIO(serving.png()), f"{at}.png") for at in range(9)]
    answer = client.post("/api/v1/search", data={"image": files})
    assert answer.status_code == 400
    assert "8 pictures at most" in answer.text


def test_the_indexes_are_told(client: FlaskClient) -> None:
    listed = client.get("/api/v1/indexes").json
    told = client.get("/api/v1/indexes/sample").json
    assert listed is not None
    assert told is not None
    assert [index["name"] for index in listed["indexes"]] == ["sample"]
    assert told["images"] == serving.count() == sum(each["images"] for each in told["classes"])
    assert told["encoder"]["dim"] == 512
    assert told["recall"] >= 0.95


def post(client: FlaskClient, parts: list[dict[str, Any]], query: str) -> Any:
    """Search with parts, and return the answer."""
    answer = client.post(f"/api/v1/search?{query}", json={"parts": parts})
    assert answer.status_code == 200, answer.text
    return answer.json


def post_files(client: FlaskClient, paths: list[Path], query: str) -> Any:
    """Search with files, and return the answer."""
    files = [(BytesIO(path.read_bytes()), path.name) for path in paths]
    return client.post(f"/api/v1/search?{query}", data={"image": files}).json


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


@pytest.mark.parametrize("depth", [3, 985, 990, 991, 992, 2000])
def test_what_is_nested_too_deep_is_refused(client: FlaskClient, depth: int) -> None:
    for body in ('{"parts": %s}', '{"parts": [{"id": %s}]}'):
        sent = body % ("[" * depth + "]" * depth)
        answer = client.post("/api/v1/search", data=sent, content_type="application/json")
        assert answer.status_code == 400
