"""The JSON of why two pictures are alike."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PartOfLikeness:
    """What each place of a picture brings in to a similarity.

    Attributes:
        parts: of the places, by rows; their sum is `sum_of_parts`.
        box: the part of the picture on which they lie: left, upper, right and lower edge as shares.
    """

    parts: tuple[tuple[float, ...], ...]
    box: tuple[float, ...]


@dataclass(frozen=True)
class Why:
    """How like a picture of the query a hit is, and why.

    Attributes:
        similarity: cosine of their features; of hash codes that of their signs. It is measured as
            the search measures it: 1 - distance where the metric is the cosine.
        distance: by the metric of the search.
        sum_of_parts: cosine of both pictures as they were looked at once more for the parts, which
            is about the similarity; null where there are none.
        note: what is to be said of it, or "".
        query, hit: what their places bring in; null where the network cannot tell, and the note
            says why.
    """

    similarity: float
    distance: float
    sum_of_parts: float | None
    note: str
    query: PartOfLikeness | None
    hit: PartOfLikeness | None
