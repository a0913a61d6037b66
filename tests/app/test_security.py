"""Headers, cookies, the signing key and proxies."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.security import secret_key
from tests import serving


@pytest.mark.parametrize("address", ["/", "/nothing", "/healthz", "/static/likeness.css"])
def test_every_answer_carries_the_security_headers(client: FlaskClient, address: str) -> None:
    with client.get(address) as response:
        headers = response.headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_pages_hold_no_inline_script_or_style(client: FlaskClient) -> None:
    pages = [client.get(path).text for path in ("/", "/index/", "/similar/sample/0", "/nothing")]
    for page in pages:
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count("<script src=") + 1  # of words, as data


def test_the_cookie_is_not_for_scripts_or_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_the_cookie_is_secure_under_https(client: FlaskClient) -> None:
    assert "Secure" in client.get("/", base_url="https://localhost").headers["Set-Cookie"]


def test_the_signing_key_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    first = secret_key(tmp_path / "instance")
    file = tmp_path / "instance" / "secret_key"
    assert secret_key(tmp_path / "instance") == first == file.read_text()
    assert len(first) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_threads_that_start_together_get_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(secret_key, [tmp_path] * 64))
    assert len(keys) == 1


def test_processes_that_start_together_get_one_key(tmp_path: Path) -> None:
    code = "import sys, pathlib, app.security as s; print(s.secret_key(pathlib.Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    assert len({process.communicate()[0] for process in running}) == 1


def test_a_key_that_cannot_be_kept_still_signs(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert len(secret_key(blocked / "instance")) == 64


def test_a_given_key_is_used(tmp_path: Path) -> None:
    app = serving.make_app(tmp_path, SECRET_KEY="given")
    app.test_client().get("/")
    assert app.secret_key == "given"
    assert not (tmp_path / "secret_key").exists()


def test_a_proxy_cannot_be_made_to_move_the_pages(copy: Path) -> None:
    client = serving.make_app(copy, PROXIES=1).test_client()
    page = client.get("/", headers={"X-Forwarded-Prefix": "/elsewhere"}).text
    assert "/elsewhere" not in page
