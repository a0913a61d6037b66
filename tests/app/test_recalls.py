"""Live recall: checked behind the answer, kept for all workers, never in anybody's way."""

import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.database import Database
from app.recalls import LAST, Recalls
from app.schema import recalls
from indexer.search import SearchService
from indexer.shelf import Shelf
from indexer.types import SearchResult
from tests import serving


@pytest.fixture(scope="module")
def service() -> SearchService:
    return Shelf(serving.instance()).get()


@pytest.fixture
def checks(database: Database) -> Recalls:
    return Recalls(database, 1.0)


def until(wanted: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not wanted() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert wanted()


def rows(database: Database) -> int:
    with database.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(recalls)).scalar_one())


def keep(checks: Recalls, result: SearchResult, found: int) -> None:
    """Keep a check as if it had found so many."""
    checks._keep(result, 10, found)


def test_a_check_counts_what_is_truly_near(service: SearchService) -> None:
    result = service.search_id(3, 10)
    exact = service.search_id(3, service.count)
    near = [hit.id for hit in exact.hits[:10]]
    assert service.count_true(result) == sum(hit.id in near for hit in result.hits)
    wrong = replace(result, hits=(*result.hits[:7], *exact.hits[-3:]))
    assert service.count_true(wrong) == service.count_true(result) - sum(
        hit.id in near for hit in result.hits[7:]
    )


def test_the_picture_that_was_left_out_is_not_missed(service: SearchService) -> None:
    hits = service.search_id(3, service.count).hits
    result = replace(service.search_id(3, 10), hits=hits[1:11])
    assert service.count_true(result, left_out=3) == 10
    assert service.count_true(result) == 9


def test_an_answer_is_checked_once_it_is_sent(copy: Path) -> None:
    app = serving.make_app(copy, LIVE_RECALL=1.0)
    database = app.extensions["likeness"].database
    response = app.test_client().get("/similar/sample/0")
    assert rows(database) == 0
    response.close()
    until(lambda: rows(database) == 1)


@pytest.mark.parametrize(
    "wish", ["exact=1", "recall=0.9", "budget=20", "k=11", "metric=euclidean", "metric=hamming"]
)
def test_only_what_the_tuning_told_of_is_checked(copy: Path, wish: str) -> None:
    app = serving.make_app(copy, LIVE_RECALL=1.0)
    app.test_client().get(f"/similar/sample/0?{wish}").close()
    app.test_client().get("/similar/sample/0").close()
    database = app.extensions["likeness"].database
    until(lambda: rows(database) == 1)


def test_a_share_of_nothing_checks_nothing(app: Flask, copy: Path) -> None:
    silent = serving.make_app(copy, LIVE_RECALL=0.0)
    for number in range(20):
        silent.test_client().get(f"/similar/sample/{number}").close()
    assert rows(silent.extensions["likeness"].database) == 0
    assert "checked" not in silent.test_client().get("/index/sample").text


def test_while_one_is_checked_others_are_let_go(checks: Recalls, service: SearchService) -> None:
    result = service.search_id(3, 10)
    with checks.database.begin() as connection:  # holds the first check up
        connection.execute(recalls.delete())
        for _ in range(5):
            checks.check(service, result, None)
        time.sleep(0.1)
    until(lambda: rows(checks.database) == 1)
    checks.check(service, result, None)
    until(lambda: rows(checks.database) == 2)


def test_a_check_that_fails_hurts_nobody(
    tmp_path: Path, service: SearchService, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Recalls(Database("sqlite:////nowhere/at/all", tmp_path), 1.0)
    broken.check(service, service.search_id(3, 10), None)
    until(lambda: "was not kept" in caplog.text)
    broken.check(service, service.search_id(3, 10), None)
    until(lambda: caplog.text.count("was not kept") == 2)


def test_the_newest_checks_count_and_the_others_are_forgotten(
    checks: Recalls, service: SearchService
) -> None:
    result = service.search_id(3, 10)
    other = replace(result, index="other")
    keep(checks, other, 1)
    for _ in range(30):
        keep(checks, result, 0)
    for number in range(LAST):
        keep(checks, result, 9 + number % 2)
    assert rows(checks.database) == LAST + 1
    live = checks.rolling(result.index, result.generation)
    assert live
    assert (live.queries, live.recall) == (LAST, pytest.approx(0.95))
    assert live.low < 0.95 < live.high
    assert checks.rolling("none", result.generation) is None


def test_the_checks_of_another_generation_do_not_count(
    checks: Recalls, service: SearchService
) -> None:
    result = service.search_id(3, 10)
    tuned = replace(result, generation="000002-tuned")
    for found in (5, 6, 7):
        keep(checks, result, found)
    assert checks.rolling(result.index, tuned.generation) is None
    keep(checks, tuned, 10)
    before, after = (checks.rolling(one.index, one.generation) for one in (result, tuned))
    assert before
    assert after
    assert (before.queries, before.recall) == (3, pytest.approx(0.6))
    assert (after.queries, after.recall) == (1, 1)


def test_workers_share_what_they_found(tmp_path: Path) -> None:
    instance = serving.copy_of(serving.instance(), tmp_path / "instance")
    with serving.serving(instance, settings={"LIVE_RECALL": "1"}) as server:

        def found() -> dict[str, float]:
            with urllib.request.urlopen(f"{server.url}/metrics") as response:
                lines = response.read().decode().splitlines()
            pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
            return {name: float(value) for name, value in pairs}

        def has(queries: int) -> bool:
            return found().get('likeness_live_recall_queries{index="sample"}') == queries

        for number in range(12):
            assert serving.status_of(f"{server.url}/similar/sample/{number}") == 200
            until(partial(has, number + 1))
        metrics = found()
    assert 0.5 < metrics['likeness_live_recall{index="sample"}'] <= 1
    assert metrics['likeness_index_images{index="sample"}'] == serving.count()
