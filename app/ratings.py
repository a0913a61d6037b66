"""Keeps what people say of hits, for evaluations and for searches that follow it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select

from app.database import Database, insert_into
from app.judging.judgements import Asked, Found, Opinion, Rating
from app.schema import queries, ratings
from models.errors import LikenessError

ONE = ("query", "index_name", "hit_content", "rater")
"""Columns that name one judgement: a second one replaces the first."""
AT_ONCE = 1000


class UnknownRating(LikenessError):
    """A judgement that is not kept, or is another's."""


@dataclass(frozen=True)
class Selection:
    """Which judgements are meant; of None, all.

    Attributes:
        rater: who judged.
        index: that found the hits.
        since: when they were last changed at the earliest, in seconds since 1970.
    """

    rater: str | None = None
    index: str | None = None
    since: float | None = None


class Ratings:
    """The judgements of an instance.

    Args:
        database: where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def keep(self, asked: Asked, found: Found, opinion: Opinion, rater: str) -> int | None:
        """Keep a judgement in place of the same person's earlier one of this hit.

        Returns:
            its number; None where the opinion is empty, which takes the judgement back.

        Raises:
            DatabaseDown: if it cannot be kept.
        """
        now = time.time()
        row = _row(asked, found, opinion) | {"rater": rater, "created_at": now, "changed_at": now}
        with self.database.begin() as connection:
            if opinion.is_empty:
                its = [ratings.c[name] == row[name] for name in ONE]
                connection.execute(delete(ratings).where(*its))
                return None
            # A query may be forgotten while its page is still open.
            row["token"] = _token_if_kept(asked.token)
            kept = {name: row[name] for name in row if name not in (*ONE, "created_at")}
            statement = insert_into(connection, ratings).values(row)
            number: int = connection.execute(
                statement.on_conflict_do_update(index_elements=ONE, set_=kept).returning(
                    ratings.c.id
                )
            ).scalar_one()
        return number

    def remove(self, number: int, rater: str) -> None:
        """Take a judgement back.

        Raises:
            UnknownRating: this rater gave none of that number.
            DatabaseDown: if it cannot be removed.
        """
        its = and_(ratings.c.id == number, ratings.c.rater == rater)
        with self.database.begin() as connection:
            if not connection.execute(delete(ratings).where(its)).rowcount:
                raise UnknownRating(f"No judgement of yours has the number {number}.")

    def given(self, asked: Asked, index: str, rater: str) -> Sequence[Rating]:
        """Return what somebody said of the hits of a query, the newest first.

        Raises:
            DatabaseDown: if it cannot be read.
        """
        its = _of_query(asked, index), ratings.c.rater == rater
        newest = ratings.c.changed_at.desc(), ratings.c.id.desc()
        with self.database.begin() as connection:
            rows = connection.execute(select(ratings).where(*its).order_by(*newest)).all()
        return [_rating(row) for row in rows]

    def counts(self, asked: Asked, index: str) -> Mapping[str, int]:
        """Return how many people judged each hit of a query, by the content of the hit.

        Raises:
            DatabaseDown: if it cannot be read.
        """
        content = ratings.c.hit_content
        counted = select(content, func.count()).where(_of_query(asked, index)).group_by(content)
        with self.database.begin() as connection:
            return {row[0]: row[1] for row in connection.execute(counted)}

    def listed(self, which: Selection, after: int = 0, limit: int = AT_ONCE) -> Sequence[Rating]:
        """Return judgements by their numbers.

        Args:
            which: are meant.
            after: the number after which they begin.
            limit: how many are returned at most.

        Raises:
            DatabaseDown: if they cannot be read.
        """
        its = [ratings.c.id > after]
        if which.rater is not None:
            its.append(ratings.c.rater == which.rater)
        if which.index is not None:
            its.append(ratings.c.index_name == which.index)
        if which.since is not None:
            its.append(ratings.c.changed_at >= which.since)
        wanted = select(ratings).where(*its).order_by(ratings.c.id).limit(limit)
        with self.database.begin() as connection:
            rows = connection.execute(wanted).all()
        return [_rating(row) for row in rows]


def _of_query(asked: Asked, index: str) -> ColumnElement[bool]:
    return and_(ratings.c.query == asked.key, ratings.c.index_name == index)


def _token_if_kept(token: str | None) -> Any:
    return select(queries.c.token).where(queries.c.token == token).scalar_subquery()


def _row(asked: Asked, found: Found, opinion: Opinion) -> dict[str, Any]:
    return {
        "query": asked.key,
        "query_id": asked.id,
        "query_content": asked.content,
        "query_path": asked.path,
        "boxes": asked.boxes,
        "index_name": found.index,
        "generation": found.generation,
        "parameters": found.parameters,
        "hit_id": found.id,
        "hit_content": found.content,
        "hit_path": found.path,
        "rank": found.rank,
        "distance": found.distance,
        "similarity": found.similarity,
        "metric": found.metric,
        "score": opinion.score,
        "relevant": opinion.relevant,
    }


def _rating(row: Any) -> Rating:
    return Rating(
        row.id,
        row.rater,
        Asked(row.token, row.query_id, row.query_content, row.query_path, row.boxes, row.query),
        Found(
            row.index_name,
            row.generation,
            row.parameters,
            row.hit_id,
            row.hit_content,
            row.hit_path,
            row.rank,
            row.distance,
            row.similarity,
            row.metric,
        ),
        Opinion(row.score, row.relevant),
        row.created_at,
        row.changed_at,
    )
