"""Addresses made once and filled in are those that Flask makes one by one."""

from html import unescape
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from app.search.marks import Mark
from app.search.patterns import ANY, of_images, of_marks

ODD = "X/2147483647?v=1 &ü"
MARK = Mark(12, "0123456789ab")


@pytest.mark.parametrize("values", [{}, {"k": 5, "class": ["a b", ODD], "min": None}])
@pytest.mark.parametrize("index", ["sample", "2147483647"])
def test_an_image_has_the_address_that_flask_gives_it(
    app: Flask, index: str, values: dict[str, Any]
) -> None:
    with app.test_request_context():
        views: dict[str, Any] = {"search.similar": {}, "gallery.picture": {"size": "small"}}
        for endpoint, own in views.items():
            address = of_images(endpoint, index=index, **own, **values)
            expected = url_for(endpoint, index=index, image_id=7, **own, **values, v="ab12")
            assert address(7, "ab12") == expected


def test_a_mark_is_filled_into_path_and_parameters(app: Flask) -> None:
    with app.test_request_context():

        def why(mark: Mark) -> str:
            given: dict[str, Any] = {"class": str(ANY)}
            return url_for("search.why_query", token="t", hit=str(mark), k=5, **given)

        def more(mark: Mark) -> str:
            given: dict[str, Any] = {
                "class": [str(ANY), ODD],
                "more": ["1-aaaaaaaaaaaa", str(mark)],
                "page": 2,
            }
            return url_for("search.results", token="t", **given)

        for address in (why, more):
            assert of_marks(address(ANY))(MARK) == address(MARK)


def test_behind_a_proxy_addresses_begin_with_its_path(app: Flask) -> None:
    with app.test_request_context(environ_overrides={"SCRIPT_NAME": "/pictures"}):
        address = of_images("search.similar", index="sample")(3, "ab")
        assert address == "/pictures/similar/sample/3?v=ab"


def test_a_hit_that_steers_already_changes_sides(app: Flask, client: FlaskClient) -> None:
    page = client.get("/similar/sample/0?k=5&fold=0", headers={"Accept": "application/json"}).json
    assert page is not None
    hit = page["hits"][0]
    service = app.extensions["likeness"].shelf.get("sample")
    mark = Mark(hit["id"], service.image(hit["id"]).sha256[:12])
    text = client.get(f"/similar/sample/0?k=60&fold=0&judge=1&more={mark}").text
    addresses = [unescape(each) for each in text.split('"') if "less=" in each]
    assert any(f"less={mark}" in each and "more=" not in each for each in addresses)
