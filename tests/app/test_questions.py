"""What is asked by addresses and uploads: several pictures, parts of them, faces, classes."""

import re
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.search.uploads import MOST_PICTURES
from tests import serving
from tests.app.asking import JSON, Asking, links, send
from tests.portraits import draw_portrait


def test_several_pictures_are_searched_together(app: Flask) -> None:
    pictures = [path.read_bytes() for path in (serving.pictures()[0], serving.pictures()[-1])]
    answer = send(app, pictures)
    page = app.test_client().get(answer.headers["Location"])
    assert "Pictures like yours together" in page.text
    assert "Your picture 2" in page.text
    own = {serving.pictures()[at].relative_to(serving.gallery()).as_posix() for at in (0, -1)}
    shown = re.findall(r'<p class="path" title="([^"]+)"', page.text)
    assert own == set(shown[:2])
    second = app.test_client().get(f"{answer.headers['Location']}/picture.jpg?position=1")
    assert second.data.startswith(b"\xff\xd8")


def test_too_many_pictures_are_refused(app: Flask) -> None:
    answer = send(app, [serving.png()] * (MOST_PICTURES + 1))
    assert answer.status_code == 400
    assert f"{MOST_PICTURES} pictures at most" in answer.text


@pytest.mark.parametrize("position", ["abc", "-1", "1.5", "9999999999"])
def test_a_position_that_is_no_number_is_refused(app: Flask, position: str) -> None:
    client = app.test_client()
    address = send(app, [serving.pictures()[0].read_bytes()]).headers["Location"]
    (hit, *_) = client.get(f"{address}?k=1", headers=JSON).json["hits"]  # type: ignore[index]
    content = client.get(f"/api/v1/images/sample/{hit['id']}").json["content"]  # type: ignore[index]
    for place in ("picture.jpg", "faces", f"why/{hit['id']}-{content}"):
        answer = client.get(f"{address}/{place}?position={position}", headers=JSON)
        assert answer.status_code == 400
        assert answer.json is not None
        assert f"Received: {position!r}" in answer.json["error"]["message"]
        assert client.get(f"{address}/{place}?position=").status_code == 200


def test_one_bad_picture_among_good_ones_is_refused(app: Flask) -> None:
    answer = send(app, [serving.png(), b"no picture"])
    assert answer.status_code == 415


def test_a_part_is_searched_and_stays_in_the_address(client: FlaskClient, ask: Asking) -> None:
    assert ask("box=0,0,0.5,0.5") != ask("k=10")
    assert ask("box=0,0,1,1") == ask("k=10")
    page = client.get("/similar/sample/0?box=0.1,0.2,0.65,0.9&k=5").text
    assert 'name="right"' in page
    assert 'value="65"' in page
    assert "box=0.1,0.2,0.65,0.9" in unescape(page).replace("%2C", ",")
    assert all("box" not in link for link in links(page, "more"))


@pytest.mark.parametrize(
    "box", ["0.3333333333333333,0,0.6666666666666666,1", "0.0026041666666666665,0,0.75,1"]
)
def test_a_part_may_have_the_decimals_of_a_quotient(client: FlaskClient, box: str) -> None:
    answer = client.get(f"/similar/sample/0?box={box}&k=5&exact=1")
    assert answer.status_code == 200
    page = unescape(answer.text).replace("%2C", ",")
    spelled = re.findall(r'="/[^"]*[?&]box=([^&"#]*)', page)  # the language's links keep all of it
    assert spelled
    assert max(map(len, spelled)) <= len("0.3333,0,0.6667,1")
    (following,) = links(answer.text, "next")
    assert client.get(following).status_code == 200


def test_a_part_of_an_upload_needs_no_new_upload(app: Flask) -> None:
    address = send(app, [serving.pictures()[0].read_bytes()]).headers["Location"]
    whole, part = (
        app.test_client().get(f"{address}?{box}", headers=JSON).json
        for box in ("", "box=0.25,0.25,0.75,0.75")
    )
    assert whole
    assert part
    assert whole["hits"] != part["hits"]
    assert part["milliseconds"]["encode"] > 0


@pytest.mark.parametrize(
    "query",
    [
        "box=1,2,3,4",
        "box=.5,0,.5,1",
        "box=a,b,c,d",
        "box=0,0,1",
        "box=0,0,1e0,1",
        "box=0,0,1e-1,1",
        f"box=0,0,0.{'3' * 23},1",
        "min=2",
        "min=nan",
        "min=much",
        "order=backwards",
        "sort=size",
        "page=0",
        "page=99999",
        "more=12",
        "less=0-xyz",
        "search=exact%3D1&left=a&top=0&right=1&bottom=1",
    ],
)
def test_a_wrong_parameter_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/similar/sample/0?{query}")
    assert answer.status_code == 400
    assert "That cannot be answered" in answer.text


def test_a_class_that_is_not_there_is_refused(client: FlaskClient) -> None:
    answer = client.get("/similar/sample/0?class=stars")
    assert answer.status_code == 404
    assert "stars" in answer.text


def test_those_without_a_class_can_be_searched_too(ask: Asking) -> None:
    assert {hit["label"] for hit in ask("class=")} == {None}


def test_faces_of_an_upload_are_offered_as_parts(app: Flask) -> None:
    picture = BytesIO()
    draw_portrait(((30, 20, 110),), width=400, height=300, seed=40).save(picture, "PNG")
    address = send(app, [picture.getvalue()]).headers["Location"]
    visitor = app.test_client()
    told = visitor.get(f"{address}/faces").json
    assert told
    (face,) = told["faces"]
    page = unescape(visitor.get(address).text).replace("%2C", ",")
    assert f"box={face}" in page
    assert "The face" in page
    assert visitor.get(f"{address}?box={face}").status_code == 200


def test_a_picture_without_a_face_offers_none(app: Flask) -> None:
    address = send(app, [serving.png()]).headers["Location"]
    assert app.test_client().get(f"{address}/faces").json == {"faces": []}
    assert app.test_client().get(f"{address}/faces?position=1").status_code == 404
