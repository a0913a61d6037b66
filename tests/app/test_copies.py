"""Copies of uploaded pictures: made behind the answer, clean, and never a reason to fail."""

import re
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from app.copies import SIDE, WAITING, Copies
from app.database import Database
from app.queries import Queries
from app.schema import query_pictures
from app.thumbnails import SIDES
from models.types import Limits
from tests import serving
from tests.app.test_queries import save


@pytest.fixture
def kept(tmp_path: Path) -> Queries:
    return Queries(Database("", tmp_path), days=2, most=100)


@pytest.fixture
def copies(kept: Queries) -> Copies:
    return Copies(kept, Limits())


def until(wanted: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not wanted() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert wanted()


def test_a_copy_is_a_jpeg_no_larger_than_a_screen(kept: Queries, copies: Copies) -> None:
    token = save(kept)
    copies.make(token, serving.png(2 * SIDE, SIDE))
    image = Image.open(BytesIO(kept.picture(token)))
    assert image.format == "JPEG"
    assert image.size == (SIDE, SIDE // 2)


def test_smaller_renderings_are_made_with_a_copy(kept: Queries, copies: Copies) -> None:
    token = save(kept)
    copies.make(token, serving.png(2 * SIDE, SIDE))
    sizes = [Image.open(BytesIO(kept.picture(token, 0, size))).size for size in SIDES]
    assert sizes == [(320, 160), (640, 320), (SIDE, SIDE // 2)]


def test_of_a_small_copy_no_rendering_is_made(kept: Queries, copies: Copies) -> None:
    token = save(kept)
    copies.make(token, serving.png(500, 100))
    assert max(Image.open(BytesIO(kept.picture(token, 0, "small"))).size) == SIDES["small"]
    assert kept.picture(token, 0, "medium") == kept.picture(token)
    with kept.database.begin() as connection:
        assert connection.execute(select(query_pictures.c.medium)).scalar_one() is None


def test_more_uploads_than_places_are_all_copied(kept: Queries, copies: Copies) -> None:
    tokens = [save(kept) for _ in range(3 * WAITING)]
    for token in tokens:
        copies.make(token, serving.png())
    assert all(kept.picture(token).startswith(b"\xff\xd8") for token in tokens)


def test_a_copy_that_fails_is_logged_and_the_next_is_made(
    kept: Queries, copies: Copies, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = save(kept), save(kept)
    copies.make(bad, b"no picture")
    copies.make(good, serving.png())
    assert kept.picture(good).startswith(b"\xff\xd8")
    until(lambda: "was not kept" in caplog.text)


@pytest.mark.parametrize(("width", "height"), [(400, 300), (3000, 1000), (1000, 3001)])
def test_a_page_knows_the_size_of_a_copy_before_it_is_made(
    client: FlaskClient, width: int, height: int
) -> None:
    address = serving.upload(client, serving.png(width, height)).headers["Location"]
    page = client.get(address).text
    copy = Image.open(BytesIO(client.get(f"{address}/picture.jpg").data))
    found = re.search(r'picture.jpg" width="(\d+)" height="(\d+)"', page)
    assert found
    assert int(found[1]) / int(found[2]) == pytest.approx(copy.width / copy.height, rel=0.01)
