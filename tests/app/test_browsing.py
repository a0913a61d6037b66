"""Looking through a gallery: its pictures page by page, each by itself, and what was left out."""

import os
import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask.testing import FlaskClient
from PIL import Image

from app.extensions import index_named
from app.gallery import alike
from indexer.sample import CLASSES
from tests import serving
from tests.conftest import draw_picture
from tests.restored import Restored

JSON = {"Accept": "application/json"}
ODD = "<b>&\"' \u202egnp"


def twin(client: FlaskClient, address: str) -> Any:
    """Return what programs get at an address."""
    response = client.get(address, headers=JSON)
    assert response.status_code == 200, response.text
    assert "Accept" in response.headers["Vary"]
    return response.json


def hung(page: str) -> list[str]:
    """Return the pictures' addresses on a page, in their order."""
    return [unescape(found) for found in re.findall(r'<a href="(/gallery/\w+/\d+\?[^"]+)"', page)]


def test_the_gallery_is_the_only_index_or_the_list(client: FlaskClient, copy: Path) -> None:
    assert client.get("/gallery/").location == "/gallery/sample"
    shutil.copytree(copy / "indexes" / "sample", copy / "indexes" / "other", symlinks=True)
    several = serving.make_app(copy).test_client()
    assert several.get("/gallery/").location == "/index/"
    assert 'href="/gallery/"' in several.get("/").text


def test_pages_lead_through_all_pictures_and_back(client: FlaskClient) -> None:
    address, found = "/gallery/sample?show=7", []
    while address:
        page = twin(client, address)
        assert page["start"] == len(found) + 1
        found += [each["id"] for each in page["pictures"]]
        address = page["links"]["next"]
    assert found == list(range(serving.count()))
    assert page["links"]["last"] is None
    address, back = page["links"]["previous"], [each["id"] for each in page["pictures"]]
    while address:
        page = twin(client, address)
        back = [each["id"] for each in page["pictures"]] + back
        address = page["links"]["previous"]
    assert back == found


def test_the_last_page_ends_with_the_last_picture(client: FlaskClient) -> None:
    first = twin(client, "/gallery/sample?show=10")
    last = twin(client, first["links"]["last"])
    assert last["end"] == last["total"] == serving.count()
    assert twin(client, last["links"]["first"]) == first


def test_a_page_and_its_twin_show_the_same(client: FlaskClient) -> None:
    address = "/gallery/sample?class=painting&show=5&sort=newest"
    page, data = client.get(address), twin(client, address)
    assert "Accept" in page.headers["Vary"]
    assert hung(page.text) == [each["page"] for each in data["pictures"]]
    assert f"Pictures 1 to 5 of {data['total']}" in page.text
    assert (data["sort"], data["show"], data["chosen"]) == ("newest", 5, ["painting"])
    for each in data["classes"]:
        assert each["name"] in page.text if each["name"] else "no class" in page.text


def test_pictures_do_not_move_and_those_below_wait(client: FlaskClient) -> None:
    page = client.get("/gallery/sample").text
    tags = re.findall(r"<img[^>]+>", page)
    assert len(tags) == serving.count()
    assert all(re.search(r'width="\d+" height="\d+"', tag) for tag in tags)
    lazy = ["lazy" in tag for tag in tags]
    assert lazy == sorted(lazy)
    assert 0 < sum(lazy) < len(lazy)


def test_classes_are_shown_alone_and_together(client: FlaskClient) -> None:
    one = twin(client, "/gallery/sample?class=painting")
    assert {each["label"] for each in one["pictures"]} == {"painting"}
    two = twin(client, "/gallery/sample?class=painting&class=engraving&class=painting")
    counts = {each["name"]: each["images"] for each in two["classes"]}
    assert two["total"] == counts["painting"] + counts["engraving"]
    assert {each["label"] for each in two["pictures"]} == {"painting", "engraving"}
    assert sum(counts.values()) == serving.count()
    assert set(CLASSES) <= counts.keys()


def test_pictures_without_a_class_are_one_too(client: FlaskClient) -> None:
    data = twin(client, "/gallery/sample?class=")
    assert data["pictures"]
    assert {each["label"] for each in data["pictures"]} == {None}
    assert "in no class." in client.get("/gallery/sample?class=").text


def test_the_newest_come_first(client: FlaskClient) -> None:
    times = [each["changed"] for each in twin(client, "/gallery/sample?sort=newest")["pictures"]]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/gallery/none", 404, "unknown_index"),
        ("/gallery/sample?class=nothing", 404, "unknown_class"),
        ("/gallery/sample?" + "&".join(f"class={n}" for n in range(51)), 400, "bad_request"),
        ("/gallery/sample?sort=size", 400, "bad_request"),
        ("/gallery/sample?show=0", 400, "bad_request"),
        ("/gallery/sample?show=501", 400, "bad_request"),
        ("/gallery/sample?show=x", 400, "bad_request"),
        ("/gallery/sample?after=1&before=2", 400, "bad_request"),
        ("/gallery/sample?after=end", 400, "bad_request"),
        ("/gallery/sample/999", 404, "unknown_image"),
        ("/gallery/sample/0?v=000000000000", 404, "image_gone"),
        ("/gallery/sample/0?class=nothing", 404, "unknown_class"),
        ("/gallery/sample/x", 404, "not_found"),
        ("/gallery/sample/rejected?show=-1", 400, "bad_request"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    client: FlaskClient, address: str, status: int, code: str
) -> None:
    assert client.get(address).status_code == status
    response = client.get(address, headers=JSON)
    assert response.status_code == status
    assert response.json["error"]["code"] == code  # type: ignore[index]


def test_one_picture_tells_what_is_known_of_it(client: FlaskClient) -> None:
    data = twin(client, "/gallery/sample/5")
    with client.application.app_context():
        record = index_named("sample").catalog.image(5)
    assert (data["path"], data["label"]) == (record.path, record.label)
    assert (data["width"], data["height"]) == (record.width, record.height)
    assert (data["bytes"], data["format"]) == (record.bytes, record.format)
    assert (data["place"], data["total"]) == (6, serving.count())
    page = client.get("/gallery/sample/5").text
    for text in (data["path"], f"{record.bytes:,} bytes", data["changed"][:10], data["large"]):
        assert text in unescape(page)
    assert unescape(page).count(data["similar"]) == 1
    assert client.get(data["large"]).mimetype == "image/jpeg"


def test_a_picture_hangs_above_those_most_like_it(client: FlaskClient) -> None:
    look = "class=painting&sort=newest"
    like = twin(client, f"/gallery/sample/5?{look}")["alike"]
    hits = twin(client, twin(client, "/gallery/sample/5")["similar"] + "&k=12&exact=1")["hits"]
    assert 1 < len(like) <= alike.MOST
    assert like[0]["id"] == hits[0]["id"]
    assert 5 not in [each["id"] for each in like]
    page = client.get(f"/gallery/sample/5?{look}").text
    assert [each["page"] for each in like] == hung(page.partition('class="alike"')[2])
    next_one = twin(client, like[0]["page"])
    assert (next_one["total"], "sort=newest" in like[0]["page"]) == (serving.count(), True)


def test_what_would_have_to_be_measured_for_long_hangs_below_no_picture(
    index: Callable[..., Result], gallery: Path, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert index("build", gallery, "--name", "few", "--kind", "exact").exit_code == 0
    visitor = serving.make_app(instance).test_client()
    assert twin(visitor, "/gallery/few/0")["alike"]
    monkeypatch.setattr(alike, "MOST_MEASURED", 1)
    assert twin(visitor, "/gallery/few/0")["alike"] == []
    assert "Pictures like this one" not in visitor.get("/gallery/few/0").text


def test_neighbours_stay_within_what_is_looked_at(client: FlaskClient) -> None:
    look = "class=painting&sort=newest&show=5"
    wall = twin(client, f"/gallery/sample?{look}")
    address, found = wall["pictures"][0]["page"], []
    while address:
        picture = twin(client, address)
        found.append(picture["id"])
        assert picture["place"] == len(found)
        on_wall = twin(client, picture["links"]["wall"].partition("#")[0])
        assert picture["id"] in [each["id"] for each in on_wall["pictures"]]
        assert on_wall["start"] == (len(found) - 1) // 5 * 5 + 1
        address = picture["links"]["next"]
    everything = twin(client, f"/gallery/sample?{look}".replace("show=5", "show=500"))
    assert found == [each["id"] for each in everything["pictures"]]


def test_a_picture_that_is_not_looked_at_has_no_place(client: FlaskClient) -> None:
    assert twin(client, "/gallery/sample/0?class=painting")["place"] is None
    assert client.get("/gallery/sample/0?class=painting").status_code == 200


def test_a_page_of_a_picture_outlives_a_rebuild(client: FlaskClient) -> None:
    content = re.search(r"v=(\w{12})", twin(client, "/gallery/sample/5")["page"])
    assert content
    assert twin(client, f"/gallery/sample/0?v={content[1]}")["id"] == 5


def test_what_was_left_out_is_paged_by_reason(client: FlaskClient) -> None:
    everything = twin(client, "/gallery/sample/rejected")
    reasons = {each["reason"]: each["files"] for each in everything["reasons"]}
    assert sum(reasons.values()) == everything["total"]
    assert set(reasons) == {each["reason"] for each in everything["files"]}
    for reason, count in reasons.items():
        address, found = f"/gallery/sample/rejected?show=1&reason={reason}", []
        while address:
            page = twin(client, address)
            found += page["files"]
            address = page["links"]["next"]
        assert found == [each for each in everything["files"] if each["reason"] == reason]
        assert len(found) == count
    page = client.get("/gallery/sample/rejected?reason=unheard of").text
    assert "No file was left out for that reason" in page


def test_the_page_on_an_index_has_a_twin(client: FlaskClient) -> None:
    data = twin(client, "/index/sample")
    index = data["index"]
    assert index["images"] == serving.count()
    assert sum(each["images"] for each in index["classes"]) == serving.count()
    assert sum(each["files"] for each in data["left_out"]) == index["rejected"]
    assert data["encoder"]["network"] == "pocket"
    assert [each["name"] for each in twin(client, "/index/")["indexes"]] == ["sample"]


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Restored:
    """Return a gallery of many classes, some with odd names, and an instance with its index."""

    def make(folder: Path) -> None:
        from tests.app.conftest import indexing

        for number, name in enumerate([ODD, b"caf\xe9", *(f"class {n}" for n in range(31))]):
            inside = os.path.join(os.fsencode(folder), b"pictures", os.fsencode(name))
            os.makedirs(inside)
            picture = Image.fromarray(draw_picture(number, 40, 60))
            picture.save(os.path.join(inside, b"one.png").decode("utf-8", "surrogateescape"))
        os.utime(folder / "pictures/class 0/one.png", ns=(0, 2**63 - 1))
        shutil.copytree(serving.instance() / "encoders", folder / "instance/encoders")
        arguments = ("build", folder / "pictures", "--name", "odd", "--kind", "exact")
        built = indexing(folder / "instance")(*arguments)
        assert built.exit_code == 0, built.output

    return Restored(tmp_path_factory.mktemp("odd"), make)


@pytest.fixture
def visitor(odd: Restored) -> FlaskClient:
    """Return a visitor of that gallery."""
    return serving.make_app(odd.again() / "instance").test_client()


def test_odd_names_lead_to_their_classes(visitor: FlaskClient) -> None:
    page = visitor.get("/gallery/odd").text
    assert "<b>&" not in page
    classes = {each["name"]: each for each in twin(visitor, "/gallery/odd?find=caf")["classes"]}
    assert [*classes] == ["caf\\xe9"]
    found = twin(visitor, classes["caf\\xe9"]["page"])
    assert [each["path"] for each in found["pictures"]] == ["caf\\xe9/one.png"]
    found = twin(visitor, twin(visitor, "/gallery/odd?find=%3Cb%3E")["classes"][0]["page"])
    assert [each["label"] for each in found["pictures"]] == [ODD]
    assert visitor.get(found["pictures"][0]["page"]).status_code == 200


def test_of_many_classes_the_largest_are_listed_and_all_are_found(visitor: FlaskClient) -> None:
    data = twin(visitor, "/gallery/odd?class=class+9")
    assert (len(data["classes"]), data["classes_in_all"]) == (31, 33)
    assert data["classes"][0]["name"] == "class 9"
    found = visitor.get("/gallery/odd?find=CLASS+2").text
    assert "11 found" in found
    assert 'value="CLASS 2"' in found
    assert "No class has that in its name" in visitor.get("/gallery/odd?find=nothing").text


def test_a_file_from_the_far_future(visitor: FlaskClient) -> None:
    newest = twin(visitor, "/gallery/odd?sort=newest&show=1")["pictures"][0]
    assert (newest["path"], newest["changed"][:4]) == ("class 0/one.png", "2262")
    assert visitor.get(newest["page"]).status_code == 200


def test_a_build_without_any_class_offers_none(
    gallery: Path, instance: Path, index: Callable[..., Result]
) -> None:
    for picture in gallery.glob("*/*.jpg"):
        picture.rename(gallery / f"{picture.parent.name} {picture.name}")
    built = index("build", gallery, "--name", "few", "--kind", "exact")
    assert built.exit_code == 0, built.output
    visitor = serving.make_app(instance).test_client()
    assert "Classes" not in visitor.get("/gallery/few").text
    assert visitor.get("/gallery/few/0").status_code == 200
