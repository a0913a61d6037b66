"""The main job in the browser: upload, results, switches, more like this."""

import math
import re
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.schema import queries, query_pictures
from tests import serving


@pytest.fixture(scope="module")
def page(app: Flask) -> TestResponse:
    """The result page of the gallery's first picture."""
    data = serving.pictures()[0].read_bytes()
    return serving.upload(app.test_client(), data, follow_redirects=True)


def first_path(page: TestResponse) -> str:
    """Return the path of a page's first hit."""
    found = re.search(r'<p class="path" title="([^"]+)"', page.text)
    assert found
    return found[1]


def count_hits(page: TestResponse) -> int:
    """Return how many hits a page shows."""
    return page.text.count('class="card-hit"')


def test_the_home_page_holds_the_form_and_a_look_into_the_gallery(client: FlaskClient) -> None:
    page = client.get("/").text
    assert 'type="file"' in page
    assert 'enctype="multipart/form-data"' in page
    assert page.count('src="/images/sample/') == 18
    assert f"{serving.count()} pictures" in page


def test_a_look_can_be_repeated_and_changed(client: FlaskClient) -> None:
    def shown(look: str) -> list[str]:
        return re.findall(r"/similar/sample/(\d+)", client.get(f"/?look={look}").text)

    assert shown("7") == shown("7") != shown("8")
    assert len(shown("-1")) == len(shown("x")) == len(shown("9" * 5000)) == 18


def test_an_upload_leads_to_a_page_of_its_own(client: FlaskClient) -> None:
    response = serving.upload(client, serving.pictures()[0].read_bytes())
    assert response.status_code == 303
    assert re.fullmatch(r"/q/[\w-]{22}", response.headers["Location"])


@pytest.mark.parametrize("byte", [b"\r", b"\n", b"-"])
def test_no_content_of_a_picture_is_taken_for_the_forms_own(app: Flask, byte: bytes) -> None:
    color = (ord(byte),) * 3
    content = BytesIO()
    Image.new("RGB", (400, 300), color).save(content, "BMP")
    assert serving.upload(app.test_client(), content.getvalue()).status_code == 303


def test_an_indexed_picture_finds_itself_first(page: TestResponse) -> None:
    picture = serving.pictures()[0]
    assert page.status_code == 200
    assert first_path(page) == picture.relative_to(serving.gallery()).as_posix()
    assert re.search(r"distance</span> 0(\.000\d)?<", page.text)
    assert count_hits(page) == 10


def test_the_line_says_what_was_searched(page: TestResponse) -> None:
    assert re.search(
        rf"Looked at \d+ of {serving.count()} pictures \(\d+ %\), which finds [\d.]+ % of the "
        r"nearest, as measured\.</p>",
        page.text,
    )
    assert re.search(
        r">What was looked at lay in \d+ buckets?, and \d+ were measured\. [\d.]+ ms "
        r"\(decode [\d.]+, encode [\d.]+, search [\d.]+\)",
        page.text,
    )


def test_a_result_page_can_be_reloaded_and_shared(app: Flask, page: TestResponse) -> None:
    again = app.test_client().get(page.request.path)
    assert again.status_code == 200
    assert first_path(again) == first_path(page)
    assert again.headers["X-Robots-Tag"] == "noindex"


def test_another_worker_answers_the_same_page(page: TestResponse) -> None:
    other = serving.make_app(serving.instance()).test_client()
    assert first_path(other.get(page.request.path)) == first_path(page)


def test_switches_keep_the_query(client: FlaskClient, page: TestResponse) -> None:
    switched = client.get(f"{page.request.path}?k=20&metric=euclidean&exact=1")
    assert count_hits(switched) == 20
    assert f"Looked at all {serving.count()} pictures: exact.<" in switched.text
    assert re.search(r'<option value="euclidean" selected>', switched.text)
    assert first_path(switched) == first_path(page)
    assert "exact=1" in switched.text.split('class="more"')[1]


@pytest.mark.parametrize(
    "query",
    [
        "k=0",
        "k=101",
        "metric=manhattan",
        "exact=maybe",
        "recall=1.5",
        "recall=nan",
        "recall=most",
        "budget=0",
        "budget=-5",
        "search=metric%3Dl1",
    ],
)
def test_a_wrong_switch_is_refused(client: FlaskClient, page: TestResponse, query: str) -> None:
    response = client.get(f"{page.request.path}?{query}")
    assert response.status_code == 400
    assert "Received" in response.text


def test_one_wish_at_a_time(client: FlaskClient) -> None:
    response = client.get("/similar/sample/0?recall=0.9&exact=1")
    assert response.status_code == 400
    assert "one of exact, recall and budget" in response.text


@pytest.mark.parametrize("wish", ["recall=0.9", "budget=15", "exact=1"])
def test_a_page_keeps_the_wish_it_was_asked_for(client: FlaskClient, wish: str) -> None:
    page = client.get(f"/similar/sample/0?k=5&{wish}").text
    assert f'<option value="{wish}" selected>' in page
    assert f"?k=5&amp;{wish}" in page.split('class="more"')[1]


def test_a_recall_that_nothing_measured_gives_is_searched_exactly(client: FlaskClient) -> None:
    page = client.get("/similar/sample/0?k=20&recall=0.9").text
    assert "exact, as nothing less is known to find 90 %" in page


def test_the_list_of_wishes_leads_to_an_address_that_can_be_kept(client: FlaskClient) -> None:
    response = client.get("/similar/sample/0?search=recall%3D0.9&k=5&metric=cosine&_external=1")
    assert response.status_code == 303
    assert response.headers["Location"] == "/similar/sample/0?k=5&recall=0.9&metric=cosine"


def test_the_query_is_shown_re_encoded(client: FlaskClient, page: TestResponse) -> None:
    response = client.get(f"{page.request.path}/picture.jpg")
    assert response.mimetype == "image/jpeg"
    assert response.data.startswith(b"\xff\xd8")
    assert "private" in response.headers["Cache-Control"]


@pytest.mark.parametrize(("size", "side"), [("small", 320), ("medium", 640), ("large", 1024)])
def test_of_the_query_smaller_renderings_are_sent(app: Flask, size: str, side: int) -> None:
    client = app.test_client()
    address = serving.upload(client, serving.png(1500, 1000)).headers["Location"]
    response = client.get(f"{address}/picture.jpg?size={size}")
    assert max(Image.open(BytesIO(response.data)).size) == side
    assert "private" in response.headers["Cache-Control"]
    known = {"If-None-Match": response.headers["ETag"]}
    again = client.get(f"{address}/picture.jpg?size={size}", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == response.headers["Cache-Control"]


def test_an_unknown_rendering_of_the_query_is_refused(
    client: FlaskClient, page: TestResponse
) -> None:
    assert client.get(f"{page.request.path}/picture.jpg?size=huge").status_code == 400


def test_renderings_of_the_query_go_with_it(copy: Path) -> None:
    app = serving.make_app(copy)
    client = app.test_client()
    address = serving.upload(client, serving.png(1500, 1000)).headers["Location"]
    small = f"{address}/picture.jpg?size=small"
    assert client.get(small).status_code == 200
    app.extensions["likeness"].queries.purge(math.inf)
    assert client.get(small).status_code == 404


def test_more_like_this_leaves_the_picture_itself_out(client: FlaskClient) -> None:
    page = client.get("/similar/sample/0?k=20")
    assert count_hits(page) == 20
    assert 'class="more" href="/similar/sample/0?' not in page.text
    assert 'src="/images/sample/0/large.jpg' in page.text


def test_more_like_this_keeps_the_switches(client: FlaskClient) -> None:
    page = client.get("/similar/sample/0?k=5&metric=euclidean&exact=1").text
    assert "?k=5&amp;exact=1&amp;metric=euclidean" in page


def test_a_query_of_another_encoder_is_encoded_again(app: Flask) -> None:
    client = app.test_client()
    address = serving.upload(client, serving.pictures()[5].read_bytes()).headers["Location"]
    token = address.removeprefix("/q/")
    shared = app.extensions["likeness"]
    with shared.database.begin() as connection:
        of_query = update(queries).where(queries.c.token == token)
        connection.execute(of_query.values(fingerprint="other"))
        of_picture = update(query_pictures).where(query_pictures.c.token == token)
        connection.execute(of_picture.values(feature=b"\0" * 12))
    page = client.get(address)
    expected = serving.pictures()[5].relative_to(serving.gallery()).as_posix()
    assert first_path(page) == expected
    service = shared.shelf.get("sample")
    assert shared.queries.load(token).fingerprint == service.manifest.fingerprint.digest


def test_without_an_index_the_page_shows_the_command(tmp_path: Path) -> None:
    client = serving.make_app(tmp_path).test_client()
    for path in ("/", "/index/"):
        page = client.get(path)
        assert page.status_code == 200
        assert "flask index build" in page.text


def test_without_an_index_a_search_says_so(tmp_path: Path) -> None:
    client = serving.make_app(tmp_path, WTF_CSRF_ENABLED=False).test_client()
    response = serving.api(client, serving.png())
    assert response.status_code == 503
    assert response.json is not None
    assert response.json["error"]["code"] == "no_index"
    assert "flask index build" in response.json["error"]["message"]


def test_one_index_is_chosen_among_several(copy: Path) -> None:
    (copy / "indexes" / "sample").rename(copy / "indexes" / "apart")
    serving.copy_of(serving.instance(), copy / "more")
    (copy / "more" / "indexes" / "sample").rename(copy / "indexes" / "sample")
    client = serving.make_app(copy, INDEX="sample").test_client()
    assert "<option selected>sample</option>" in client.get("/").text
    assert "/images/sample/" in client.get("/").text
