"""Judging on pages and over the API: without scripts, by whoever asks, followed by a search."""

import json
import re
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.judging.raters import COOKIE
from app.ratings import Selection
from app.schema import ratings
from indexer.serving.asking import MOST_PARTS
from tests import postgres, serving

JSON = {"Accept": "application/json"}
PAGE = "/similar/sample/0?k=30&exact=1&fold=0"
JUDGING = f"{PAGE}&judge=1"


BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the address of the database: SQLite's, where a test does not ask for both."""
    return postgres.empty() if getattr(request, "param", "") == "postgresql" else ""


@pytest.fixture
def site(database_url: str, copy: Path) -> Flask:
    """Return an application on that database."""
    return serving.make_app(copy, DATABASE_URL=database_url)


@pytest.fixture
def visitor(site: Flask) -> FlaskClient:
    """Return somebody who has not judged before."""
    return site.test_client()


def told(visitor: FlaskClient, address: str = JUDGING) -> dict[str, Any]:
    """Return what a page tells of judging."""
    answer = visitor.get(address, headers=JSON).json
    assert answer
    judging: dict[str, Any] = answer["judging"]
    return judging


def judge(visitor: FlaskClient, rank: int, address: str = JUDGING, **said: object) -> TestResponse:
    """Judge a hit as the form of its card does."""
    page = visitor.get(address).text
    form = page.split(f'id="hit-{rank}"')[1].split("</form>")[0]
    ticket = re.search(r'name="ticket" value="([^"]+)"', form)
    assert ticket
    return visitor.post(
        "/ratings", data={"csrf_token": serving.token_of(page), "ticket": ticket[1], **said}
    )


def opinions(visitor: FlaskClient, address: str = JUDGING) -> dict[int, tuple[object, object]]:
    """Return what this visitor said, by rank."""
    said = {hit["rank"]: (hit["score"], hit["relevant"]) for hit in told(visitor, address)["hits"]}
    return {rank: opinion for rank, opinion in said.items() if opinion != (None, None)}


def program(visitor: FlaskClient, rank: int, **said: object) -> TestResponse:
    """Judge a hit as a program does."""
    ticket = told(visitor)["hits"][rank - 1]["ticket"]
    return visitor.post("/api/v1/ratings", json={"ticket": ticket, **said})


def marks(address: str, name: str) -> list[str]:
    """Return the marks of a parameter of an address."""
    return re.findall(rf"[?&]{name}=([^&]+)", address)


def test_a_page_is_calm_until_somebody_wants_to_judge(visitor: FlaskClient) -> None:
    page = visitor.get(PAGE).text
    assert "data-judge" not in page
    assert "rate.js" not in page
    (address,) = re.findall(r'<a href="([^"]+)">Judge these hits', page)
    judging = visitor.get(unescape(address)).text
    assert judging.count("<form") > page.count("<form")
    (back,) = re.findall(r'<a href="([^"]+)">Stop judging', judging)
    calm = visitor.get(unescape(back)).text
    first, again = (each.split('class="judge-switch"')[1] for each in (page, calm))
    assert again.split('class="cost"')[0] == first.split('class="cost"')[0]
    assert visitor.get_cookie(COOKIE) is None


@BOTH
def test_a_form_is_enough_to_judge(visitor: FlaskClient) -> None:
    answer = judge(visitor, 3, score="8", relevant="yes")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("judge=1#hit-3")
    page = visitor.get(answer.headers["Location"]).text
    card = page.split('id="hit-3"')[1].split("</form>")[0]
    assert '<option value="8" selected>' in card
    assert 'value="yes" checked>' in card
    assert "judged by 1" in card
    assert "checked" not in page.split('id="hit-4"')[1].split("</form>")[0]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_where_the_judged_page_was_steered_the_answer_leads_there(visitor: FlaskClient) -> None:
    address = (
        "/similar/sample/0?index=x&k=5&exact=1&class=painting&page=2&box=0,0,0.5,1&fold=0&judge=1"
    )
    answer = judge(visitor, 6, address, score="8")
    parts = set(re.split("[?&#]", answer.headers["Location"].replace("%2C", ",")))
    assert parts == {
        "/similar/sample/0", "k=5", "exact=1", "class=painting", "page=2", "box=0,0,0.5,1",
        "fold=0", "judge=1", "hit-6",
    }  # fmt: skip


@BOTH
def test_people_see_how_many_judged_but_not_what(site: Flask, visitor: FlaskClient) -> None:
    judge(visitor, 3, score="8")
    other = site.test_client()
    assert opinions(other) == {}
    assert [hit["people"] for hit in told(other)["hits"][:4]] == [0, 0, 1, 0]
    judge(other, 3, relevant="no")
    assert opinions(visitor) == {3: (8, None)}
    assert opinions(other) == {3: (None, False)}


def test_a_judgement_is_of_this_query_alone(visitor: FlaskClient) -> None:
    judge(visitor, 3, score="8")
    assert opinions(visitor, f"{JUDGING}&box=0,0,0.5,1") == {}
    assert opinions(visitor, "/similar/sample/1?k=30&judge=1") == {}
    assert list(opinions(visitor, f"{JUDGING}&metric=euclidean").values()) == [(8, None)]


def test_a_judgement_is_taken_back(visitor: FlaskClient) -> None:
    judge(visitor, 3, score="8", relevant="yes")
    judge(visitor, 3, score="8", relevant="yes", take_back="1")
    assert opinions(visitor) == {}


def test_who_never_judged_takes_nothing_back_and_gets_no_name(visitor: FlaskClient) -> None:
    assert judge(visitor, 3, score="").status_code == 303
    assert visitor.get_cookie(COOKIE) is None


@BOTH
def test_an_uploaded_picture_is_judged_against(visitor: FlaskClient) -> None:
    address = serving.upload(visitor, serving.pictures()[0].read_bytes()).headers["Location"]
    answer = judge(visitor, 2, f"{address}?judge=1", score="5")
    assert answer.headers["Location"].startswith(address)
    assert opinions(visitor, answer.headers["Location"]) == {2: (5, None)}


def test_the_next_search_follows_what_was_said(visitor: FlaskClient) -> None:
    assert told(visitor)["again"] is None
    hits = visitor.get(PAGE, headers=JSON).json["hits"]  # type: ignore[index]
    for rank, said in ((4, {"relevant": "yes"}), (5, {"score": "7"}), (6, {"score": "5"})):
        judge(visitor, rank, **said)
    for rank, said in ((20, {"score": "2"}), (21, {"score": "9", "relevant": "no"})):
        judge(visitor, rank, **said)
    again = told(visitor)["again"]
    wanted, unwanted = ([hits[rank - 1]["id"] for rank in ranks] for ranks in ((4, 5), (20, 21)))
    named = {name: sorted(int(mark.split("-")[0]) for mark in marks(again, name))
             for name in ("more", "less")}  # fmt: skip
    assert named == {"more": sorted(wanted), "less": sorted(unwanted)}
    found = [hit["id"] for hit in visitor.get(again, headers=JSON).json["hits"]]  # type: ignore[index]
    assert set(wanted) < set(found[:5])
    assert not set(unwanted) & set(found)
    assert len(opinions(visitor, again)) == 3
    (plain,) = re.findall(r'<a href="([^"]+)">Original order', visitor.get(again).text)
    first = visitor.get(unescape(plain), headers=JSON).json
    assert first
    assert first["hits"] == hits


def test_what_was_steered_by_hand_stays(visitor: FlaskClient) -> None:
    hits = visitor.get(PAGE, headers=JSON).json["hits"]  # type: ignore[index]
    names = [f"{hit['id']}-{hit['content']}" for hit in hits]
    steered = f"{JUDGING}&more={names[4]}&less={names[-1]}"
    assert "Original order" not in visitor.get(steered).text
    for rank, said in ((2, {"relevant": "yes"}), (3, {"relevant": "no"})):
        judge(visitor, rank, steered, **said)
    found = visitor.get(steered, headers=JSON).json["hits"]  # type: ignore[index]
    judged = [f"{hit['id']}-{hit['content']}" for hit in found[1:3]]
    again = told(visitor, steered)["again"]
    assert marks(again, "more") == [names[4], judged[0]]
    assert marks(again, "less") == [names[-1], judged[1]]
    assert told(visitor, again)["again"] == again
    (plain,) = re.findall(r'<a href="([^"]+)">Original order', visitor.get(again).text)
    assert marks(unescape(plain), "more") == [names[4]]
    assert marks(unescape(plain), "less") == [names[-1]]
    judge(visitor, 2, steered, score="5")
    assert marks(told(visitor, again)["again"], "more") == [names[4]]


def test_an_indexed_picture_stays_where_an_own_one_was_added(visitor: FlaskClient) -> None:
    page = visitor.get(JUDGING).text
    (adding,) = re.findall(r'formaction="([^"]+)"', page)
    form = {
        "csrf_token": serving.token_of(page),
        "image": (BytesIO(serving.pictures()[-1].read_bytes()), "own.jpg"),
    }
    address = visitor.post(unescape(adding), data=form).headers["Location"]
    assert "Original order" not in visitor.get(address).text
    judge(visitor, 3, address, relevant="yes")
    more = marks(told(visitor, address)["again"], "more")
    assert [mark.split("-")[0] for mark in more[:-1]] == ["0"]


def test_a_question_is_filled_with_judgements_where_hands_left_room(visitor: FlaskClient) -> None:
    hits = visitor.get(PAGE, headers=JSON).json["hits"]  # type: ignore[index]
    by_hand = [f"{hit['id']}-{hit['content']}" for hit in hits[-(MOST_PARTS - 2) :]]
    steered = "".join([JUDGING, *(f"&less={name}" for name in by_hand)])
    for rank in (1, 2):
        judge(visitor, rank, steered, relevant="yes")
    again = told(visitor, steered)["again"]
    assert marks(again, "less") == by_hand
    assert len(marks(again, "more")) == 1
    assert visitor.get(again).status_code == 200


def test_a_question_takes_the_newest_judgements_that_it_has_room_for(
    visitor: FlaskClient,
) -> None:
    for rank in range(1, MOST_PARTS + 2):
        program(visitor, rank, relevant=rank % 2 == 0)
    again = told(visitor)["again"]
    assert len(marks(again, "more")) + len(marks(again, "less")) == MOST_PARTS - 1
    assert visitor.get(again).status_code == 200
    first = visitor.get(PAGE, headers=JSON).json["hits"][0]["id"]  # type: ignore[index]
    assert not any(mark.startswith(f"{first}-") for mark in marks(again, "less"))


def test_judgements_outlive_a_rebuild(site: Flask, visitor: FlaskClient) -> None:
    judge(visitor, 3, score="8")
    before = told(visitor)["again"]
    with site.extensions["likeness"].database.begin() as connection:
        connection.execute(update(ratings).values(hit_id=12345, query_id=54321))
    assert opinions(visitor) == {3: (8, None)}
    assert (
        visitor.get(told(visitor)["again"], headers=JSON).json["hits"]
        == (  # type: ignore[index]
            visitor.get(before, headers=JSON).json["hits"]  # type: ignore[index]
        )
    )


def test_where_pictures_are_grouped_it_is_said_how_to_judge_each(visitor: FlaskClient) -> None:
    grouped = "/similar/sample/0?k=60&exact=1&judge=1"
    told = visitor.get(grouped, headers=JSON).json
    assert told
    assert any(hit["same"] for hit in told["hits"])
    said = "Grouped pictures are judged once “Group near-duplicates” is off."
    assert said in visitor.get(grouped).text
    assert said not in visitor.get(f"{grouped}&fold=0").text
    assert said not in visitor.get(grouped.replace("&judge=1", "")).text


def test_a_program_judges_without_a_page(visitor: FlaskClient) -> None:
    address = "/api/v1/similar/sample/0?k=5"
    assert visitor.get(address).json["judging"] is None  # type: ignore[index]
    first = told(visitor, f"{address}&judge=1")["hits"][0]
    said = {"ticket": first["ticket"], "score": 9}
    kept = visitor.post("/api/v1/ratings", json=said).json
    assert kept
    assert told(visitor, f"{address}&judge=1")["hits"][0]["score"] == 9
    assert visitor.get(kept["again"]).status_code == 200
    assert visitor.get(f"{address}&judge=x").status_code == 400


def test_what_is_gone_from_the_index_is_not_asked_for(site: Flask, visitor: FlaskClient) -> None:
    judge(visitor, 3, score="8")
    with site.extensions["likeness"].database.begin() as connection:
        connection.execute(update(ratings).values(hit_content="f" * 64))
    assert told(visitor)["again"] is None


def test_steering_goes_on_judging(visitor: FlaskClient) -> None:
    page = visitor.get("/similar/sample/0?k=5&judge=1").text
    assert '<input type="hidden" name="judge" value="1">' in page
    for kind in ("steer", "next"):
        links = re.findall(rf'{kind}" href="([^"]+)"', page)
        assert links
        assert all("judge=1" in link for link in links)
    answer = visitor.get("/similar/sample/0?search=exact%3D1&k=5&judge=1")
    assert answer.headers["Location"].startswith("/similar/sample/0?judge=1")


@pytest.mark.parametrize("sent", [{}, {"ticket": "forged"}, {"ticket": "WzFd.forged"}])
def test_what_was_not_found_here_cannot_be_judged(
    visitor: FlaskClient, sent: dict[str, str]
) -> None:
    token = serving.token_of(visitor.get(JUDGING).text)
    answer = visitor.post("/ratings", data={"csrf_token": token, "score": "9", **sent})
    assert answer.status_code == 400
    assert "Reload the page" in answer.text


def test_another_site_cannot_judge(visitor: FlaskClient) -> None:
    ticket = told(visitor)["hits"][0]["ticket"]
    form = {"ticket": ticket, "score": "9"}
    assert visitor.post("/ratings", data=form).status_code == 400
    assert visitor.post("/api/v1/ratings", data=form).status_code == 400
    text = {"data": json.dumps(form), "content_type": "text/plain"}
    assert visitor.post("/api/v1/ratings", **text).status_code == 400  # type: ignore[arg-type]


def test_nobody_can_name_himself_another(visitor: FlaskClient, site: Flask) -> None:
    judge(visitor, 3, score="8")
    (kept,) = site.extensions["likeness"].ratings.listed(Selection())
    for forged in (kept.rater, f'"{kept.rater}".AAAA'):
        other = site.test_client()
        other.set_cookie(COOKIE, forged)
        assert opinions(other) == {}


@pytest.mark.parametrize("value", ["2", "on", "x" * 100])
def test_the_switch_is_on_or_off(visitor: FlaskClient, value: str) -> None:
    assert visitor.get(f"{PAGE}&judge={value}").status_code == 400


@BOTH
def test_a_program_judges_lists_and_takes_back(site: Flask, visitor: FlaskClient) -> None:
    assert visitor.get("/api/v1/ratings").json == {"ratings": [], "next": None}
    kept = program(visitor, 3, score=8).json
    assert kept
    assert (kept["score"], kept["relevant"], kept["people"]) == (8, None, 1)
    assert marks(kept["again"], "more")
    program(visitor, 4, relevant=False)
    listed = visitor.get("/api/v1/ratings?limit=1").json
    assert listed
    rest = visitor.get(listed["next"]).json
    assert rest
    assert rest["next"] is None
    rows = listed["ratings"] + rest["ratings"]
    assert [(each["rank"], each["score"], each["relevant"]) for each in rows] == [
        (3, 8, None),
        (4, None, False),
    ]
    other = site.test_client()
    assert other.get("/api/v1/ratings").json == {"ratings": [], "next": None}
    assert other.delete(f"/api/v1/ratings/{kept['id']}").status_code == 404
    assert visitor.delete(f"/api/v1/ratings/{kept['id']}").status_code == 204
    assert visitor.delete(f"/api/v1/ratings/{kept['id']}").status_code == 404
    assert opinions(visitor) == {4: (None, False)}


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "after=-1", "after=x"])
def test_a_wrong_list_is_refused(visitor: FlaskClient, query: str) -> None:
    answer = visitor.get(f"/api/v1/ratings?{query}")
    assert answer.status_code == 400
    assert answer.json
    assert answer.json["error"]["code"] == "bad_request"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'{"ticket": [1]}', b"\xff"])
def test_a_wrong_judgement_of_a_program_is_refused(visitor: FlaskClient, body: bytes) -> None:
    answer = visitor.post("/api/v1/ratings", data=body, content_type="application/json")
    assert answer.status_code == 400


def test_without_its_database_only_judging_stops(copy: Path) -> None:
    site = serving.make_app(copy, DATABASE_URL="sqlite:////nowhere/at/all")
    assert site.test_client().get(PAGE).status_code == 200
    assert site.test_client().get(JUDGING).status_code == 503
