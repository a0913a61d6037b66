"""Pictures by id, and the page on an index."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.extensions import index_named
from app.gallery.frontiers import frontier
from indexer.tuning.points import Point, Tuning
from indexer.tuning.queries import GALLERY, Source
from indexer.tuning.targets import Target
from tests import serving


def test_a_picture_is_sent_as_a_thumbnail(client: FlaskClient) -> None:
    response = client.get("/images/sample/0/small.jpg")
    assert response.mimetype == "image/jpeg"
    assert max(Image.open(BytesIO(response.data)).size) <= 320


def test_a_picture_under_its_hash_is_kept_for_ever_by_browsers(client: FlaskClient) -> None:
    address = re.search(r'src="(/images/[^"]+)"', client.get("/").text)
    assert address
    assert "immutable" in client.get(address[1]).headers["Cache-Control"]
    assert "no-cache" in client.get("/images/sample/0/small.jpg").headers["Cache-Control"]


def test_a_picture_that_the_browser_has_is_not_sent_again(client: FlaskClient) -> None:
    etag = client.get("/images/sample/0/small.jpg").headers["ETag"]
    again = client.get("/images/sample/0/small.jpg", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "address",
    [
        "/images/sample/999/small.jpg",
        "/images/sample/-1/small.jpg",
        "/images/sample/99999999999999999999/small.jpg",
        "/images/sample/0/huge.jpg",
        "/images/none/0/small.jpg",
        "/similar/sample/999",
        "/similar/none/0",
        "/index/none",
        "/q/nothing",
        "/q/nothing/picture.jpg",
    ],
)
def test_what_is_unknown_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def contents(client: FlaskClient) -> list[str]:
    """Return what addresses name the contents of the first pictures by."""
    with client.application.app_context():
        catalog = index_named("sample").catalog
        return [catalog.image(number).sha256[:12] for number in range(6)]


def test_addresses_from_before_a_rebuild_lead_to_the_same_picture(client: FlaskClient) -> None:
    content = contents(client)[5]
    moved = client.get(f"/images/sample/0/small.jpg?v={content}")
    assert moved.data == client.get("/images/sample/5/small.jpg").data
    assert moved.data != client.get("/images/sample/0/small.jpg").data
    beyond = client.get(f"/images/sample/999999/small.jpg?v={content}")
    assert beyond.data == moved.data
    pages = [client.get(f"/similar/sample/{n}?v={content}").text for n in (0, 5)]
    names = [re.findall(r'class="path"[^>]*>(?:<bdi>)?([^<]+)', page) for page in pages]
    assert names[0] == names[1]
    assert f'name="v" value="{content}"' in pages[0]


@pytest.mark.parametrize("address", ["/images/sample/0/small.jpg", "/similar/sample/0"])
def test_a_picture_that_has_left_the_index_is_not_found(client: FlaskClient, address: str) -> None:
    with client.get(f"{address}?v=000000000000") as response:
        assert response.status_code == 404
    with client.get(f"{address}?v=") as response:
        assert response.status_code == 200


@pytest.mark.parametrize("content", ["nonsense", "0123456789AB", "0123456789abc", " "])
@pytest.mark.parametrize(
    "address",
    [
        "/images/sample/0/small.jpg",
        "/similar/sample/0",
        "/gallery/sample/0",
        "/api/v1/images/sample/0",
        "/api/v1/similar/sample/0",
    ],
)
def test_what_is_no_content_is_refused(client: FlaskClient, address: str, content: str) -> None:
    answer = client.get(
        address, query_string={"v": content}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json is not None
    assert f"Received: {content!r}" in answer.json["error"]["message"]


def test_the_page_on_an_index_tells_how_it_was_built(client: FlaskClient) -> None:
    page = client.get("/index/sample").text
    for word in ("pocket", "lsh", "fingerprint", "sculpture", "engraving"):
        assert word in page
    assert f"{serving.count()} pictures" in page


def test_the_page_on_an_index_shows_what_more_recall_would_cost(client: FlaskClient) -> None:
    page = client.get("/index/sample").text
    with client.application.app_context():
        tuning = index_named("sample").tuning
    assert tuning
    assert page.count('class="dot"') == len(tuning.frontier)
    assert page.count('class="ring"') == page.count('class="chosen"') == 1
    assert "95 % of the true 10 nearest pictures were wanted" in page
    assert "None of the searches of late has been checked yet" in page
    assert "style=" not in page


def test_a_drawing_of_a_frontier_lies_within_its_field() -> None:
    points = tuple(
        Point(8, 2, 2**n, 17, 1 - 0.9 / 2**n, 0.002, 3e-5 * 4**n, 0.1, 1e4 * 2**n, 10**6, 2**n)
        for n in range(8)
    )
    drawn = frontier(Tuning(Target(0.95), GALLERY, 100, 1, points[5], points))
    assert drawn
    assert [dot.chosen for dot in drawn.dots].index(True) == 5
    places = [(dot.x, dot.y) for dot in drawn.dots]
    assert all(drawn.left <= x <= drawn.right and drawn.top <= y <= drawn.bottom for x, y in places)
    assert places == sorted(places, key=lambda place: (place[0], -place[1]))
    assert (drawn.up[0].text, drawn.up[-1].text) == ("0 %", "100 %")
    assert [mark.text for mark in drawn.across] == [
        f"{size} kB" for size in ("10", "20", "50", "100", "200", "500", "1,000")
    ]
    row = drawn.rows[5]
    assert (row.recall, row.tables, row.parts, row.memory) == ("97 %", "8", "2", "1.0 MB")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (GALLERY, "with 500 pictures of the gallery."),
        (Source("folder", "/home/me/secret"), "with 500 pictures that are not in the gallery."),
        (Source("copies"), "with 500 distorted copies of pictures of the gallery."),
    ],
)
def test_a_frontier_says_what_was_asked(source: Source, words: str) -> None:
    point = Point(8, 2, 64, 33, 0.96, 0.003, 0.1, 0.1, 1e5, 10**6, 64)
    shown = frontier(Tuning(Target(0.95), source, 500, 1, point, (point,)))
    assert shown
    assert shown.sentence.endswith(words)
    assert "secret" not in shown.sentence


def test_the_page_on_an_index_lists_what_was_left_out(client: FlaskClient) -> None:
    page = client.get("/index/sample").text
    assert "Left out" in page
    assert "truncated" in page
    one = client.get("/index/sample?reason=damaged", follow_redirects=True).text
    assert "damaged" in one
    assert "not an image</td>" not in one


def test_the_list_of_indexes_leads_to_each(client: FlaskClient) -> None:
    assert 'href="/index/sample"' in client.get("/index/").text


def test_a_damaged_index_is_listed_and_hides_no_other(copy: Path) -> None:
    serving.copy_of(copy, copy / "more")
    (copy / "more" / "indexes" / "sample").rename(copy / "indexes" / "broken")
    for path in (copy / "indexes" / "broken").rglob("manifest.json"):
        path.unlink()
    client = serving.make_app(copy).test_client()
    page = client.get("/index/").text
    assert "cannot be opened" in page
    assert f"{serving.count()} pictures" in page
    response = client.get("/index/broken")
    assert response.status_code == 503
    assert str(copy) not in response.text
