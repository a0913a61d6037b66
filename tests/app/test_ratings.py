"""Judgements as they are kept: one of each hit by each person, and none leads to a picture."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update

from app.database import Database
from app.judging.judgements import Asked, Found, Opinion, opinion_of
from app.queries import Purged, Queries
from app.ratings import Ratings, Selection, UnknownRating
from app.schema import ratings
from app.storedqueries import StoredPicture
from indexer.errors import BadQuery
from indexer.types import Timings

IMAGE = Asked(None, 7, "c" * 64, "a/seven.jpg")
HIT = Found("art", "000001", "k=10", 3, "d" * 64, "b/three.jpg", 2, 0.25, 0.75, "cosine")
GOOD = Opinion(9, True)


@pytest.fixture
def kept(database: Database) -> Ratings:
    return Ratings(database)


@pytest.fixture
def queries(database: Database) -> Queries:
    return Queries(database, days=30, most=100)


def upload(queries: Queries) -> str:
    """Keep a query of one picture; return its token."""
    pictures = [StoredPicture(np.zeros(4, np.float32), 4, 3)]
    return queries.save("art", "print", pictures, Timings())


def test_a_judgement_comes_back_as_it_was_given(kept: Ratings) -> None:
    number = kept.keep(IMAGE, HIT, GOOD, "ann")
    (found,) = kept.given(IMAGE, "art", "ann")
    assert (found.id, found.rater, found.opinion) == (number, "ann", GOOD)
    assert (found.asked, found.found) == (IMAGE, HIT)
    assert found.asked.key == IMAGE.key
    assert found.created_at == found.changed_at == pytest.approx(time.time(), abs=60)


def test_a_second_judgement_replaces_the_first(kept: Ratings) -> None:
    first = kept.keep(IMAGE, HIT, GOOD, "ann")
    later = replace(HIT, generation="000002", id=30, path="b/moved.jpg", rank=5)
    assert kept.keep(IMAGE, later, Opinion(2), "ann") == first
    (found,) = kept.given(IMAGE, "art", "ann")
    assert (found.found, found.opinion) == (later, Opinion(2))
    assert found.created_at <= found.changed_at


def test_a_judgement_sent_by_many_at_once_is_kept_once(kept: Ratings) -> None:
    kept.database.check()
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(kept.keep, IMAGE, HIT, Opinion(score), "ann") for score in range(1, 9)]
    assert len({job.result() for job in jobs}) == 1
    assert len(kept.listed(Selection())) == 1


@pytest.mark.parametrize(
    ("asked", "hit", "rater"),
    [
        (replace(IMAGE, boxes="box=0,0,0.5,1"), HIT, "ann"),
        (replace(IMAGE, content="e" * 64), HIT, "ann"),
        (Asked("token"), HIT, "ann"),
        (IMAGE, replace(HIT, content="e" * 64), "ann"),
        (IMAGE, replace(HIT, index="other"), "ann"),
        (IMAGE, HIT, "bo"),
    ],
)
def test_what_is_judged_apart_stays_apart(
    kept: Ratings, asked: Asked, hit: Found, rater: str
) -> None:
    kept.keep(IMAGE, HIT, GOOD, "ann")
    kept.keep(asked, hit, Opinion(1), rater)
    assert [each.opinion for each in kept.listed(Selection())] == [GOOD, Opinion(1)]


def test_what_has_no_part_in_the_query_does_not_part_judgements(kept: Ratings) -> None:
    kept.keep(IMAGE, HIT, GOOD, "ann")
    kept.keep(replace(IMAGE, id=70, path="moved.jpg"), HIT, Opinion(1), "ann")
    assert len(kept.listed(Selection())) == 1


def test_people_are_counted_for_each_hit(kept: Ratings) -> None:
    other = replace(HIT, content="e" * 64)
    for rater, hit in (("ann", HIT), ("bo", HIT), ("bo", HIT), ("bo", other)):
        kept.keep(IMAGE, hit, GOOD, rater)
    assert kept.counts(IMAGE, "art") == {HIT.content: 2, other.content: 1}
    assert kept.counts(Asked("token"), "art") == kept.counts(IMAGE, "other") == {}


def test_nothing_said_takes_a_judgement_back(kept: Ratings) -> None:
    kept.keep(IMAGE, HIT, GOOD, "ann")
    kept.keep(IMAGE, HIT, GOOD, "bo")
    assert kept.keep(IMAGE, HIT, Opinion(), "ann") is None
    assert [each.rater for each in kept.listed(Selection())] == ["bo"]


def test_nobody_takes_back_what_another_said(kept: Ratings) -> None:
    number = kept.keep(IMAGE, HIT, GOOD, "ann")
    assert number is not None
    with pytest.raises(UnknownRating):
        kept.remove(number, "bo")
    kept.remove(number, "ann")
    with pytest.raises(UnknownRating):
        kept.remove(number, "ann")


def test_judgements_outlive_the_query_but_do_not_lead_to_it(
    kept: Ratings, queries: Queries
) -> None:
    asked = Asked(upload(queries))
    kept.keep(asked, HIT, GOOD, "ann")
    (before,) = kept.listed(Selection())
    assert before.asked.token == asked.token
    assert queries.purge(time.time() + 1, days=0) == Purged(queries=1, pictures=1, ratings=1)
    (after,) = kept.listed(Selection())
    assert after == replace(before, asked=Asked())
    assert after.asked.key == asked.key
    with kept.database.begin() as connection:
        (row,) = connection.execute(select(ratings)).all()
    assert str(asked.token) not in repr(row)


def test_a_hit_of_a_query_that_is_forgotten_can_still_be_judged(kept: Ratings) -> None:
    asked = Asked("forgotten-meanwhile")
    kept.keep(asked, HIT, GOOD, "ann")
    (found,) = kept.given(asked, "art", "ann")
    assert found.asked.token is None


def test_judgements_are_listed_some_at_a_time(kept: Ratings) -> None:
    for number in range(5):
        kept.keep(IMAGE, replace(HIT, content=f"{number}" * 64), GOOD, "ann" if number else "bo")
    first = kept.listed(Selection(), limit=2)
    rest = kept.listed(Selection(), after=first[-1].id)
    assert [each.found.content[0] for each in (*first, *rest)] == list("01234")
    assert len(kept.listed(Selection(rater="ann"))) == 4


def test_judgements_are_listed_by_index_and_time(kept: Ratings) -> None:
    kept.keep(IMAGE, HIT, GOOD, "ann")
    with kept.database.begin() as connection:
        connection.execute(update(ratings).values(changed_at=1000.0))
    kept.keep(IMAGE, replace(HIT, index="other"), GOOD, "ann")

    def indexes(which: Selection) -> list[str]:
        return [each.found.index for each in kept.listed(which)]

    assert indexes(Selection(index="art")) == ["art"]
    assert indexes(Selection(since=1000.0)) == ["art", "other"]
    assert indexes(Selection(since=1000.1)) == ["other"]


@pytest.mark.parametrize(
    ("score", "relevant", "opinion"),
    [
        ("10", "yes", Opinion(10, True)),
        (1, False, Opinion(1, False)),
        ("", "", Opinion()),
        (None, None, Opinion()),
        ("3", "no", Opinion(3, False)),
        (None, True, Opinion(None, True)),
    ],
)
def test_opinions_are_read(score: Any, relevant: Any, opinion: Opinion) -> None:
    assert opinion_of(score, relevant) == opinion


@pytest.mark.parametrize(
    ("score", "relevant"),
    [
        *((score, "") for score in ("0", "11", 1.5, True, "-1", "²", [], "9" * 9)),
        *(("", relevant) for relevant in ("perhaps", 1, 0, {}, "true")),
    ],
)
def test_other_opinions_are_refused(score: Any, relevant: Any) -> None:
    with pytest.raises(BadQuery, match="Received"):
        opinion_of(score, relevant)


@pytest.mark.parametrize(
    ("opinion", "wanted"),
    [
        (Opinion(7), True),
        (Opinion(6), None),
        (Opinion(4), None),
        (Opinion(3), False),
        (Opinion(10, False), False),
        (Opinion(1, True), True),
        (Opinion(), None),
    ],
)
def test_what_is_said_of_relevance_goes_before_a_score(opinion: Opinion, wanted: object) -> None:
    assert opinion.wanted is wanted
