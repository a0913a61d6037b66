"""What the ways to ask need of the server: adding to a search, telling scripts, keys, sizes."""

import re
from html import unescape
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.search.keys import GROUPS
from app.search.uploads import MOST_PICTURES
from tests import serving
from tests.portraits import draw_portrait

STATIC, TEMPLATES = serving.PROJECT / "static", serving.PROJECT / "templates"
JSON = {"Accept": "application/json"}
MOST_SCRIPT_BYTES = 40_000


def send(
    app: Flask, pictures: list[bytes], address: str = "/search", **options: object
) -> TestResponse:
    """Upload some pictures at once."""
    client = app.test_client()
    token = serving.token_of(client.get("/").text)
    files = [(BytesIO(data), f"{at}.jpg") for at, data in enumerate(pictures)]
    form = {"csrf_token": token, "index": "sample", "image": files}
    return client.post(address, data=form, **options)  # type: ignore[arg-type]


def adding(page: str) -> str:
    """Return the address by which a page's form adds pictures."""
    found = re.search(r'formaction="([^"]+)"', page)
    assert found
    return unescape(found[1])


def data(at: int) -> bytes:
    """Return the content of a picture of the gallery."""
    return serving.pictures()[at].read_bytes()


def test_pictures_are_added_to_an_upload_and_keep_how_it_was_asked(app: Flask) -> None:
    client = app.test_client()
    first = send(app, [data(0)]).headers["Location"]
    page = client.get(f"{first}?k=20&exact=1&box=0.1,0.1,0.9,0.9").text
    second = send(app, [data(-1)], adding(page)).headers["Location"]
    assert urlsplit(second).path != first
    asked = parse_qs(urlsplit(second).query)
    assert asked == {"k": ["20"], "exact": ["1"], "box": ["0.1,0.1,0.9,0.9"]}
    together = client.get(second).text
    assert "Pictures like yours together" in together
    for position in (0, 1):
        picture = client.get(f"{urlsplit(second).path}/picture.jpg?position={position}")
        assert picture.data.startswith(b"\xff\xd8")
        faces = client.get(f"{urlsplit(second).path}/faces?position={position}")
        assert faces.status_code == 200
    assert "Your picture 2" not in client.get(first).text


def test_where_no_picture_came_it_can_still_be_added(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/similar/sample/0?k=5&judge=1").text
    form = {"csrf_token": serving.token_of(page), "index": "sample"}
    refused = client.post(adding(page), data=form)
    assert refused.status_code == 400
    assert "Choose a picture first." in refused.text
    again, first = (urlsplit(adding(each)) for each in (refused.text, page))
    assert again.path == first.path
    assert parse_qs(again.query) == parse_qs(first.query)


def test_without_an_addition_none_is_offered_again(app: Flask) -> None:
    client = app.test_client()
    token = serving.token_of(client.get("/").text)
    refused = client.post("/search", data={"csrf_token": token})
    assert (refused.status_code, "formaction" in refused.text) == (400, False)


def test_both_pictures_of_an_addition_are_searched_with(app: Flask) -> None:
    first = send(app, [data(0)]).headers["Location"]
    second = send(app, [data(-1)], f"/search?onto={first[3:]}").headers["Location"]
    at_once = send(app, [data(0), data(-1)]).headers["Location"]
    added, together = (
        app.test_client().get(address, headers=JSON).get_json()["hits"]
        for address in (f"{urlsplit(second).path}?exact=1", f"{at_once}?exact=1")
    )
    assert added == together


def test_pictures_are_added_to_an_indexed_one(app: Flask) -> None:
    page = app.test_client().get("/similar/sample/0?k=5").text
    address = send(app, [data(-1)], adding(page)).headers["Location"]
    assert parse_qs(urlsplit(address).query)["more"][0].startswith("0-")
    assert "Also like" in app.test_client().get(address).text


def test_no_more_pictures_are_added_than_a_search_takes(app: Flask) -> None:
    first = send(app, [serving.png()] * MOST_PICTURES).headers["Location"]
    answer = send(app, [serving.png()], f"/search?onto={first[3:]}")
    assert answer.status_code == 400
    assert f"{MOST_PICTURES} pictures at most" in answer.text


def test_nothing_is_added_to_a_search_that_is_gone(app: Flask) -> None:
    assert send(app, [serving.png()], f"/search?onto={'x' * 22}").status_code == 404


def test_scripts_are_told_the_address_of_the_answer(app: Flask) -> None:
    answer = send(app, [serving.png()], headers=JSON)
    assert answer.status_code == 201
    assert answer.json == {"address": answer.headers["Location"]}
    assert re.fullmatch(r"/q/[\w-]{22}", answer.json["address"])


def test_scripts_are_told_what_is_wrong(app: Flask) -> None:
    answer = send(app, [], headers=JSON)
    assert answer.status_code == 400
    assert answer.json == {"error": {"code": "bad_request", "message": "Choose a picture first."}}


def test_of_several_pictures_the_bad_one_is_named(app: Flask) -> None:
    answer = send(app, [serving.png(), b"no picture", serving.png()], headers=JSON)
    assert answer.status_code == 415
    assert answer.json
    assert answer.json["error"]["message"].startswith("Picture 2 of 3: ")


def test_an_upload_over_the_limit_is_told_of_all_pictures_together(copy: Path) -> None:
    app = serving.make_app(copy, MAX_UPLOAD_BYTES=100_000)
    answer = send(app, [b"x" * 90_000] * 2, headers=JSON)
    assert answer.status_code == 413
    assert answer.json
    assert "97.7 kB, all its pictures together" in answer.json["error"]["message"]


def test_known_faces_are_drawn_over_the_picture(app: Flask) -> None:
    picture = BytesIO()
    draw_portrait(((30, 20, 110),), width=400, height=300, seed=40).save(picture, "PNG")
    address = send(app, [picture.getvalue()]).headers["Location"]
    client = app.test_client()
    (face,) = client.get(f"{address}/faces").get_json()["faces"]
    left, _, right, _ = (100 * float(edge) for edge in face.split(","))
    page = client.get(address).text
    drawn = re.search(r'<rect x="([\d.]+)%" y="[\d.]+%" width="([\d.]+)%"', page)
    assert drawn
    assert float(drawn[1]) == pytest.approx(left, abs=0.02)
    assert float(drawn[2]) == pytest.approx(right - left, abs=0.02)
    assert "data-faces" not in page


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ("", "All classes"),
        ("class=painting", "Class: painting"),
        ("class=painting&class=drawing", "Classes: drawing, painting"),
    ],
)
def test_the_classes_that_are_searched_are_named(
    client: FlaskClient, query: str, heading: str
) -> None:
    page = client.get(f"/similar/sample/0?{query}").text
    assert f"<summary>{heading}</summary>" in re.sub("</?bdi[^>]*>", "", page)


def test_every_key_of_the_pages_is_in_the_list() -> None:
    listed = {name.replace(" then ", "") for group in GROUPS for key in group.keys
              for name in key.names}  # fmt: skip
    sources = [*TEMPLATES.rglob("*.html"), *STATIC.glob("*.js")]
    text = "".join(path.read_text() for path in sources)
    named = re.findall(r'data-key="([^"]+)"|dataset\.key = "([^"]+)"', text)
    used = {key for pair in named for key in "".join(pair).split()}
    of_scripts = {"j", "k", "Enter", "Esc", "Tab", "← → ↑ ↓", "Shift with ← → ↑ ↓"}
    of_scripts |= {"1 2 3 4 5 6 7 8 9 0", "r", "x", "Backspace"}
    assert used | of_scripts == listed


def test_keys_are_listed_on_a_page_and_in_json(client: FlaskClient) -> None:
    assert '<kbd translate="no">?</kbd>' in client.get("/keys").text
    groups = client.get("/keys", headers=JSON).get_json()["groups"]
    assert groups[0]["keys"][0] == {"names": ["?"], "does": "Show these keys"}


def test_scripts_are_small() -> None:
    assert sum(path.stat().st_size for path in STATIC.rglob("*.js")) < MOST_SCRIPT_BYTES
