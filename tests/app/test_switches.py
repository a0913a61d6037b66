"""The form of a page of hits: what it offers, and the short addresses that it leads to."""

import re

import pytest
from flask.testing import FlaskClient

from tests.app.asking import JSON, Asking


def test_a_form_leads_to_a_short_address(client: FlaskClient) -> None:
    answer = client.get(
        "/similar/sample/0?search=exact%3D0&k=5&metric=&min=&order=nearest&sort=path&class=painting"
        "&class=drawing&named=sculpture&left=10&top=20&right=50&bottom=100"
    )
    assert answer.headers["Location"] == (
        "/similar/sample/0?k=5&exact=0&class=drawing&class=painting&class=sculpture&sort=path"
        "&box=0.1%2C0.2%2C0.5%2C1"
    )


def test_a_form_without_a_part_asks_for_all(client: FlaskClient) -> None:
    answer = client.get("/similar/sample/0?search=exact%3D1&k=5&left=0&top=0&right=100&bottom=100")
    assert answer.headers["Location"] == "/similar/sample/0?k=5&exact=1"


@pytest.mark.parametrize(
    ("edges", "missing"),
    [
        ("left=10&top=20&right=&bottom=90", "right"),
        ("left=10&top=20&right=50", "bottom"),
        ("left2=&top2=20&right2=50&bottom2=90", "left2"),
        ("left=0&top=0&right=100&bottom=100&top2=5", "left2, right2, bottom2"),
    ],
)
def test_an_edge_that_is_missing_beside_others_is_named(
    client: FlaskClient, edges: str, missing: str
) -> None:
    answer = client.get(f"/similar/sample/0?search=exact%3D1&{edges}", headers=JSON)
    assert answer.status_code == 400
    assert answer.json is not None
    assert f"four edges, and {missing} " in answer.json["error"]["message"]


def test_a_form_whose_edges_are_all_empty_asks_for_all(client: FlaskClient) -> None:
    answer = client.get("/similar/sample/0?search=exact%3D1&k=5&left=&top=&right=&bottom=")
    assert answer.headers["Location"] == "/similar/sample/0?k=5&exact=1"


def test_no_edge_of_a_part_can_be_left_empty(client: FlaskClient) -> None:
    page = client.get("/similar/sample/0?k=5").text
    fields = re.findall(r"<input[^>]* name=\"(?:left|top|right|bottom)\"[^>]*>", page)
    assert len(fields) == 4
    assert all(" required" in field for field in fields)


def test_behind_a_prefix_a_form_leads_to_an_address_behind_it(client: FlaskClient) -> None:
    prefix = {"SCRIPT_NAME": "/pictures"}
    page = client.get("/similar/sample/0?k=5", environ_overrides=prefix).text
    (action,) = re.findall(r'<form class="switches"[^>]* action="([^"]+)"', page)
    assert action == "/pictures/similar/sample/0"
    path = action.removeprefix("/pictures")
    led = client.get(f"{path}?search=exact%3D1&k=7", environ_overrides=prefix)
    assert led.headers["Location"] == "/pictures/similar/sample/0?k=7&exact=1"
    address = led.headers["Location"].removeprefix("/pictures")
    assert client.get(address, environ_overrides=prefix).status_code == 200


def test_classes_are_offered_with_their_counts(client: FlaskClient, ask: Asking) -> None:
    page = client.get("/similar/sample/0?class=painting").text
    assert 'class="form-check-input" type="checkbox" name="class" value="painting" checked>' in page
    assert "12 pictures" in page
    assert {hit["label"] for hit in ask("class=painting&class=drawing&k=20")} == {
        "painting",
        "drawing",
    }


def test_the_form_says_whether_to_fold(client: FlaskClient) -> None:
    form = "/similar/sample/0?search=exact%3D1&k=5&fold=0"
    assert client.get(form).headers["Location"] == "/similar/sample/0?k=5&exact=1&fold=0"
    ticked = client.get(f"{form}&fold=1")
    assert ticked.headers["Location"] == "/similar/sample/0?k=5&exact=1"
