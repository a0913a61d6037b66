"""Readiness: honest about what is not there yet, and about what is wrong."""

import gc
import time
from pathlib import Path

from flask.testing import FlaskClient

from tests import serving


def await_status(client: FlaskClient, wanted: str) -> int:
    """Ask until the status is the wanted one; return the HTTP status."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        response = client.get("/healthz")
        assert response.json is not None
        if response.json["status"] == wanted:
            return response.status_code
        time.sleep(0.05)
    raise AssertionError(response.json)


def test_without_an_index_it_is_not_ready(tmp_path: Path) -> None:
    response = serving.make_app(tmp_path).test_client().get("/healthz")
    assert response.status_code == 503
    assert response.json is not None
    assert response.json["status"] == "no index"


def test_it_gets_ready_by_itself(copy: Path) -> None:
    client = serving.make_app(copy).test_client()
    first = client.get("/healthz")
    assert first.status_code == 503
    assert first.json == {"status": "starting", "indexes": ["sample"], "reasons": []}
    assert await_status(client, "ready") == 200
    assert gc.get_freeze_count() > 100_000  # is not looked through for garbage with every page


def test_a_damaged_index_is_a_failure_with_a_reason(copy: Path) -> None:
    for path in copy.rglob("manifest.json"):
        path.unlink()
    client = serving.make_app(copy).test_client()
    client.get("/healthz")
    assert await_status(client, "failed") == 503
    reasons = client.get("/healthz").json["reasons"]  # type: ignore[index]
    assert "manifest.json" in reasons[0]
    assert str(copy) not in reasons[0]


def test_the_only_features_are_found_damaged_after_the_start(copy: Path) -> None:
    (features,) = copy.rglob("features.npy")
    content = bytearray(features.read_bytes())
    content[-4] ^= 1  # the last digit of a feature: nothing but the checksum can tell
    features.unlink()  # it is a link to the file that other tests search
    features.write_bytes(content)
    client = serving.make_app(copy).test_client()
    client.get("/healthz")
    await_status(client, "failed")
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "features.npy is damaged" in answer.json["reasons"][0]  # type: ignore[index]


def test_a_database_that_is_down_degrades(copy: Path) -> None:
    client = serving.make_app(copy).test_client()
    client.get("/healthz")
    await_status(client, "ready")
    broken = serving.make_app(copy, DATABASE_URL="sqlite:////nowhere/at/all").test_client()
    broken.get("/healthz")
    assert await_status(broken, "degraded") == 200
