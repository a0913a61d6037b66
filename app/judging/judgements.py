"""What is said of a hit: by whom, of which query, and how the hit was found."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from indexer.errors import BadQuery

LOWEST, HIGHEST = 1, 10
RELEVANT = {"yes": True, "no": False, "": None}
GOOD, BAD = 7, 3
"""Scores from which, and up to which, a hit counts as relevant or not where nobody said so."""


@dataclass(frozen=True)
class Asked:
    """What was searched with: an uploaded query, or an indexed picture.

    Attributes:
        token: of an uploaded query; None of an indexed picture, and of a query that is forgotten.
        id, content, path: of an indexed picture: its id at the time, the SHA-256 of its file, and
            its path.
        boxes: the parts of the pictures that were meant, as an address has them, or "".
        forgotten: `key` of a query whose token is kept no longer.
    """

    token: str | None = None
    id: int | None = None
    content: str | None = None
    path: str | None = None
    boxes: str = ""
    forgotten: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """Return what names the query for ever: a SHA-256 that does not lead back to a token."""
        if self.forgotten:
            return self.forgotten
        source = f"upload {self.token}" if self.token else f"image {self.content}"
        return sha256(f"{source} {self.boxes}".encode()).hexdigest()


@dataclass(frozen=True)
class Found:
    """A hit as it was found.

    Attributes:
        index, generation: that found it.
        parameters: how it was asked for, as an address has it.
        id, content, path: of the picture: its id at the time, the SHA-256 of its file, its path.
        rank: from 1.
        distance, similarity: to the query.
        metric: of the distance.
    """

    index: str
    generation: str
    parameters: str
    id: int
    content: str
    path: str
    rank: int
    distance: float
    similarity: float
    metric: str


@dataclass(frozen=True)
class Opinion:
    """What somebody thinks of a hit.

    Attributes:
        score: from LOWEST, nothing alike, to HIGHEST, the same; None where none was given.
        relevant: None where that was not said.
    """

    score: int | None = None
    relevant: bool | None = None

    def __post_init__(self) -> None:
        """Refuse scores out of their range."""
        if self.score is not None and not LOWEST <= self.score <= HIGHEST:
            raise BadQuery(
                f"score should be a whole number from {LOWEST} to {HIGHEST}. Received: {self.score}"
            )

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is said, as where a judgement was taken back."""
        return self.score is None and self.relevant is None

    @property
    def wanted(self) -> bool | None:
        """Tell whether hits should be more like this one, or less; None: neither."""
        if self.relevant is not None or self.score is None:
            return self.relevant
        return True if self.score >= GOOD else False if self.score <= BAD else None


@dataclass(frozen=True)
class Rating:
    """One judgement as it is kept.

    Attributes:
        id: its number.
        rater: who judged, a random name.
        created_at, changed_at: in seconds since 1970.
    """

    id: int
    rater: str
    asked: Asked
    found: Found
    opinion: Opinion
    created_at: float
    changed_at: float


def opinion_of(score: Any, relevant: Any) -> Opinion:
    """Read an opinion from what a form or a program sends.

    Args:
        score: a whole number, or its digits; None or "" for none.
        relevant: True or False, or "yes" or "no"; None or "" where it is not said.

    Raises:
        BadQuery: one of them is something else.
    """
    said = relevant
    if not isinstance(relevant, bool):
        said = RELEVANT.get("" if relevant is None else str(relevant), relevant)
    if said is not None and not isinstance(said, bool):
        raise BadQuery(f"relevant should be yes or no. Received: {str(relevant)[:40]!r}")
    return Opinion(_score(score), said)


def _score(value: Any) -> int | None:
    if value in (None, ""):
        return None
    text = str(value)
    if isinstance(value, bool | float) or not (text.isascii() and text.isdigit() and len(text) < 4):
        raise BadQuery(
            f"score should be a whole number from {LOWEST} to {HIGHEST}. Received: {text[:40]!r}"
        )
    return int(text)
