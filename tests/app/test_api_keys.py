"""Keys of programs: asked for under /api/v1 alone, several so that they can be rotated."""

import base64
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from tests import serving


@pytest.fixture(scope="module")
def keyed() -> FlaskClient:
    """A visitor of an application with two keys."""
    return serving.make_app(serving.instance(), API_KEY="old key, new-kéy").test_client()


def ask(client: FlaskClient, authorization: str, path: str = "/api/v1/indexes") -> int:
    """Return the status of a request with a header."""
    headers = {"Authorization": authorization} if authorization else {}
    return client.get(path, headers=headers).status_code


@pytest.mark.parametrize("key", ["old key", "new-kéy"])
def test_each_key_is_let_in(keyed: FlaskClient, key: str) -> None:
    sent = f"Bearer {key}".encode().decode("latin-1")
    assert ask(keyed, sent) == 200


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer old",
        "Bearer old key, new-key",
        "old key",
        "Basic " + base64.b64encode(b"user:old key").decode(),
        "Basic \x80",
        "Digest username=x",
    ],
)
def test_nothing_else_is(keyed: FlaskClient, authorization: str) -> None:
    assert ask(keyed, authorization) == 401


def test_the_refusal_says_what_to_send(keyed: FlaskClient) -> None:
    refused = keyed.post("/api/v1/search", headers={"Authorization": "Bearer wrong"})
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="Likeness"'
    assert refused.json is not None
    assert refused.json["error"]["code"] == "key_needed"
    assert "Authorization: Bearer KEY" in refused.json["error"]["message"]
    assert "old key" not in refused.text


@pytest.mark.parametrize("path", ["/", "/healthz", "/openapi.json", "/api", "/similar/sample/0"])
def test_pages_need_no_key(keyed: FlaskClient, path: str) -> None:
    assert ask(keyed, "", path) in (200, 503)


def test_every_route_for_programs_needs_a_key(keyed: FlaskClient) -> None:
    for rule in keyed.application.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/"):
            path = rule.rule.replace("<int(max=2147483647):image_id>", "0")
            path = path.replace("<index>", "sample").replace("<int(max=2147483647):number>", "1")
            method = sorted({*(rule.methods or ())} - {"OPTIONS", "HEAD"})[-1]
            assert keyed.open(path, method=method).status_code == 401, path


def test_without_a_key_set_all_is_open(client: FlaskClient) -> None:
    assert ask(client, "") == 200
    assert ask(client, "Bearer anything") == 200


def test_keys_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIKENESS_API_KEY", "one, two,")
    assert create_app({"INSTANCE": tmp_path}).config["API_KEY"] == ["one", "two"]
