"""What a worker removes while nobody comes."""

import logging
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.database import Database
from app.queries import Queries
from app.schema import queries
from app.upkeep import Upkeep
from tests.app.test_queries import save


def test_old_queries_go_though_nobody_uploads(tmp_path: Path) -> None:
    database = Database("", tmp_path)
    save(Queries(database, days=2, most=3))
    Upkeep(Queries(database, days=0, most=3)).once()
    with database.begin() as connection:
        assert connection.execute(select(func.count()).select_from(queries)).scalar_one() == 0


def test_a_database_that_is_down_ends_no_upkeep(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    instance = tmp_path / "instance"
    instance.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        Upkeep(Queries(Database("", instance), days=0, most=3)).once()
    assert "Old queries were not removed" in caplog.text


def test_a_worker_has_one_upkeep(tmp_path: Path) -> None:
    upkeep = Upkeep(Queries(Database("", tmp_path), days=2, most=3))
    before = _running()
    upkeep.start()
    upkeep.start()
    assert _running() == before + 1


def _running() -> int:
    return sum(thread.name == "upkeep" for thread in threading.enumerate())
