"""Says in a line what a search looked at, what that finds, and how long it took."""

from app.search.presenters import images, milliseconds, percent
from app.search.questions import Question
from indexer.serving.wishes import Wish
from indexer.types import SearchResult


def line(result: SearchResult, question: Question, decode: float, encode: float) -> str:
    """Say what was searched, what that finds, and how long it took.

    Args:
        result: the answer.
        question: how it was asked for.
        decode, encode: milliseconds that the query's upload took; 0 for an indexed picture.
    """
    timings = result.timings
    times = [
        ("decode", decode + timings.decode),
        ("encode", encode + timings.encode),
        ("search", timings.search),
    ]
    total = milliseconds(sum(time for _, time in times))
    stages = ", ".join(f"{name} {milliseconds(time)}" for name, time in times if time)
    detail = f" ({stages})" if len([time for _, time in times if time]) > 1 else ""
    return f"{_looked(result, question.wish)}. {total} ms{detail}"


def _looked(result: SearchResult, wish: Wish) -> str:
    """Say at how much of the gallery a search has looked, and what that finds."""
    of, among = result.permitted, _among(result)
    share = result.visited / max(1, of)
    parts = f"in {result.probes:,} {'bucket' if result.probes == 1 else 'buckets'}"
    looked = f"Looked at {result.visited:,} of {of:,} images{among} ({percent(share)}) {parts}"
    if result.exact and result.probes:
        return f"{looked}: exact"
    if result.exact:
        size = "the one image" if of == 1 else f"all {of:,} {images(of)}"
        nothing_less = wish.recall is not None and wish.recall < 1
        why = f", as nothing less is known to find {percent(wish.recall or 1)}"
        return f"Looked at {size}{among}: exact{why if nothing_less else ''}"
    looked = f"{looked}, measured {result.measured:,}"
    if result.recall is None:
        return looked
    return f"{looked}; finds {percent(result.recall)} of the nearest, as measured"


def _among(result: SearchResult) -> str:
    """Say that a search was narrowed, where more than its own pictures were left out."""
    return " that may be found" if result.permitted < result.gallery - 1 else ""
