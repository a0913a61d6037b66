"""The description is complete, and what is answered is as it says."""

import json
import re
import shlex
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator
from werkzeug.datastructures import MultiDict

from app.openapi.building import description, path_of, routes
from app.openapi.documenting import Exempt
from app.openapi.parameters import OF_QUERY
from app.openapi.schemas import TAKEN, Schemas, Way, meanings
from app.search.questions import Question
from tests import serving
from tests.reports import make_report
from tests.runs import BEFORE_AND_AFTER, DISTILLING, TAUGHT, TUNING, make_run

JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A visitor of an instance with an index, a report, trainings, and an uploaded query."""
    instance = serving.copy_of(serving.instance(), tmp_path_factory.mktemp("full"))
    make_report(instance)
    make_run(instance)
    make_run(instance, "begun", state="running", curve="", **TUNING)
    make_run(instance, "taught", **DISTILLING, **TAUGHT)
    make_run(instance, "whole", **(TUNING | BEFORE_AND_AFTER))
    return serving.make_app(instance).test_client()


@pytest.fixture(scope="module")
def document(full: FlaskClient) -> dict[str, Any]:
    """Return what the server says of itself, where no field may be left out or added."""
    found: dict[str, Any] = full.get("/openapi.json").json  # type: ignore[assignment]
    closed: dict[str, Any] = _closed(found)
    return closed


def _closed(value: Any) -> Any:
    if isinstance(value, list):
        return [_closed(each) for each in value]
    if not isinstance(value, dict):
        return value
    closed = {key: _closed(each) for key, each in value.items()}
    return closed | {"additionalProperties": False} if "properties" in value else closed


def test_every_route_is_documented_or_exempt_for_a_reason(app: Flask) -> None:
    assert [rule.rule for rule, told in routes(app) if told is None] == []
    assert all(told.reason for _, told in routes(app) if isinstance(told, Exempt))


def test_a_route_that_tells_nothing_of_itself_is_found(tmp_path: Path) -> None:
    app = serving.make_app(tmp_path)
    app.add_url_rule("/silent/<int:number>", view_func=lambda number: str(number))
    silent = [path_of(rule) for rule, told in routes(app) if told is None]
    assert silent == ["/silent/{number}"]


def test_every_parameter_that_steers_a_search_is_documented(app: Flask) -> None:
    values = (
        "k=3&metric=cosine&class=x&min=.5&order=farthest&sort=path&page=2&box=0,0,.5,.5"
        "&box2=0,0,.5,.5&more=1-0123456789ab&less=2-0123456789ab"
    )
    asked = MultiDict([pair.split("=", 1) for pair in values.split("&")])
    with app.app_context():
        said = set(Question.of(asked).parameters(page=2))
    for wish in ("exact", "recall", "budget"):
        said.add(wish)
    assert said <= {parameter.name for parameter in OF_QUERY}
    assert len(said) > 13


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/", "/"),
        ("/index/", "/index/"),
        ("/index/{name}", "/index/sample"),
        ("/gallery/{index}", "/gallery/sample?class=painting&show=3"),
        ("/gallery/{index}/{image_id}", "/gallery/sample/3"),
        ("/gallery/{index}/rejected", "/gallery/sample/rejected?show=2"),
        ("/keys", "/keys"),
        ("/api", "/api"),
        ("/similar/{index}/{image_id}", "/similar/sample/3?k=2&judge=1"),
        ("/api/v1/ratings", "/api/v1/ratings"),
        ("/index/{name}/quality", "/index/sample/quality"),
        ("/similar/{index}/{image_id}", "/similar/sample/3?k=2"),
        ("/runs/", "/runs/"),
        ("/runs/{name}", "/runs/tuned"),
        ("/runs/{name}", "/runs/begun"),
        ("/runs/{name}", "/runs/taught"),
        ("/runs/{name}", "/runs/whole"),
        ("/reports/", "/reports/"),
        ("/reports/{name}", "/reports/quality"),
        ("/reports/{name}/report.json", "/reports/quality/report.json"),
        ("/healthz", "/healthz"),
        ("/api/v1/health", "/api/v1/health"),
        ("/api/v1/indexes", "/api/v1/indexes"),
        ("/api/v1/indexes/{index}", "/api/v1/indexes/sample"),
        ("/api/v1/images/{index}/{image_id}", "/api/v1/images/sample/3"),
        ("/api/v1/similar/{index}/{image_id}", "/api/v1/similar/sample/3"),
        ("/api/v1/images/{index}/{image_id}", "/api/v1/images/sample/999"),
    ],
)
def test_answers_are_as_described(
    full: FlaskClient, document: dict[str, Any], path: str, address: str
) -> None:
    with full.get(address, headers=JSON) as answer:
        assert_described(document, path, "get", answer.status_code, answer.json)


def assert_described(
    document: dict[str, Any], path: str, method: str, status: int, content: Any
) -> None:
    """Fail where a JSON answer is not what the document says of it."""
    response = document["paths"][path][method]["responses"][str(status)]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[-1]]
    schema = response["content"]["application/json"]["schema"]
    Draft202012Validator(schema | {"components": document["components"]}).validate(content)


def test_the_answer_to_an_upload_is_as_described(
    full: FlaskClient, document: dict[str, Any]
) -> None:
    sent = serving.upload(full, serving.pictures()[2].read_bytes())
    address = sent.headers["Location"]
    answer = full.get(address, headers=JSON)
    assert_described(document, "/q/{token}", "get", 200, answer.json)
    faces = full.get(f"{address}/faces", headers=JSON)
    assert_described(document, "/q/{token}/faces", "get", 200, faces.json)
    wrong = full.get(f"{address}?k=0", headers=JSON)
    assert_described(document, "/q/{token}", "get", 400, wrong.json)


def test_a_twin_holds_what_its_page_shows(full: FlaskClient) -> None:
    page = full.get("/?look=7")
    twin = full.get("/?look=7", headers=JSON)
    assert twin.json is not None
    assert "Accept" in page.headers["Vary"]
    assert "Accept" in twin.headers["Vary"]
    shown = re.findall(r'<img src="([^"]+)"', page.text)
    assert [each["links"]["small"] for each in twin.json["pictures"]] == list(map(unescape, shown))
    rejected = full.get("/gallery/sample/rejected?reason=empty", headers=JSON).json
    assert rejected is not None
    assert [each["reason"] for each in rejected["files"]] == ["empty"]


def test_the_home_page_has_a_twin_where_nothing_was_built(tmp_path: Path) -> None:
    answer = serving.make_app(tmp_path).test_client().get("/", headers=JSON)
    assert answer.json == {"index": None, "indexes": [], "pictures": []}


def test_the_page_for_programs_tells_of_every_operation(full: FlaskClient) -> None:
    page = unescape(full.get("/api").text)
    paths = full.get("/openapi.json").json["paths"]  # type: ignore[index]
    for path, methods in paths.items():
        for method in methods:
            assert f"{method.upper()} {path}</code></h3>" in page
    assert " style=" not in page
    assert page.count("<script") == page.count("<script src=") + 1  # and one of words, as data


def test_the_page_for_programs_is_the_description_to_programs(full: FlaskClient) -> None:
    answer, page = full.get("/api", headers=JSON), full.get("/api")
    assert answer.json == full.get("/openapi.json").json
    assert page.mimetype == "text/html"
    assert all("Accept" in each.headers["Vary"] for each in (answer, page))


def test_the_examples_of_the_page_for_programs_are_answered(full: FlaskClient) -> None:
    page = unescape(full.get("/api").text)
    lines = [shlex.split(line) for line in re.findall(r"<pre[^>]*><code>(curl .*?)</code>", page)]
    tried = 0
    for line in lines:
        path = urlsplit(line[-1])._replace(scheme="", netloc="").geturl()
        accept = JSON if any(word.startswith("Accept:") for word in line) else {}
        if "-d" in line:
            body = json.loads(line[line.index("-d") + 1])
            if "ticket" in body:
                hits = full.get("/similar/sample/3?judge=1", headers=JSON).json
                assert hits is not None
                body |= {"ticket": hits["judging"]["hits"][0]["ticket"]}
            assert full.post(path, json=body).status_code == 200
        elif (
            not {"-F", "-X"} & set(line)
            and path.upper().lower() == path.lower()
            and _leads_somewhere(path)
        ):
            with full.get(path, headers=accept) as answer:
                assert answer.status_code in (200, 503), path
        else:
            continue
        tried += 1
    assert tried >= 10


def test_behind_a_prefix_what_programs_are_told_begins_with_it(full: FlaskClient) -> None:
    prefix = {"SCRIPT_NAME": "/pictures"}
    told = full.get("/openapi.json", environ_overrides=prefix).json
    assert told is not None
    assert told["servers"] == [{"url": "/pictures"}]
    page = unescape(full.get("/api", environ_overrides=prefix).text)
    lines = re.findall(r"<pre[^>]*><code>(curl .*?)</code>", page)
    assert lines
    assert all("http://localhost/pictures/" in line for line in lines)
    tried = re.findall(r'data-path="([^"]+)"', page)
    assert tried
    assert all(path.startswith("/pictures/") for path in tried)
    plain = full.get("/openapi.json").json
    assert plain is not None
    assert plain["servers"] == [{"url": "/"}]


def _leads_somewhere(path: str) -> bool:
    return not re.search(r"/(NAME|TOKEN|FILE|HIT)\b", path)


def test_a_key_is_described_where_one_is_needed(copy: Path) -> None:
    open_app, closed_app = serving.make_app(copy), serving.make_app(copy, API_KEY=["k"])
    with open_app.app_context():
        free = description(open_app)
    with closed_app.app_context():
        keyed = description(closed_app)
    assert "security" not in free["paths"]["/api/v1/indexes"]["get"]
    assert keyed["paths"]["/api/v1/indexes"]["get"]["security"] == [{"key": []}]
    assert "401" in keyed["paths"]["/api/v1/search"]["post"]["responses"]
    assert "security" not in keyed["paths"]["/healthz"]["get"]


def test_docstrings_become_meanings() -> None:
    class Base:
        """One.

        Attributes:
            first: what it is,
                at length.
        """

    class Thing(Base):
        """Two.

        Attributes:
            left, right: two of
                a kind.

        More words: not a field.
        """

    assert meanings(Thing) == {
        "first": "what it is, at length.",
        "left": "two of a kind.",
        "right": "two of a kind.",
    }


def test_types_become_schemas() -> None:
    schemas = Schemas()
    number = {"type": "number"}
    assert schemas.of(tuple[float, ...]) == {"type": "array", "items": number}
    assert schemas.of(tuple[float, float]) == {
        "type": "array",
        "items": number,
        "minItems": 2,
        "maxItems": 2,
    }
    assert schemas.of(float | None) == {"type": ["number", "null"]}
    assert schemas.of(float, Way(frozenset({float}))) == {"type": ["number", "null"]}
    assert schemas.of(dict[str, int])["additionalProperties"] == {"type": "integer"}
    with pytest.raises(TypeError, match="no place in JSON"):
        schemas.of(Path, TAKEN)


def test_two_dataclasses_of_one_name_are_refused() -> None:
    from indexer.experiments.runs.underway import Stage as Underway
    from indexer.manifest import Stage

    schemas = Schemas()
    schemas.of(Stage)
    with pytest.raises(TypeError, match="Stage"):
        schemas.of(Underway)
