"""What an uploaded query is made of, and how its pictures become rows of the database."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from indexer.types import Float32
from models.errors import LikenessError
from models.types import Box


class UnknownQuery(LikenessError):
    """A token that no kept query has."""


@dataclass(frozen=True)
class StoredPicture:
    """One picture of a query.

    Attributes:
        feature: float32 (dim,).
        width, height: of what is kept of it, in pixels.
        faces: boxes of the faces in it, the largest first, their edges as shares of width and
            height; None where nobody has looked yet.
    """

    feature: Float32
    width: int
    height: int
    faces: tuple[Box, ...] | None = None


@dataclass(frozen=True)
class StoredQuery:
    """An uploaded query as it was kept.

    Attributes:
        token: the unguessable part of its address.
        index: name of the index that was searched first.
        fingerprint: digest of the encoder that made the features.
        pictures: of which it is made, in their order.
        expires: when it is removed at the latest, in seconds since 1970.
        decode_ms, encode_ms: milliseconds that its upload took.
    """

    token: str
    index: str
    fingerprint: str
    pictures: tuple[StoredPicture, ...]
    expires: float
    decode_ms: float
    encode_ms: float


def row_of(token: str, position: int, picture: StoredPicture) -> dict[str, object]:
    """Return the row of a picture that is kept at a position of a query, still without its file."""
    return {
        "token": token,
        "position": position,
        "feature": to_bytes(picture.feature),
        "picture": b"",
        "width": picture.width,
        "height": picture.height,
    }


def picture_of(row: Any) -> StoredPicture:
    """Return the picture of a row with feature, width, height and faces."""
    feature = np.frombuffer(row.feature, "<f4").astype(np.float32)
    faces = None if row.faces is None else boxes_of(row.faces)
    return StoredPicture(feature, row.width, row.height, faces)


def boxes_of(text: str) -> tuple[Box, ...]:
    """Return boxes that were kept as JSON."""
    return tuple((left, top, right, bottom) for left, top, right, bottom in json.loads(text))


def to_bytes(feature: Float32) -> bytes:
    """Return a feature as it is kept: little-endian float32."""
    return np.asarray(feature, "<f4").tobytes()
