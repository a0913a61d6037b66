"""The JSON of judging: what a page says of its hits, and what was judged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class JudgedHit:
    """A hit that can be judged.

    Attributes:
        rank: of the hit.
        ticket: names it when it is judged.
        score: from 1 to 10, as this rater said; or null.
        relevant: as this rater said; or null.
        people: how many judged it.
    """

    rank: int
    ticket: str
    score: int | None
    relevant: bool | None
    people: int


@dataclass(frozen=True)
class JudgingOfPage:
    """The hits of a page that can be judged.

    Attributes:
        hits: by rank.
        again: address of the search that follows this rater's judgements, or null.
    """

    hits: tuple[JudgedHit, ...]
    again: str | None


@dataclass(frozen=True)
class Judgement:
    """A judgement that is sent.

    Attributes:
        ticket: of the hit, from a search with judge=1.
        score: from 1 to 10, or null.
        relevant: or null; without either, what was said before is taken back.
    """

    ticket: str
    score: int | None = None
    relevant: bool | None = None


@dataclass(frozen=True)
class Kept:
    """A judgement that was kept.

    Attributes:
        id: its number; null where it was taken back.
        score, relevant: as it says.
        people: how many judged the hit.
        again: address of the search that follows this rater's judgements, or null.
    """

    id: int | None
    score: int | None
    relevant: bool | None
    people: int
    again: str | None


@dataclass(frozen=True)
class RatedHit:
    """A judgement that is listed, by the columns of an export.

    Attributes:
        id: its number.
        query, hit: contents of both, or what stands for the query.
        index: that found it.
        rank: of the hit.
        score, relevant: what was said.
        rater: a number by lot, not a person.
        query_path, hit_path: files of both, "" where the query was uploaded.
        boxes: part of the query that was searched with.
        metric: by which hits were ranked.
        distance, similarity: of the hit.
        generation: of the index.
        parameters: of the search.
        created_at, changed_at: as ISO 8601 in UTC.
    """

    id: int
    query: str
    hit: str
    index: str
    rank: int
    score: int | None
    relevant: bool | None
    rater: str
    query_path: str | None
    boxes: str
    hit_path: str
    metric: str
    distance: float
    similarity: float
    generation: str
    parameters: str
    created_at: str
    changed_at: str


@dataclass(frozen=True)
class Ratings:
    """A page of one's own judgements, and the address of the next one, or null."""

    ratings: tuple[RatedHit, ...]
    next: str | None
