"""Keeps uploaded queries, so that a result page has an address that any worker can answer."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_urlsafe
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update

from app.database import Database
from app.schema import queries, query_pictures, ratings
from app.storedqueries import (
    StoredPicture,
    StoredQuery,
    UnknownQuery,
    boxes_of,
    picture_of,
    row_of,
    to_bytes,
)
from indexer.types import Float32, Timings
from models.types import Box

SECONDS_A_DAY = 86_400
SAVES_PER_PURGE = 64
PICTURE_SECONDS = 30.0
"""Time after which a picture that is not there will not come: its worker was killed."""
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Purged:
    """What was removed.

    Attributes:
        queries, pictures: how many.
        ratings: how many judgements of their hits are kept, without leading to them.
    """

    queries: int
    pictures: int
    ratings: int


class Queries:
    """The uploaded queries of an instance.

    Args:
        database: where they are kept.
        days: after which a query is removed.
        most: queries that are kept; the oldest go first.
    """

    def __init__(self, database: Database, days: int, most: int) -> None:
        self.database = database
        self.days = days
        self.most = most
        self._saves = 0
        self._lock = Lock()

    def save(
        self, index: str, fingerprint: str, pictures: Sequence[StoredPicture], timings: Timings
    ) -> str:
        """Keep a query whose pictures follow by `add_picture`.

        Args:
            index: name of the one that is searched first.
            fingerprint: digest of the encoder that made the features.
            pictures: of which it is made.
            timings: what its upload took.

        Returns:
            its token.

        Raises:
            DatabaseDown: if it cannot be kept.
        """
        token = token_urlsafe(16)
        query = {
            "token": token,
            "created_at": time.time(),
            "index_name": index,
            "fingerprint": fingerprint,
            "decode_ms": timings.decode,
            "encode_ms": timings.encode,
        }
        rows = [row_of(token, *numbered) for numbered in enumerate(pictures)]
        with self.database.begin() as connection:
            connection.execute(insert(queries).values(query))
            connection.execute(insert(query_pictures), rows)
        if self._is_time_to_purge():
            self.purge(time.time())
        return token

    def add_picture(
        self, token: str, jpeg: bytes, position: int = 0, smaller: Mapping[str, bytes] | None = None
    ) -> None:
        """Keep a picture of a query, with its smaller renderings.

        Args:
            token: of the query.
            jpeg: the picture.
            position: of the picture in the query.
            smaller: its renderings as JPEG by their names, small and medium; a name that is
                missing stands for the picture itself.

        Raises:
            DatabaseDown: if it cannot be kept.
        """
        self._change(token, position, {"picture": jpeg, **(smaller or {})})

    def add_faces(self, token: str, faces: Sequence[Box], position: int = 0) -> None:
        """Keep where the faces of a picture are.

        Raises:
            DatabaseDown: if that cannot be kept.
        """
        self._change(token, position, {"faces": json.dumps([list(box) for box in faces])})

    def copy(self, token: str, onto: str, position: int = 0) -> None:
        """Keep all that is kept of a picture for another query, at the same position.

        Raises:
            UnknownQuery: if there is no such picture any longer.
            DatabaseDown: if it cannot be kept.
        """
        its = query_pictures.c
        wanted = select(its.picture, its.small, its.medium, its.faces).where(_at(token, position))
        with self.database.begin() as connection:
            row = connection.execute(wanted).mappings().one_or_none()
        if row is None:
            raise self._unknown()
        self._change(onto, position, dict(row))

    def load(self, token: str) -> StoredQuery:
        """Return a kept query.

        Raises:
            UnknownQuery: if there is none, or none any longer.
            DatabaseDown: if it cannot be read.
        """
        self._require_text(token)
        its = query_pictures.c
        pictures = (
            select(its.feature, its.width, its.height, its.faces)
            .where(its.token == token)
            .order_by(its.position)
        )
        with self.database.begin() as connection:
            row = connection.execute(select(queries).where(self._kept(token))).one_or_none()
            rows = connection.execute(pictures).all()
        if row is None or not rows:
            raise self._unknown()
        return StoredQuery(
            token=row.token,
            index=row.index_name,
            fingerprint=row.fingerprint,
            pictures=tuple(picture_of(each) for each in rows),
            expires=row.created_at + self.days * SECONDS_A_DAY,
            decode_ms=row.decode_ms,
            encode_ms=row.encode_ms,
        )

    def picture(self, token: str, position: int = 0, size: str = "large") -> bytes:
        """Return a picture of a kept query, as JPEG; wait for one that is still being made.

        Args:
            token: of the query.
            position: of the picture in the query.
            size: small or medium: that rendering, or the picture where it has none; large: the
                picture.

        Raises:
            UnknownQuery: if there is none, or none any longer.
            DatabaseDown: if it cannot be read.
        """
        its = query_pictures.c
        # A picture and its renderings come together, so one that is there has all it will have.
        wanted = its.picture if size == "large" else func.coalesce(its[size], its.picture)
        jpeg: bytes = self._awaited(token, position, wanted)
        return jpeg

    def faces(self, token: str, position: int = 0) -> tuple[Box, ...]:
        """Return the faces in a picture of a kept query; wait while they are looked for.

        Raises:
            UnknownQuery: if there is no such picture, or nobody looked for faces in it.
            DatabaseDown: if they cannot be read.
        """
        return boxes_of(self._awaited(token, position, query_pictures.c.faces))

    def renew(self, token: str, fingerprint: str, features: Sequence[Float32]) -> None:
        """Keep the features that the index's present encoder made of the same pictures."""
        of_query = update(queries).where(queries.c.token == token)
        with self.database.begin() as connection:
            connection.execute(of_query.values(fingerprint=fingerprint))
            for position, feature in enumerate(features):
                values = {"feature": to_bytes(feature)}
                connection.execute(
                    update(query_pictures).where(_at(token, position)).values(values)
                )

    def purge(self, now: float, days: float | None = None) -> Purged:
        """Remove the queries that are too old, and the oldest of those that are too many.

        Args:
            now: in seconds since 1970; infinity: all are too old.
            days: after which a query is too old; None: as the settings say.

        Raises:
            DatabaseDown: if they cannot be removed.
        """
        newest = select(queries.c.token).order_by(queries.c.created_at.desc()).limit(self.most)
        oldest = now - (self.days if days is None else days) * SECONDS_A_DAY
        its = or_(queries.c.created_at < oldest, queries.c.token.not_in(newest))
        gone = select(queries.c.token).where(its)
        with self.database.begin() as connection:
            pictures, judged = (
                connection.execute(
                    select(func.count()).select_from(table).where(table.c.token.in_(gone))
                ).scalar_one()
                for table in (query_pictures, ratings)
            )
            removed = connection.execute(delete(queries).where(its)).rowcount
        return Purged(removed, pictures, judged)

    def forget(self) -> bool:
        """Let the database's files hold nothing of what was removed; return whether they could.

        Raises:
            DatabaseDown: if it does not answer.
        """
        return self.database.forget()

    def _change(self, token: str, position: int, values: Mapping[str, object]) -> None:
        with self.database.begin() as connection:
            connection.execute(update(query_pictures).where(_at(token, position)).values(values))

    def _awaited(self, token: str, position: int, column: ColumnElement[Any]) -> Any:
        """Return what follows a query after its answer, as soon as it is there."""
        self._require_text(token)
        wanted = (
            select(column.label("value"), queries.c.created_at)
            .join(queries, queries.c.token == query_pictures.c.token)
            .where(self._kept(token), _at(token, position))
        )
        while True:
            with self.database.begin() as connection:
                row = connection.execute(wanted).one_or_none()
            if row is None or (not row.value and time.time() > row.created_at + PICTURE_SECONDS):
                raise self._unknown()
            if row.value:
                return row.value
            time.sleep(POLL_SECONDS)

    def _kept(self, token: str) -> ColumnElement[bool]:
        """Return the condition for a query that is not too old, though it may not be purged yet."""
        oldest = time.time() - self.days * SECONDS_A_DAY
        return and_(queries.c.token == token, queries.c.created_at >= oldest)

    def _require_text(self, token: str) -> None:
        # PostgreSQL keeps no NUL, and refuses the question for one.
        if "\0" in token:
            raise self._unknown()

    def _is_time_to_purge(self) -> bool:
        with self._lock:
            self._saves += 1
            return self._saves % SAVES_PER_PURGE == 1

    def _unknown(self) -> UnknownQuery:
        return UnknownQuery(
            f"No search is kept at this address. An uploaded picture is forgotten after "
            f"{self.days} days. Search with it again."
        )


def _at(token: str, position: int) -> ColumnElement[bool]:
    return and_(query_pictures.c.token == token, query_pictures.c.position == position)
