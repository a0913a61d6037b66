"""Kept queries: what goes in comes out, and nothing is kept for ever."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from app.database import Database, queries
from app.queries import PICTURE_SECONDS, POLL_SECONDS, Queries, UnknownQuery
from indexer.types import SearchResult, Timings

SIZE = (40, 30)
DAY = 86_400


def result(seed: int = 0) -> SearchResult:
    feature = np.random.default_rng(seed).normal(size=8).astype(np.float32)
    timings = Timings(decode=1.5, encode=2.5)
    return SearchResult("art", "1", "cosine", (), 0, 0, 0, 0, True, 1.0, timings, feature, "print")


@pytest.fixture
def kept(tmp_path: Path) -> Queries:
    return Queries(Database("", tmp_path), days=2, most=3)


def test_a_kept_query_comes_back_as_it_was(kept: Queries) -> None:
    query = kept.load(token := kept.save(result(), SIZE))
    assert np.array_equal(query.feature, result().feature)
    assert query.feature.dtype == np.float32
    assert (query.token, query.index, query.fingerprint) == (token, "art", "print")
    assert (query.width, query.height, query.decode_ms, query.encode_ms) == (40, 30, 1.5, 2.5)


def test_a_picture_is_kept_after_its_query(kept: Queries) -> None:
    token = kept.save(result(), SIZE)
    kept.add_picture(token, b"jpeg")
    assert kept.picture(token) == b"jpeg"


def test_a_picture_that_is_being_made_is_waited_for(kept: Queries) -> None:
    token = kept.save(result(), SIZE)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(kept.picture, token)
        time.sleep(3 * POLL_SECONDS)
        assert not asked.done()
        kept.add_picture(token, b"jpeg")
        assert asked.result(10) == b"jpeg"


def test_a_picture_whose_worker_was_killed_is_not_waited_for(kept: Queries) -> None:
    token = kept.save(result(), SIZE)
    with kept.database.begin() as connection:
        long_ago = time.time() - PICTURE_SECONDS - 1
        connection.execute(update(queries).values(created_at=long_ago))
    with pytest.raises(UnknownQuery):
        kept.picture(token)
    assert kept.load(token).token == token


def test_tokens_cannot_be_guessed(kept: Queries) -> None:
    tokens = {kept.save(result(), SIZE) for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) >= 22 for token in tokens)


def test_an_unknown_token_is_an_error_that_says_why(kept: Queries) -> None:
    with pytest.raises(UnknownQuery, match="2 days"):
        kept.load("nothing")
    with pytest.raises(UnknownQuery):
        kept.picture("nothing")


def test_a_feature_can_be_renewed(kept: Queries) -> None:
    token = kept.save(result(0), SIZE)
    kept.renew(token, result(1))
    assert np.array_equal(kept.load(token).feature, result(1).feature)


def test_old_queries_are_forgotten(kept: Queries) -> None:
    token = kept.save(result(), SIZE)
    kept.purge(time.time() + 1.9 * DAY)
    kept.load(token)
    kept.purge(time.time() + 2.1 * DAY)
    with pytest.raises(UnknownQuery):
        kept.load(token)


def test_the_oldest_of_too_many_are_forgotten(kept: Queries) -> None:
    tokens = [kept.save(result(), SIZE) for _ in range(5)]
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
    token = kept.save(result(), SIZE)
    with kept.database.begin() as connection:
        connection.execute(update(queries).values(created_at=time.time() - 2 * DAY - 1))
    with pytest.raises(UnknownQuery):
        kept.load(token)
    with pytest.raises(UnknownQuery):
        kept.picture(token)
