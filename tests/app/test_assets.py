"""Static files: addressed by their content, and kept for ever by whom they were sent to."""

import re
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from app import assets
from tests import serving

STATIC = serving.PROJECT / "static"
ASSET = re.compile(r'(?:src|href)="([^"]*/(?:static|bootstrap)/[^"]*)"')


def cache_control(client: FlaskClient, address: str) -> str:
    """Return how long an answer may be kept."""
    with client.get(address) as response:
        assert response.status_code == 200
        return response.headers["Cache-Control"]


@pytest.mark.parametrize("page", ["/", "/similar/sample/0?judge=1", "/gallery/sample", "/api"])
def test_all_that_a_page_loads_is_kept_for_ever(client: FlaskClient, page: str) -> None:
    addresses = ASSET.findall(client.get(page).text)
    assert any("bootstrap" in address for address in addresses)
    for address in addresses:
        assert cache_control(client, address) == "public, max-age=31536000, immutable"


def test_an_address_names_the_digest_of_its_file(app: Flask) -> None:
    digest = sha256((STATIC / "likeness.css").read_bytes()).hexdigest()[:10]
    with app.test_request_context():
        assert url_for("static", filename="likeness.css") == f"/static/v-{digest}/likeness.css"


@pytest.mark.parametrize("folder", ["", "v-0123456789/"])
def test_without_the_right_digest_a_file_is_asked_for_anew(
    client: FlaskClient, folder: str
) -> None:
    address = f"/static/{folder}likeness.css"
    assert cache_control(client, address) == "no-cache"
    with client.get(address) as first:
        known = {"If-None-Match": first.headers["ETag"]}
    with client.get(address, headers=known) as again:
        assert again.status_code == 304
        assert again.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.js", "../app/config.py", "v-0123456789/x.css"])
def test_what_is_not_there_has_no_version_and_is_not_found(
    app: Flask, client: FlaskClient, name: str
) -> None:
    with app.test_request_context():
        address = url_for("static", filename=name)
    assert address == f"/static/{name}"
    for asked in (address, f"/static/v-0123456789/{name}"):
        with client.get(asked) as response:
            assert response.status_code == 404


def test_a_file_that_changed_has_another_address(tmp_path: Path) -> None:
    style = tmp_path / "a.css"
    style.write_text("a { color: red; }")
    before = assets.version(style)
    assert assets.version(style) == before
    style.write_text("a { color: blue; }")
    assert assets.version(style) != before


def test_a_script_is_new_where_one_beside_it_is(tmp_path: Path) -> None:
    one, other = tmp_path / "one.js", tmp_path / "other.js"
    one.write_text('import { x } from "./other.js";')
    other.write_text("export const x = 1;")
    before = assets.version(one)
    assert assets.version(other) == before
    other.write_text("export const x = 22;")
    assert assets.version(one) == assets.version(other) != before


def test_a_page_names_the_modules_that_it_will_load(client: FlaskClient) -> None:
    page = client.get("/").text
    named = re.findall(r'rel="modulepreload" href="[^"]*/([\w.]+)"', page)
    loaded, ahead = set(), ["likeness.js"]
    while ahead:
        text = (STATIC / ahead.pop()).read_text()
        new = set(re.findall(r'from "\./([\w.]+)"', text)) - loaded
        loaded |= new
        ahead += new
    assert set(named) == loaded
    assert len(named) == len(loaded) > 5


def test_modules_and_their_imports_have_one_folder(client: FlaskClient) -> None:
    found = [address for address in ASSET.findall(client.get("/").text) if address.endswith(".js")]
    assert len({address.rpartition("/")[0] for address in found}) == 1


def test_modules_that_import_each_other_are_named_once(app: Flask, tmp_path: Path) -> None:
    own = serving.make_app(serving.instance())
    own.static_folder = str(tmp_path)
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nexport const a = 1;')
    (tmp_path / "b.js").write_text('import {\n  a,\n} from "./a.js";\nexport { c } from "./c.js";')
    (tmp_path / "c.js").write_text("export const c = 1;")
    with own.test_request_context():
        names = [address.rpartition("/")[2] for address in assets.modules("a.js")]
    assert names == ["b.js", "c.js"]


def test_behind_a_prefix_all_of_it_stands_behind_the_prefix(client: FlaskClient) -> None:
    page = client.get("/", environ_overrides={"SCRIPT_NAME": "/pictures"}).text
    addresses = ASSET.findall(page)
    assert addresses
    assert all(address.startswith("/pictures/") for address in addresses)


def test_workers_agree(client: FlaskClient) -> None:
    other = serving.make_app(serving.instance()).test_client()
    assets._digest.cache_clear()
    assert ASSET.findall(other.get("/").text) == ASSET.findall(client.get("/").text)
