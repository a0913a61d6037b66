"""Comparing a hit with a picture of its query, opening it large, and passing the hits on."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import serving
from tests.app.asking import JSON, links, send

QUERY = "/similar/sample/0"


def cards(client: FlaskClient, address: str) -> list[str]:
    """Return the addresses of the comparisons with the hits of a page."""
    return links(client.get(address).text, "compare")


def hits(client: FlaskClient, address: str) -> list[dict[str, float]]:
    """Return the hits of a page."""
    told = client.get(address, headers=JSON).json
    assert told
    found: list[dict[str, float]] = told["hits"]
    return found


def uploaded(app: Flask, *at: int) -> str:
    """Search with pictures of the gallery, and return the address of the answer."""
    pictures = [serving.pictures()[number].read_bytes() for number in at]
    return send(app, pictures).headers["Location"]


def test_both_pictures_are_shown_with_a_reason_that_sums_to_the_similarity(
    client: FlaskClient,
) -> None:
    page = f"{QUERY}?k=5&box=0,0,0.5,1"
    address, hit = cards(client, page)[2], hits(client, page)[2]
    compared = client.get(address).text
    assert compared.count('href="data:image/png;base64,') == 2
    told = client.get(address, headers=JSON).json
    assert told
    for side in ("query", "hit"):
        assert sum(map(sum, told[side]["parts"])) == pytest.approx(told["sum_of_parts"], abs=1e-5)
    assert told["sum_of_parts"] == pytest.approx(hit["similarity"], abs=1e-3)
    assert told["query"]["box"] == pytest.approx([0, 0, 0.5, 1], abs=0.01)
    assert told["similarity"] == pytest.approx(hit["similarity"], abs=1e-5)
    assert told["similarity"] == 1 - told["distance"]
    for figure in ("similarity", "distance"):
        assert f"<dt>{figure}</dt><dd>{hit[figure]:.4f}</dd>" in compared


@pytest.mark.parametrize("steering", ["page=2", "sort=path", "judge=1&order=farthest"])
def test_it_leads_back_to_the_card_and_on_to_those_beside_it(
    client: FlaskClient, steering: str
) -> None:
    page = client.get(f"{QUERY}?k=4&exact=1&{steering}").text
    of_cards = links(page, "compare")
    for at, (rank, address) in enumerate(
        zip(re.findall(r'id="hit-(\d+)"', page), of_cards, strict=True)
    ):
        compared = client.get(address).text
        (back,) = links(compared, "back")
        assert back.endswith(f"#hit-{rank}")
        assert links(client.get(back).text, "compare") == of_cards
        assert links(compared, "prev") == of_cards[:at][-1:]
        assert links(compared, "next") == of_cards[at + 1 :][:1]


def test_a_folded_picture_leads_back_to_its_card(client: FlaskClient) -> None:
    found = client.get(f"{QUERY}?k=60&exact=1", headers=JSON).json
    each = client.get(f"{QUERY}?k=60&exact=1&fold=0", headers=JSON).json
    assert found
    assert each
    card = next(card for card in found["hits"] if card["same"])
    (mark,) = [f"{hit['id']}-{hit['content']}" for hit in each["hits"] if hit["id"] in card["same"]]
    compared = client.get(f"{QUERY}/why/{mark}?k=60&exact=1").text
    assert links(compared, "back")[0].endswith(f"#hit-{card['rank']}")


def test_a_picture_that_is_no_hit_of_the_page_is_compared_all_the_same(
    client: FlaskClient,
) -> None:
    page = f"{QUERY}?k=1&exact=1&order=farthest"
    (address,), (far,) = cards(client, page), hits(client, page)
    compared = client.get(address.replace("&order=farthest", "")).text
    assert f"<dd>{far['similarity']:.4f}</dd>" in compared
    assert "#hit-" not in compared
    assert 'rel="next"' not in compared


def test_each_of_several_pictures_is_compared_by_itself(app: Flask, client: FlaskClient) -> None:
    address = cards(client, f"{uploaded(app, 0, -1)}?exact=1")[0]
    compared = client.get(address).text
    assert "You searched with more than this picture." in compared
    choices = re.findall(r'<a href="([^"]+)"[^>]*>Your picture \d</a>', compared)
    (hit,) = re.findall(r"/why/(\d+)-", address)
    for choice, at in zip(choices, (0, -1), strict=True):
        alone = hits(client, f"{uploaded(app, at)}?k=60&exact=1&fold=0")
        (same,) = [each for each in alone if each["id"] == int(hit)]
        told = client.get(unescape(choice), headers=JSON).json
        assert told
        assert told["distance"] == pytest.approx(same["distance"], abs=1e-5)
        assert told["similarity"] == pytest.approx(same["similarity"], abs=1e-5)
        # The picture is kept as a JPEG, and its places are looked at there.
        assert told["sum_of_parts"] == pytest.approx(same["similarity"], abs=0.01)
    assert client.get(f"{address}&position=2").status_code == 404


def test_what_was_added_is_said_to_be_left_out(client: FlaskClient) -> None:
    page = client.get(f"{QUERY}?k=5&exact=1").text
    assert "more than this picture" not in client.get(links(page, "compare")[0]).text
    added = client.get(links(page, "steer")[4]).text
    assert "more than this picture" in client.get(links(added, "compare")[0]).text


def test_what_cannot_be_explained_is_compared(client: FlaskClient) -> None:
    page = client.get(f"{QUERY}?k=5&metric=hamming").text
    assert "Compare, and why" in client.get(QUERY).text
    assert "Compare, and why" not in page
    address = links(page, "compare")[0]
    compared = client.get(address)
    assert compared.status_code == 200
    assert "compares hash codes" in compared.text
    assert "data:image/png" not in compared.text
    told, hit = client.get(address, headers=JSON).json, hits(client, f"{QUERY}?metric=hamming")[0]
    assert told
    assert (told["query"], told["hit"], told["sum_of_parts"]) == (None, None, None)
    assert (told["similarity"], told["distance"]) == (hit["similarity"], hit["distance"])


def test_a_comparison_with_an_upload_is_kept_from_search_engines(
    app: Flask, client: FlaskClient
) -> None:
    compared = client.get(cards(client, uploaded(app, 0))[1])
    assert compared.headers["X-Robots-Tag"] == "noindex"


def test_a_comparison_is_called_after_its_hit(client: FlaskClient) -> None:
    address, hit = cards(client, QUERY)[1], hits(client, QUERY)[1]
    name = str(hit["path"]).rpartition("/")[2]
    compared = client.get(address).text
    assert f"<title>Compare with {name} · Likeness</title>" in compared
    assert f'<h1>Compare with <bdi translate="no">{name}</bdi></h1>' in compared


def test_no_picture_is_compared_with_nothing(client: FlaskClient) -> None:
    assert client.get(f"{QUERY}/why/12").status_code == 400
    assert client.get(f"{QUERY}/why/1-0123456789ab").status_code == 404


def test_a_hit_opens_large_and_its_page_leads_back(client: FlaskClient) -> None:
    page = f"{QUERY}?k=5&class=painting"
    address = links(client.get(page).text, "mat")[0]
    assert address.startswith("/gallery/sample/")
    large = client.get(address, headers={"Referer": f"http://localhost{page}"})
    (number,) = re.findall(r"/gallery/sample/(\d+)", address)
    assert links(large.text, "back") == [f"{page}#of-{number}"]
    assert f'id="of-{number}"' in client.get(page).text
    assert "Referer" in large.headers["Vary"]


def test_a_picture_that_was_opened_from_a_comparison_leads_back_to_it(
    app: Flask, client: FlaskClient
) -> None:
    for page in (f"{QUERY}?k=5&exact=1", uploaded(app, 0)):
        comparison = cards(client, page)[1]
        (address,) = re.findall(r'"onward"><a href="([^"]+)"', client.get(comparison).text)
        large = client.get(
            unescape(address), headers={"Referer": f"http://localhost{comparison}"}
        ).text
        assert links(large, "back") == [comparison]
        assert "Back to the comparison" in large


@pytest.mark.parametrize(
    "referrer",
    [
        "",
        "http://elsewhere.example/similar/sample/0",
        "http://localhost",
        "http://localhost/",
        "http://localhost//elsewhere.example/similar/sample/0",
        "http://localhost/gallery/sample/1",
        "http://[",
    ],
)
def test_a_picture_leads_back_to_nothing_but_hits(client: FlaskClient, referrer: str) -> None:
    page = client.get("/gallery/sample/0", headers={"Referer": referrer})
    assert page.status_code == 200
    assert "Back to the" not in page.text


def test_an_added_hit_is_taken_out_by_the_same_link(client: FlaskClient) -> None:
    page = client.get(f"{QUERY}?k=5&exact=1&judge=1").text
    added = client.get(links(page, "steer")[2]).text
    pressed = r'<a class="steer" href="([^"]+)" data-key="\+" aria-current="true">'
    (out,) = re.findall(pressed, added)
    assert "No longer also like" in added
    assert "more=" not in out
    assert links(client.get(unescape(out)).text, "steer") == links(page, "steer")


def test_the_link_to_share_gives_the_same_hits_and_no_judging(client: FlaskClient) -> None:
    page = client.get(f"{QUERY}?k=4&exact=1&page=2&box=0,0,0.5,1&judge=1").text
    (address,) = links(page, "here")
    assert "judge" not in address
    assert re.search(r"[?&]v=[0-9a-f]{12}", address)
    assert hits(client, address) == hits(client, f"{QUERY}?k=4&exact=1&page=2&box=0,0,0.5,1")
    assert "Whoever has this link" not in page


@pytest.mark.parametrize(("count", "sees"), [(1, "your picture"), (2, "your pictures")])
def test_it_is_said_what_is_seen_at_the_link_of_an_upload_and_until_when(
    copy: Path, count: int, sees: str
) -> None:
    app = serving.make_app(copy, QUERY_DAYS=3)
    visitor, address = app.test_client(), uploaded(app, *range(count))
    page = visitor.get(address).text
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    assert f"Whoever has this link sees {sees}, until <time" in page
    assert f'datetime="{day}">{day.day} {day:%B %Y}</time>' in page
    assert hits(visitor, links(page, "here")[0]) == hits(visitor, address)
