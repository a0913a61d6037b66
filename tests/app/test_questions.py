"""Steering a search by its address: parts, classes, order, pages, more and less of a hit."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO

import numpy as np
import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.extensions import services
from app.search.asking import ask_with_image
from app.search.questions import Question
from app.search.uploads import MOST_PICTURES
from indexer.serving.asking import MOST_PARTS
from tests import serving
from tests.portraits import draw_portrait

JSON = {"Accept": "application/json"}

Asking = Callable[[str], list[dict[str, object]]]


@pytest.fixture
def ask(client: FlaskClient) -> Asking:
    """Return what gives the hits of a search with the first image."""

    def hits(parameters: str) -> list[dict[str, object]]:
        answer = client.get(f"/similar/sample/0?{parameters}", headers=JSON)
        assert answer.json is not None
        found: list[dict[str, object]] = answer.json["hits"]
        return found

    return hits


def send(app: Flask, pictures: list[bytes]) -> TestResponse:
    """Upload some pictures at once."""
    client = app.test_client()
    token = serving.token_of(client.get("/").text)
    files = [(BytesIO(data), f"{at}.jpg") for at, data in enumerate(pictures)]
    return client.post("/search", data={"csrf_token": token, "image": files})


def links(page: str, kind: str) -> list[str]:
    """Return the addresses of a page's links of a class or relation."""
    return [unescape(found) for found in re.findall(rf'{kind}" href="([^"]+)"', page)]


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


def test_those_without_a_class_can_be_searched_too(ask: Asking) -> None:
    assert {hit["label"] for hit in ask("class=")} == {None}


def test_hits_are_arranged_within_a_page(ask: Asking, client: FlaskClient) -> None:
    page = client.get("/similar/sample/0?sort=path&k=20").text
    paths = re.findall(r'<p class="path" title="([^"]+)"', page)
    assert paths == sorted(paths)
    assert set(paths) == {hit["path"] for hit in ask("k=20")}


def test_the_farthest_come_first_where_that_is_asked_for(client: FlaskClient, ask: Asking) -> None:
    everything = ask("k=100&exact=1&fold=0")
    assert ask("order=farthest&k=3")[0]["distance"] == everything[-1]["distance"]
    assert "Pictures least like this one" in client.get("/similar/sample/0?order=farthest").text


def grid(page: str) -> str:
    """Return the hits of a page, without what they cost."""
    return page.split('class="grid"')[1].split('class="cost"')[0]


def test_pages_lead_on_and_back(client: FlaskClient) -> None:
    first = client.get("/similar/sample/0?k=10&exact=1").text
    (following,) = links(first, "next")
    second = client.get(following).text
    (highest,) = re.findall(r"Ranks 1 to (\d+)", first)
    assert f"Ranks {int(highest) + 1} to" in second
    (before,) = links(second, "prev")
    assert grid(client.get(before).text) == grid(first)
    last = client.get("/similar/sample/0?k=50&exact=1&page=2").text
    assert not links(last, "next")


def test_a_least_similarity_leaves_the_others_out(client: FlaskClient, ask: Asking) -> None:
    assert all(float(str(hit["similarity"])) >= 0.4 for hit in ask("min=0.4&k=100"))
    page = client.get("/similar/sample/0?min=1").text
    assert "Nothing is so similar" in page


def test_what_is_nearly_the_same_is_one_card(client: FlaskClient, ask: Asking) -> None:
    flat, folded = ask("k=10&exact=1&fold=0"), ask("k=10&exact=1")
    assert len(flat) == len(folded) == len(ask("k=10")) == 10
    same = [number for hit in folded for number in hit["same"]]  # type: ignore[attr-defined]
    assert same
    shown = [hit["id"] for hit in folded]
    assert len({*shown, *same}) == len(shown) + len(same)
    every = {hit["id"] for hit in flat}
    assert every <= {*shown, *same}
    page = client.get("/similar/sample/0?k=10&exact=1").text
    assert page.count('class="same"') == sum(bool(hit["same"]) for hit in folded)
    ranks = [int(rank) for rank in re.findall(r'<li[^>]* value="(\d+)"', page)]
    assert sorted(ranks) == list(range(1, len(shown) + len(same) + 1))
    assert f"Ranks 1 to {len(ranks)}" in page
    assert len(re.findall(r'class="compare(?:-same)?"', page)) == len(ranks)
    assert 'class="same"' not in client.get("/similar/sample/0?k=10&exact=1&fold=0").text


@pytest.mark.parametrize("wish", ["", "&exact=1", "&order=farthest"])
def test_a_part_is_encoded_once_however_deep_the_search(app: Flask, wish: str) -> None:
    question = f"/similar/sample/0?k=20&box=0,0,0.5,1{wish}"
    with app.test_request_context(question):
        service = services().shelf.get("sample")
        answered = ask_with_image(service, 0, Question.of(request.args))
    first, last = answered.first, answered.result
    assert any(fold.others for fold in answered.folds)
    np.testing.assert_array_equal(first.feature, last.feature)
    assert (last.timings.decode, last.timings.encode) == (
        first.timings.decode,
        first.timings.encode,
    )
    assert (first is last) == bool(wish)  # one scan is enough
    assert last.timings.search > first.timings.search or first is last


def test_the_form_says_whether_to_fold(client: FlaskClient) -> None:
    form = "/similar/sample/0?search=exact%3D1&k=5&fold=0"
    assert client.get(form).headers["Location"] == "/similar/sample/0?k=5&exact=1&fold=0"
    ticked = client.get(f"{form}&fold=1")
    assert ticked.headers["Location"] == "/similar/sample/0?k=5&exact=1"


def test_the_strength_of_a_hit_is_told(client: FlaskClient, ask: Asking) -> None:
    found = [float(str(hit["nearer_than"])) for hit in ask("k=60&fold=0&exact=1")]
    assert found == sorted(found, reverse=True)
    assert found[0] > 95 > 60 > found[-1]
    assert "nearer than</span>" in client.get("/similar/sample/0").text


def test_a_line_parts_the_picture_itself_from_others(app: Flask) -> None:
    address = send(app, [serving.pictures()[0].read_bytes()]).headers["Location"]
    visitor = app.test_client()
    told = visitor.get(f"{address}?k=5&class=painting&class=drawing&more=", headers=JSON)
    assert told.status_code == 400
    last = visitor.get(f"{address}?k=5", headers=JSON).json["strong_until"]  # type: ignore[index]
    page = visitor.get(f"{address}?k=5").text
    assert page.count('class="gap"') == (last is not None)
    assert 'class="gap"' not in visitor.get(f"{address}?k=5&sort=path").text


def test_hits_are_added_and_subtracted(client: FlaskClient, ask: Asking) -> None:
    page = client.get("/similar/sample/0?k=10&exact=1").text
    plus, minus = links(page, "steer")[4:6]
    added = client.get(plus).text
    assert "Also like" in added
    assert client.get(minus).text.count('<li class="unwanted">') == 1
    third = ask("k=10&exact=1")[2]["id"]
    subtracted = client.get(minus, headers=JSON).json
    assert subtracted
    assert third not in {hit["id"] for hit in subtracted["hits"]}
    (without,) = re.findall(r'<a href="([^"]+)">Remove', added)
    assert client.get(unescape(without), headers=JSON).json["hits"] == ask("k=10&exact=1")  # type: ignore[index]


@pytest.mark.parametrize("sign", ["more", "less"])
@pytest.mark.parametrize("fold", ["0", "1"])
def test_what_steers_a_search_is_not_found_by_it(
    client: FlaskClient, ask: Asking, sign: str, fold: str
) -> None:
    hit = ask("k=10&exact=1&fold=0")[2]
    steered = f"k=10&exact=1&fold={fold}&{sign}={hit['id']}-{hit['content']}"
    told = client.get(f"/similar/sample/0?{steered}", headers=JSON).json
    assert told
    assert told["permitted"] == told["gallery"] - 2
    assert [each["rank"] for each in told["hits"]][:1] == [1]
    assert len(told["hits"]) == 10
    found = {at for each in told["hits"] for at in (each["id"], *each["same"])}
    second = {each["id"] for each in ask(f"{steered}&page=2")}
    assert not {0, hit["id"]} & (found | second)
    assert fold == "1" or not found & second


def test_an_indexed_picture_is_not_a_hit_of_its_own_search_with_another(app: Flask) -> None:
    visitor = app.test_client()
    page = visitor.get("/similar/sample/0?k=10&exact=1&fold=0").text
    (adding,) = re.findall(r'formaction="([^"]+)"', page)
    form = {
        "csrf_token": serving.token_of(page),
        "image": (BytesIO(serving.pictures()[-1].read_bytes()), "own.jpg"),
    }
    address = visitor.post(unescape(adding), data=form).headers["Location"]
    told = visitor.get(address, headers=JSON).json
    assert told
    assert "more=0-" in address
    assert 0 not in {hit["id"] for hit in told["hits"]}
    assert len(told["hits"]) == 10


def test_a_full_question_offers_no_more_pictures(client: FlaskClient, ask: Asking) -> None:
    names = [f"{hit['id']}-{hit['content']}" for hit in ask("k=30&exact=1&fold=0")]
    nearly = "/similar/sample/0?k=5&exact=1&fold=0&judge=1" + "".join(
        f"&more={name}" for name in names[: MOST_PARTS - 2]
    )
    page = client.get(nearly).text
    assert "This search takes no more pictures" not in page
    address = f"{nearly}&less={names[-1]}"
    full = client.get(f"{address.replace('k=5', 'k=60')}").text
    assert all(client.get(link).status_code == 200 for link in links(full, "steer"))
    # Those that were added can be taken out, or be subtracted instead.
    assert len(links(full, "steer")) == 2 * (MOST_PARTS - 2)
    shown = full.count('<li class="card-hit"')
    closed = 'aria-disabled="true" title="This search takes no more pictures"'
    assert full.count(closed) == 2 * (shown - (MOST_PARTS - 2))


def test_what_was_added_is_found_while_hits_are_judged(client: FlaskClient, ask: Asking) -> None:
    hit = ask("k=10&exact=1&fold=0")[2]
    steered = f"k=10&exact=1&fold=0&more={hit['id']}-{hit['content']}"
    assert hit["id"] in {each["id"] for each in ask(f"{steered}&judge=1")}
    comparison = f"/similar/sample/0/why/{hit['id']}-{hit['content']}?{steered}"
    # The comparison knows the hits of the page that it came from.
    assert "<dt>rank</dt>" in client.get(f"{comparison}&judge=1").text
    assert "<dt>rank</dt>" not in client.get(comparison).text


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
