"""The JSON of why two pictures are alike."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PartOfLikeness:
    """What each place of a picture brings in to a similarity.

    Attributes:
        parts: of the places, by rows; their sum is the similarity.
        box: the part of the picture on which they lie: left, upper, right and lower edge as shares.
    """

    parts: tuple[tuple[float, ...], ...]
    box: tuple[float, ...]


@dataclass(frozen=True)
class Why:
    """Why a hit is like a picture of the query.

    Attributes:
        similarity: cosine of their features.
        note: what is to be said of it, or "".
        query, hit: what their places bring in.
    """

    similarity: float
    note: str
    query: PartOfLikeness
    hit: PartOfLikeness
