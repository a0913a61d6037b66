"""What is thrown at the pages and the interface: refused by name, never by a broken page."""

import random
import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image
from PIL.ExifTags import Base

from app.extensions import index_named
from tests import serving


def test_fault_1_no_file(client: FlaskClient) -> None:
    token = serving.token_of(client.get("/").text)
    response = client.post("/search", data={"csrf_token": token})
    assert response.status_code == 400
    assert "Choose a picture first." in response.text
    assert client.post("/api/v1/search").status_code == 400


def test_fault_2_empty_filename(client: FlaskClient) -> None:
    response = serving.upload(client, b"", "")
    assert response.status_code == 400
    assert "Choose a picture first." in response.text
    assert serving.api(client, serving.png(), name="").status_code == 400


@pytest.mark.parametrize(
    ("data", "status", "word"),
    [
        pytest.param(b"", 422, "empty", id="fault 3, zero bytes"),
        pytest.param(b"just text", 415, "JPEG, PNG", id="fault 4, text named .jpg"),
        pytest.param(serving.png()[:60], 422, "damaged", id="fault 5, truncated"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "JPEG", id="fault 15, SVG"),
    ],
)
def test_unusable_pictures_are_refused_by_name(
    client: FlaskClient, data: bytes, status: int, word: str
) -> None:
    page = serving.upload(client, data)
    assert page.status_code == status
    assert word in page.text
    answer = serving.api(client, data)
    assert answer.status_code == status
    assert word in answer.json["error"]["message"]  # type: ignore[index]


def test_fault_17_a_polyglot_is_never_sent_back(client: FlaskClient) -> None:
    data = serving.png() + b"<html><script>alert(1)</script></html>"
    address = serving.upload(client, data, "page.html").headers.get("Location")
    if address:
        picture = client.get(f"{address}/picture.jpg")
        assert b"<script>" not in picture.data
        assert picture.mimetype == "image/jpeg"
        assert picture.headers["X-Content-Type-Options"] == "nosniff"


def test_fault_18_metadata_is_stripped(client: FlaskClient) -> None:
    image = Image.new("RGB", (40, 30), "gold")
    exif = image.getexif()
    exif[Base.ImageDescription] = "<script>secret place</script>"
    content = BytesIO()
    image.save(content, "JPEG", exif=exif, comment=b"secret place")
    assert b"secret place" in content.getvalue()
    address = serving.upload(client, content.getvalue()).headers["Location"]
    assert b"secret place" not in client.get(f"{address}/picture.jpg").data
    assert "secret place" not in client.get(address).text


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "a\x00b.jpg",
        "\u202egpj.exe",
        "<script>alert(1)</script>.jpg",
        "x" * 5000 + ".jpg",
        "'><img src=x onerror=alert(1)>.jpg",
    ],
)
def test_fault_19_file_names_are_harmless(client: FlaskClient, name: str) -> None:
    page = serving.upload(client, serving.png(), name, follow_redirects=True)
    assert page.status_code == 200
    assert "alert(1)" not in page.text
    answer = serving.api(client, serving.png(), name=name)
    assert answer.status_code == 200
    query = answer.json["query"]  # type: ignore[index]
    assert len(query) <= 255
    assert not set(query) & set("\x00\u202e/")


def test_fault_20_no_mutation_of_a_picture_breaks_the_server(client: FlaskClient) -> None:
    source = random.Random(0)
    sound = [serving.pictures()[0].read_bytes(), serving.png(300, 200)]
    for _ in range(60):
        data = bytearray(source.choice(sound))
        for _ in range(source.randrange(1, 20)):
            data[source.randrange(len(data))] = source.randrange(256)
        status = serving.api(client, bytes(data[: source.randrange(1, len(data) + 1)])).status_code
        assert status in (200, 413, 415, 422)


def test_fault_22_a_body_over_the_limit() -> None:
    app = serving.make_app(serving.instance(), MAX_UPLOAD_BYTES=2**17)
    page = serving.upload(app.test_client(), b"x" * 300_000)
    assert page.status_code == 413
    assert "at most 128 kB" in page.text
    answer = serving.api(app.test_client(), b"x" * 300_000)
    assert answer.status_code == 413
    assert answer.json["error"]["code"] == "too_large"  # type: ignore[index]


@pytest.mark.parametrize("k", ["0", "-1", "1000000000", "x", "1.5", "9" * 10_000, "٣"])
def test_fault_24_a_wrong_k(client: FlaskClient, k: str) -> None:
    response = client.get("/similar/sample/0", query_string={"k": k})
    assert response.status_code == 400
    assert "from 1 to 100" in response.text


@pytest.mark.parametrize("address", ["/gallery/sample", "/gallery/sample/rejected"])
@pytest.mark.parametrize("page", ["99", "-1", "x", "1.5", "9" * 10_000, "٣"])
@pytest.mark.parametrize("token", ["after", "before"])
def test_fault_25_a_page_that_is_not_there(
    client: FlaskClient, address: str, token: str, page: str
) -> None:
    response = client.get(f"{address}?{token}={page}")
    assert response.status_code == 400
    assert f"{token} should be the id" in response.text


def test_fault_25_a_page_past_the_end(client: FlaskClient) -> None:
    with client.application.app_context():
        catalog = index_named("sample").catalog
    pages = [
        client.get(f"/gallery/sample?after={catalog.count - 1}"),
        client.get(f"/gallery/sample/rejected?after={catalog.rejected - 1}"),
    ]
    assert [page.status_code for page in pages] == [200, 200]
    assert all("There is nothing after the last of" in page.text for page in pages)


@pytest.mark.parametrize(
    "address",
    [
        "/images/../../etc/passwd",
        "/images/sample/..%2f..%2fsecret_key/small.jpg",
        "/images/%2e%2e/0/small.jpg",
        "/index/..%2f..%2fsecret_key",
        "/gallery/..%2f..%2fsecret_key",
        "/gallery/sample/..%2f..%2fsecret_key",
        "/index/%2e%2e",
        "/static/../app/config.py",
        "/static/%2e%2e/app/config.py",
        "/q/..%2f..",
        "/similar/sample/0%00",
        "/index/%ff%fe",
        "/index/" + "x" * 5000,
    ],
)
def test_fault_27_traversal(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_range_past_the_end_is_no_fault_of_the_server(client: FlaskClient) -> None:
    response = client.get("/static/likeness.css", headers={"Range": "bytes=99999999-"})
    assert response.status_code == 416
    assert response.headers["Content-Range"].startswith("bytes */")


def test_fault_29_a_post_from_another_site(client: FlaskClient) -> None:
    form = {"image": (BytesIO(serving.png()), "a.png")}
    response = client.post("/search", data=form, headers={"Origin": "https://elsewhere.example"})
    assert response.status_code == 400
    assert "reload the page" in response.text


def test_fault_30_a_wrong_host() -> None:
    app = serving.make_app(serving.instance(), TRUSTED_HOSTS=["gallery.example"])
    client = app.test_client()
    assert client.get("/", base_url="http://gallery.example").status_code == 200
    for address in ("/", "/nothing", "/static/likeness.css"):
        response = client.get(address, base_url="http://evil.example")
        assert response.status_code == 400
        assert "evil.example" not in response.text


@pytest.mark.parametrize(
    "address",
    [
        "/?index={}",
        "/index/{}",
        "/gallery/{}",
        "/gallery/sample?class={}",
        "/gallery/sample?find={}",
        "/gallery/sample?sort={}",
        "/gallery/sample/rejected?reason={}",
        "/{}",
    ],
)
def test_fault_31_what_is_sent_comes_back_escaped(client: FlaskClient, address: str) -> None:
    text = client.get(address.format("%3Cscript%3Ealert(1)%3C/script%3E")).text
    assert "<script>alert" not in text


def test_fault_32_a_flood_is_refused_by_all_workers_together(copy: Path) -> None:
    clients = [serving.make_app(copy, SEARCHES_PER_MINUTE=4).test_client() for _ in range(2)]
    answers = [clients[i % 2].get("/similar/sample/0") for i in range(10)]
    statuses = [answer.status_code for answer in answers]
    # A minute may end in between, and with it a count.
    assert statuses[:4] == [200] * 4
    assert statuses.count(429) >= 2
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert clients[0].get("/").status_code == 200


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("application/json", True),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("*/*", False),
        ("application/json;q=0.5,text/html", False),
    ],
)
def test_fault_35_json_for_those_who_accept_it(
    client: FlaskClient, accept: str, is_json: bool
) -> None:
    response = client.get("/nothing", headers={"Accept": accept})
    assert response.status_code == 404
    assert response.is_json is is_json
    if is_json:
        assert response.json["error"]["code"] == "not_found"  # type: ignore[index]


def test_fault_36_a_forged_address_is_no_way_round(copy: Path) -> None:
    client = serving.make_app(copy, SEARCHES_PER_MINUTE=2).test_client()
    headers = [{"X-Forwarded-For": f"192.0.2.{i}"} for i in range(8)]
    statuses = [client.get("/similar/sample/0", headers=each).status_code for each in headers]
    assert 429 in statuses


def test_fault_36_behind_a_proxy_its_word_counts_and_no_other(copy: Path) -> None:
    client = serving.make_app(copy, SEARCHES_PER_MINUTE=1, PROXIES=1).test_client()

    def ask(forwarded: str) -> int:
        headers = {"X-Forwarded-For": forwarded}
        return client.get("/similar/sample/0", headers=headers).status_code

    assert [ask("192.0.2.1"), ask("192.0.2.2")] == [200, 200]
    assert 429 in [ask(f"203.0.113.{i}, 192.0.2.1") for i in range(3)]


def test_fault_67_searching_works_without_the_database(copy: Path) -> None:
    client = serving.make_app(copy, DATABASE_URL="sqlite:////nowhere/at/all").test_client()
    assert serving.api(client, serving.png()).status_code == 200
    assert client.get("/similar/sample/0").status_code == 200
    page = serving.upload(client, serving.png())
    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) > 0


def test_fault_72_many_first_requests_load_once(
    copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = serving.make_app(copy)
    with caplog.at_level("INFO", "indexer.shelf"), ThreadPoolExecutor(8) as pool:
        ask = lambda _: serving.api(app.test_client(), serving.png()).status_code  # noqa: E731
        assert set(pool.map(ask, range(8))) == {200}
    assert len([record for record in caplog.records if "serves" in record.message]) == 1


def test_fault_74_a_full_queue(copy: Path) -> None:
    app = serving.make_app(copy, SLOTS=1, WAIT_SECONDS=0)
    data = serving.pictures()[0].read_bytes()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: serving.api(app.test_client(), data), range(24)))
    assert {answer.status_code for answer in answers} == {200, 503}
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert refused.json["error"]["code"] == "busy"  # type: ignore[index]
    assert int(refused.headers["Retry-After"]) > 0


def test_pages_show_no_path_of_the_server(client: FlaskClient) -> None:
    for address in ("/", "/index/sample", "/similar/sample/0", "/nothing", "/q/nothing"):
        text = client.get(address).text
        assert str(serving.instance()) not in text
        assert not re.search(str(serving.gallery()), text)
