"""An index of hash codes, from the command line that builds it to the page that it answers."""

import re
import shutil

import pytest
from flask import Flask

from app.extensions import index_named
from tests import serving

BITS = 512  # of the bundled network's features


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Return an application whose one index was built by the command line."""
    instance = tmp_path_factory.mktemp("codes") / "instance"
    for folder in ("encoders", "features"):
        shutil.copytree(serving.instance() / folder, instance / folder)
    app = serving.make_app(instance)
    build = ["index", "build", str(serving.gallery()), "--name", "codes", "--kind", "hamming"]
    result = app.test_cli_runner().invoke(args=build)
    assert result.exit_code == 0, result.output
    assert re.search(r"kind +hamming, hamming\n", result.stdout)
    assert re.search(r"recall +100%: every search finds the true nearest\n", result.stdout)
    assert re.search(rf"parameters +bits={BITS}, parts=\d+\n", result.stdout)
    return app


def test_the_command_line_finds_the_picture_itself_first(app: Flask) -> None:
    runner, picture = app.test_cli_runner(), serving.pictures()[0]
    found = runner.invoke(args=["search", str(picture), "-k", "3"]).output
    assert re.search(r"visited \d+ of \d+ images(?: in \d+ buckets)?, exact, ", found)
    assert re.search(rf" 1 +\d+ +(?:1\.0|0\.99)\d+  {picture.parent.name} .*{picture.name}", found)
    assert "codes is sound" in runner.invoke(args=["index", "check"]).output


def test_answers_are_those_of_counting_signs(app: Flask) -> None:
    answer = serving.api(app.test_client(), serving.png(), "k=20").json or {}
    assert (answer["metric"], answer["exact"], answer["recall"]) == ("hamming", True, 1)
    assert answer["measured"] == answer["visited"] <= answer["gallery"]
    with app.app_context():
        service = index_named("codes")
        asked = service.search_id(5, 20)
        features = [service.feature(number) > 0 for number in range(service.count)]
    bits = [int((features[5] != each).sum()) for each in features]
    expected = sorted(range(len(bits)), key=lambda number: (bits[number], number))[:20]
    assert [hit.id for hit in asked.hits] == expected
    assert [hit.distance for hit in asked.hits] == [bits[number] for number in expected]
    for hit in [*answer["hits"], *map(vars, asked.hits)]:
        assert hit["similarity"] == pytest.approx(1 - 2 * hit["distance"] / BITS)


def test_the_page_shows_whole_bits_and_offers_the_metric(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/similar/codes/0?k=5").text
    assert "Looked at all 64 pictures: exact.</p>" in page
    assert len(re.findall(r"distance</span> \d+ bits?<", page)) == 5
    assert re.findall(r'<option value="(cosine|euclidean|hamming)"( selected)?>', page) == [
        ("cosine", ""), ("euclidean", ""), ("hamming", " selected")
    ]  # fmt: skip
    assert "Every search finds the true nearest pictures." in client.get("/index/codes").text


def test_features_can_still_be_asked_for(app: Flask) -> None:
    answer = serving.api(app.test_client(), serving.png(), "metric=cosine").json or {}
    assert (answer["exact"], answer["visited"]) == (True, answer["gallery"])


def test_an_index_of_another_kind_counts_signs_where_it_is_asked_to() -> None:
    client = serving.make_app(serving.instance()).test_client()
    answer = serving.api(client, serving.png(), "metric=hamming").json or {}
    assert (answer["exact"], answer["visited"]) == (True, answer["gallery"])
    assert all(hit["distance"] == round(hit["distance"]) for hit in answer["hits"])
    assert '<option value="hamming"' not in client.get("/similar/sample/0").text
    assert (
        '<option value="hamming" selected>' in client.get("/similar/sample/0?metric=hamming").text
    )


@pytest.mark.parametrize(
    ("options", "cure"),
    [
        (["--kind", "hamming", "--metric", "cosine"], "--metric hamming, or --kind exact or lsh"),
        (["--metric", "hamming"], "--metric cosine, or --kind exact or hamming"),
        (["--kind", "hamming", "--reduce", "8"], "16 to 512 numbers. Received: 8"),
    ],
)
def test_what_does_not_go_together_is_refused(app: Flask, options: list[str], cure: str) -> None:
    build = ["index", "build", str(serving.gallery()), "--name", "wrong", *options]
    result = app.test_cli_runner().invoke(args=build)
    assert result.exit_code == 1
    assert cure in result.output
