"""Searches per address and minute, counted for all workers together."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.database import Database
from app.rates import RateLimit, TooManySearches, network_of
from app.schema import rates


def test_one_search_too_many_is_refused_until_the_next_minute(database: Database) -> None:
    limit = RateLimit(database, 3)
    for _ in range(3):
        limit.count("192.0.2.1", 600.0)
    with pytest.raises(TooManySearches) as caught:
        limit.count("192.0.2.1", 610.0)
    assert caught.value.retry_after == 51
    limit.count("192.0.2.1", 660.0)


def test_addresses_are_counted_apart(database: Database) -> None:
    limit = RateLimit(database, 1)
    limit.count("192.0.2.1", 0.0)
    limit.count("192.0.2.2", 0.0)


def test_two_workers_count_together(database: Database) -> None:
    other = Database(database.url, database.instance)
    first, second = (RateLimit(each, 1) for each in (database, other))
    first.count("192.0.2.1", 0.0)
    with pytest.raises(TooManySearches):
        second.count("192.0.2.1", 1.0)
    other.close()


def test_no_limit_counts_nothing(tmp_path: Path) -> None:
    RateLimit(Database("", tmp_path), 0).count("192.0.2.1", 0.0)
    assert not (tmp_path / "likeness.sqlite").exists()


def test_past_minutes_are_forgotten(database: Database) -> None:
    limit = RateLimit(database, 10)
    for minute in range(10):
        limit.count("192.0.2.1", minute * 60.0)
    with database.begin() as connection:
        assert connection.execute(select(func.count()).select_from(rates)).scalar_one() <= 2


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("x" * 100, "x" * 64),
    ],
)
def test_an_ipv6_network_is_one_client(address: str, network: str) -> None:
    assert network_of(address) == network
