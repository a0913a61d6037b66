"""Keeps uploaded queries, so that a result page has an address that any worker can answer."""

import time
from dataclasses import dataclass
from secrets import token_urlsafe
from threading import Lock

import numpy as np
from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from app.database import Database, queries
from indexer.types import Float32, SearchResult
from models.errors import LikenessError

SECONDS_A_DAY = 86_400
SAVES_PER_PURGE = 64
PICTURE_SECONDS = 30.0
"""Time after which a picture that is not there will not come: its worker was killed."""
POLL_SECONDS = 0.02


class UnknownQuery(LikenessError):
    """A token that no kept query has."""


@dataclass(frozen=True)
class StoredQuery:
    """An uploaded query as it was kept.

    Attributes:
        token: the unguessable part of its address.
        index: name of the index that was searched first.
        fingerprint: digest of the encoder that made the feature.
        feature: float32 (dim,).
        width, height: of its kept picture, in pixels.
        decode_ms, encode_ms: milliseconds that its upload took.
    """

    token: str
    index: str
    fingerprint: str
    feature: Float32
    width: int
    height: int
    decode_ms: float
    encode_ms: float


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

    def save(self, result: SearchResult, size: tuple[int, int]) -> str:
        """Keep a query whose picture follows by `add_picture`.

        Args:
            result: its answer.
            size: width and height that its picture will have, in pixels.

        Returns:
            its token.

        Raises:
            DatabaseDown: if it cannot be kept.
        """
        token = token_urlsafe(16)
        values = {
            "token": token,
            "created_at": time.time(),
            "index_name": result.index,
            "fingerprint": result.fingerprint,
            "feature": _to_bytes(result.feature),
            "picture": b"",
            "width": size[0],
            "height": size[1],
            "decode_ms": result.timings.decode,
            "encode_ms": result.timings.encode,
        }
        with self.database.begin() as connection:
            connection.execute(insert(queries).values(values))
        if self._is_time_to_purge():
            self.purge(time.time())
        return token

    def add_picture(self, token: str, jpeg: bytes) -> None:
        """Keep the picture of a query.

        Raises:
            DatabaseDown: if it cannot be kept.
        """
        with self.database.begin() as connection:
            connection.execute(update(queries).where(queries.c.token == token).values(picture=jpeg))

    def load(self, token: str) -> StoredQuery:
        """Return a kept query.

        Raises:
            UnknownQuery: if there is none, or none any longer.
            DatabaseDown: if it cannot be read.
        """
        columns = [column for column in queries.c if column.name not in ("picture", "created_at")]
        with self.database.begin() as connection:
            row = connection.execute(select(*columns).where(self._kept(token))).one_or_none()
        if row is None:
            raise self._unknown()
        feature = np.frombuffer(row.feature, "<f4").astype(np.float32)
        return StoredQuery(
            token=row.token,
            index=row.index_name,
            fingerprint=row.fingerprint,
            feature=feature,
            width=row.width,
            height=row.height,
            decode_ms=row.decode_ms,
            encode_ms=row.encode_ms,
        )

    def picture(self, token: str) -> bytes:
        """Return a kept query's picture, as JPEG; wait for one that is still being made.

        Raises:
            UnknownQuery: if there is none, or none any longer.
            DatabaseDown: if it cannot be read.
        """
        columns = queries.c.picture, queries.c.created_at
        while True:
            with self.database.begin() as connection:
                row = connection.execute(select(*columns).where(self._kept(token))).one_or_none()
            if row is None or (not row.picture and time.time() > row.created_at + PICTURE_SECONDS):
                raise self._unknown()
            if row.picture:
                return bytes(row.picture)
            time.sleep(POLL_SECONDS)

    def renew(self, token: str, result: SearchResult) -> None:
        """Keep the feature that the index's present encoder made of the same picture."""
        values = {"feature": _to_bytes(result.feature), "fingerprint": result.fingerprint}
        with self.database.begin() as connection:
            connection.execute(update(queries).where(queries.c.token == token).values(values))

    def purge(self, now: float) -> None:
        """Remove the queries that are too old, and the oldest of those that are too many."""
        newest = select(queries.c.token).order_by(queries.c.created_at.desc()).limit(self.most)
        oldest = now - self.days * SECONDS_A_DAY
        with self.database.begin() as connection:
            connection.execute(delete(queries).where(queries.c.created_at < oldest))
            connection.execute(delete(queries).where(queries.c.token.not_in(newest)))

    def _kept(self, token: str) -> ColumnElement[bool]:
        """Return the condition for a query that is not too old, though it may not be purged yet."""
        oldest = time.time() - self.days * SECONDS_A_DAY
        return and_(queries.c.token == token, queries.c.created_at >= oldest)

    def _is_time_to_purge(self) -> bool:
        with self._lock:
            self._saves += 1
            return self._saves % SAVES_PER_PURGE == 1

    def _unknown(self) -> UnknownQuery:
        return UnknownQuery(
            f"No search is kept at this address. An uploaded picture is forgotten after "
            f"{self.days} days. Search with it again."
        )


def _to_bytes(feature: Float32) -> bytes:
    return np.asarray(feature, "<f4").tobytes()
