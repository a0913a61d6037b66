"""Kept queries: what goes in comes out, and nothing is kept for ever."""

import math
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

from app.database import Database
from app.queries import PICTURE_SECONDS, POLL_SECONDS, Purged, Queries
from app.schema import queries, query_pictures
from app.storedqueries import StoredPicture, UnknownQuery
from indexer.types import Timings

SIZE = (40, 30)
DAY = 86_400


def picture(seed: int = 0) -> StoredPicture:
    feature = np.random.default_rng(seed).normal(size=8).astype(np.float32)
    return StoredPicture(feature, *SIZE)


def save(kept: Queries, pictures: int = 1) -> str:
    """Keep a query of some pictures; return its token."""
    timings = Timings(decode=1.5, encode=2.5)
    return kept.save("art", "print", [picture(at) for at in range(pictures)], timings)


@pytest.fixture
def kept(database: Database) -> Queries:
    return Queries(database, days=2, most=3)


def test_a_kept_query_comes_back_as_it_was(kept: Queries) -> None:
    query = kept.load(token := save(kept, pictures=2))
    for at, one in enumerate(query.pictures):
        assert np.array_equal(one.feature, picture(at).feature)
        assert one.feature.dtype == np.float32
        assert (one.width, one.height, one.faces) == (*SIZE, None)
    assert (query.token, query.index, query.fingerprint) == (token, "art", "print")
    assert (len(query.pictures), query.decode_ms, query.encode_ms) == (2, 1.5, 2.5)


def test_a_picture_is_kept_after_its_query(kept: Queries) -> None:
    token = save(kept)
    kept.add_picture(token, b"jpeg")
    assert kept.picture(token) == b"jpeg"


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_a_picture_that_is_being_made_is_waited_for(kept: Queries, size: str) -> None:
    token = save(kept)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(kept.picture, token, 0, size)
        time.sleep(3 * POLL_SECONDS)
        assert not asked.done()
        kept.add_picture(token, b"large", smaller={"small": b"small", "medium": b"medium"})
        assert asked.result(10) == size.encode()


@pytest.mark.parametrize("size", ["small", "medium"])
def test_without_a_rendering_there_is_the_picture(kept: Queries, size: str) -> None:
    token = save(kept)
    kept.add_picture(token, b"jpeg")
    assert kept.picture(token, 0, size) == b"jpeg"


def test_all_of_a_picture_is_kept_for_another_query(kept: Queries) -> None:
    token, other = save(kept, pictures=2), save(kept, pictures=2)
    kept.add_picture(token, b"large", 1, {"small": b"small"})
    kept.add_faces(token, [(0.25, 0, 0.5, 1)], 1)
    kept.copy(token, other, 1)
    sent = [kept.picture(other, 1, size) for size in ("small", "medium", "large")]
    assert sent == [b"small", b"large", b"large"]
    assert kept.faces(other, 1) == kept.faces(token, 1)
    assert kept.load(other).pictures[0].faces is None


def test_of_a_query_that_is_gone_nothing_is_kept_for_another(kept: Queries) -> None:
    token = save(kept)
    kept.purge(math.inf)
    with pytest.raises(UnknownQuery):
        kept.copy(token, save(kept))


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_a_picture_whose_worker_was_killed_is_not_waited_for(kept: Queries, size: str) -> None:
    token = save(kept)
    with kept.database.begin() as connection:
        long_ago = time.time() - PICTURE_SECONDS - 1
        connection.execute(update(queries).values(created_at=long_ago))
    with pytest.raises(UnknownQuery):
        kept.picture(token, 0, size)
    assert kept.load(token).token == token


def test_tokens_cannot_be_guessed(kept: Queries) -> None:
    tokens = {save(kept) for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) >= 22 for token in tokens)


@pytest.mark.parametrize("token", ["nothing", "no\0thing", "noth\U0001f5bcing", "x" * 5000])
def test_an_unknown_token_is_an_error_that_says_why(kept: Queries, token: str) -> None:
    with pytest.raises(UnknownQuery, match="2 days"):
        kept.load(token)
    with pytest.raises(UnknownQuery):
        kept.picture(token)


def test_a_feature_can_be_renewed(kept: Queries) -> None:
    token = save(kept)
    kept.renew(token, "newer", [picture(1).feature])
    query = kept.load(token)
    assert query.fingerprint == "newer"
    assert np.array_equal(query.pictures[0].feature, picture(1).feature)


def test_faces_are_kept_once_they_are_found(kept: Queries) -> None:
    token = save(kept, pictures=2)
    kept.add_faces(token, [(0.25, 0, 0.5, 1)], 1)
    assert kept.faces(token, 1) == kept.load(token).pictures[1].faces == ((0.25, 0, 0.5, 1),)
    assert kept.load(token).pictures[0].faces is None


def test_a_forgotten_query_leaves_no_picture(kept: Queries) -> None:
    save(kept, pictures=2)
    assert kept.purge(time.time() + 3 * DAY) == Purged(queries=1, pictures=2, ratings=0)
    with kept.database.begin() as connection:
        assert connection.execute(select(query_pictures)).all() == []


def test_a_forgotten_picture_is_in_no_file_any_more(tmp_path: Path) -> None:
    kept = Queries(Database("", tmp_path), days=2, most=3)
    content = random.Random(8).randbytes(20_000)
    kept.add_picture(save(kept), content[::-1], smaller={"small": content})
    assert any(content[5_000:5_100] in path.read_bytes() for path in tmp_path.iterdir())
    kept.purge(math.inf)
    # While somebody reads, the log has to stay; nobody waits for that.
    with kept.database.begin() as reading:
        reading.exec_driver_sql("BEGIN")
        reading.execute(select(queries)).all()
        assert not kept.forget()
    assert kept.forget()
    assert not any(content[5_000:5_100] in path.read_bytes() for path in tmp_path.iterdir())


def test_old_queries_are_forgotten(kept: Queries) -> None:
    token = save(kept)
    kept.purge(time.time() + 1.9 * DAY)
    kept.load(token)
    kept.purge(time.time() + 2.1 * DAY)
    with pytest.raises(UnknownQuery):
        kept.load(token)


def test_other_days_than_those_of_the_settings_can_be_meant(kept: Queries) -> None:
    for age in (0, 1):
        token = save(kept)
        with kept.database.begin() as connection:
            when = {"created_at": time.time() - age * DAY}
            connection.execute(update(queries).where(queries.c.token == token).values(when))
    assert kept.purge(time.time(), 0.5).queries == 1
    assert kept.purge(time.time(), 0.5).queries == 0
    assert kept.purge(math.inf).queries == 1


def test_the_oldest_of_too_many_are_forgotten(kept: Queries) -> None:
    tokens = [save(kept) for _ in range(5)]
    with kept.database.begin() as connection:
        for age, token in enumerate(reversed(tokens)):
            when = {"created_at": time.time() - age}
            connection.execute(update(queries).where(queries.c.token == token).values(when))
    kept.purge(time.time())
    for token in tokens[2:]:
        kept.load(token)
    for token in tokens[:2]:
        with pytest.raises(UnknownQuery):
            kept.load(token)


def test_a_query_that_is_too_old_is_not_shown_even_before_it_is_removed(kept: Queries) -> None:
    token = save(kept)
    with kept.database.begin() as connection:
        connection.execute(update(queries).values(created_at=time.time() - 2 * DAY - 1))
    with pytest.raises(UnknownQuery):
        kept.load(token)
    with pytest.raises(UnknownQuery):
        kept.picture(token)
