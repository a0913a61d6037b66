"""Every word of every page can be translated: tried with a language that is only brackets."""

import json
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import index_named
from indexer.text import readable
from tests import reports, runs, serving
from tests.catalogues import PLACEHOLDER, WRAPPED, Reader, make_wrapped

FINNISH = {"Accept-Language": "fi"}
PAGES = (
    "/",
    "/?look=1&index=sample",
    "/gallery/sample",
    "/gallery/sample?class=painting",
    "/gallery/sample?class=painting&class=drawing&show=50&sort=newest",
    "/gallery/sample?class=",
    "/gallery/sample/3",
    "/gallery/sample/3?class=painting&class=drawing",
    "/gallery/sample/rejected",
    "/gallery/sample/rejected?reason=damaged",
    "/index/",
    "/index/sample",
    "/index/sample/quality",
    "/reports/",
    "/reports/quality",
    "/runs/",
    "/runs/tuned",
    "/runs/student",
    "/runs/stopped",
    "/runs/begun",
    "/runs/damaged",
    "/api",
    "/keys",
    "/similar/sample/3",
    "/similar/sample/3?judge=1",
    "/similar/sample/3?k=50&class=painting&min=0.1&sort=path",
    "/similar/sample/3?k=20&page=2&exact=1&fold=0",
    "/similar/sample/3?order=farthest&recall=0.9",
    "/similar/sample/3?min=0.9999",
    "/nothing",
    "/similar/sample/3?k=x",
    "/similar/none/3",
    "/gallery/sample?class=nothing",
    "/reports/none",
    "/runs/none",
    "/q/none",
)


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a folder with the one language, which is only brackets."""
    return str(make_wrapped(tmp_path_factory.mktemp("translations")))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, catalogues: str) -> Flask:
    """Return an application that has something to show on each of its pages."""
    instance = serving.copy_of(serving.instance(), tmp_path_factory.mktemp("site") / "instance")
    reports.make_report(instance)
    reports.make_report(instance, "training-tuned")
    runs.make_run(instance)
    runs.make_run(instance, "student", **runs.DISTILLING, **runs.TAUGHT)
    runs.make_run(instance, "stopped", state="running", **runs.TUNING)
    runs.make_run(instance, "begun", state="running", curve="", **runs.TUNING)
    (runs.make_run(instance, "damaged") / "run.json").write_text("{")
    settings = {"BABEL_TRANSLATION_DIRECTORIES": catalogues, "API_KEY": "k", "SEARCH_BY_ADDRESS": 1}
    return serving.make_app(instance, **settings)


@pytest.fixture(scope="module")
def names(site: Flask) -> list[str]:
    """Return what is data in titles and in the names of pictures."""
    with site.app_context():
        catalog = index_named("sample").catalog
        images = catalog.images(range(catalog.count))
    paths = {readable(image.path) for image in images}
    files = {path.rsplit("/", 1)[-1] for path in paths}
    labels = {image.label for image in images if image.label}
    own = {"Likeness", "sample", "tuned", "student", "stopped", "begun", "damaged"}
    return [*paths, *files, *labels, *own, "Copies of the sample's pictures"]


def outside(page: str, names: list[str]) -> list[tuple[str, str]]:
    """Return the words of a page that cannot be translated."""
    reader = Reader(names)
    reader.feed(page)
    said = json.loads(reader.words)
    spoken = [
        each for one in said.values() for each in ([one] if isinstance(one, str) else one.values())
    ]
    assert [each for each in spoken if PLACEHOLDER.sub("", WRAPPED.sub("", each)).strip()] == []
    return reader.found


@pytest.mark.parametrize("address", PAGES)
def test_every_word_can_be_translated(site: Flask, names: list[str], address: str) -> None:
    page = site.test_client().get(address, headers=FINNISH).text
    assert '<html lang="fi">' in page
    assert outside(page, names) == []


def test_every_word_about_an_upload_can_be_translated(site: Flask, names: list[str]) -> None:
    client = site.test_client()
    client.set_cookie("likeness-language", "fi")
    one = serving.upload(client, serving.pictures()[0].read_bytes()).headers["Location"]
    token = serving.token_of(client.get("/").text)
    refused = client.post("/search", data={"csrf_token": token})
    hit = client.get(one, headers={"Accept": "application/json"}).json
    assert hit is not None
    best = hit["hits"][0]
    mark = f"{best['id']}-{best['content']}"
    for response in (
        refused,
        client.get(one),
        client.get(f"{one}?box=0.1,0.1,0.9,0.9&more={mark}"),
        client.get(f"{one}?less={mark}&judge=1&class=painting&class=drawing"),
        client.get(f"{one}/why/{mark}"),
        client.post("/search", data={"csrf_token": "x"}),
    ):
        assert outside(response.text, names) == []


def test_every_word_of_an_empty_site_can_be_translated(tmp_path: Path, catalogues: str) -> None:
    empty = serving.make_app(tmp_path, BABEL_TRANSLATION_DIRECTORIES=catalogues).test_client()
    for address in ("/", "/index/", "/reports/", "/runs/", "/similar/a/1"):
        assert outside(empty.get(address, headers=FINNISH).text, ["Likeness"]) == []
