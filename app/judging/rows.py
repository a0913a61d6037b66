"""Judgements as rows: the columns of an export, which `flask evaluate ratings` reads."""

from datetime import UTC, datetime
from typing import Any

from app.judging.judgements import Rating

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With which a cell begins that a spreadsheet would run as a formula (OWASP, "CSV Injection")."""

COLUMNS = (
    "id",
    "query",
    "hit",
    "index",
    "rank",
    "score",
    "relevant",
    "rater",
    "query_path",
    "boxes",
    "hit_path",
    "metric",
    "distance",
    "similarity",
    "generation",
    "parameters",
    "created_at",
    "changed_at",
)


def row(rating: Rating) -> dict[str, Any]:
    """Return a judgement by its columns, as JSON has it."""
    asked, found = rating.asked, rating.found
    values = (
        rating.id,
        asked.key,
        found.content,
        found.index,
        found.rank,
        rating.opinion.score,
        rating.opinion.relevant,
        rating.rater,
        asked.path,
        asked.boxes,
        found.path,
        found.metric,
        found.distance,
        found.similarity,
        found.generation,
        found.parameters,
        _time(rating.created_at),
        _time(rating.changed_at),
    )
    return dict(zip(COLUMNS, values, strict=True))


def cells(rating: Rating) -> dict[str, Any]:
    """Return the same for CSV; a text that would be a formula begins with an apostrophe."""
    return {name: _cell(value) for name, value in row(rating).items()}


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return f"'{value}"
    return "" if value is None else value


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
