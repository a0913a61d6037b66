"""Says what a search looked at and what that finds, and what it cost."""

from app.figures import number
from app.search.presenters import milliseconds, percent
from app.search.questions import Question
from app.words import _, ngettext
from indexer.serving.wishes import Wish
from indexer.types import SearchResult


def line(result: SearchResult, question: Question) -> str:
    """Say what was searched, and what that finds."""
    return _looked_at_all(result, question.wish) if _is_scan(result) else _looked(result)


def cost(result: SearchResult, decode: float, encode: float) -> str:
    """Say how the pictures were found, and how long it took.

    Args:
        result: the answer.
        decode, encode: milliseconds that the query's upload took; 0 for an indexed picture.
    """
    time = _time(result, decode, encode)
    return time if _is_scan(result) else f"{_buckets(result)} {time}"


def _looked_at_all(result: SearchResult, wish: Wish) -> str:
    """Say that a search has looked at everything, and why where less was wished for."""
    count = result.permitted
    if wish.recall is not None and wish.recall < 1:
        share = percent(wish.recall)
        if _is_narrowed(result):
            return ngettext(
                "Looked at the one picture that may be found: exact, as nothing less is known to "
                "find %(share)s.",
                "Looked at all %(count)s pictures that may be found: exact, as nothing less is "
                "known to find %(share)s.",
                count,
                share=share,
            )
        return ngettext(
            "Looked at the one picture: exact, as nothing less is known to find %(share)s.",
            "Looked at all %(count)s pictures: exact, as nothing less is known to find %(share)s.",
            count,
            share=share,
        )
    if _is_narrowed(result):
        return ngettext(
            "Looked at the one picture that may be found: exact.",
            "Looked at all %(count)s pictures that may be found: exact.",
            count,
        )
    return ngettext(
        "Looked at the one picture: exact.", "Looked at all %(count)s pictures: exact.", count
    )


def _looked(result: SearchResult) -> str:
    """Say at how much of the gallery a search has looked, and what that finds."""
    values = {
        "visited": number(result.visited),
        "share": percent(result.visited / max(1, result.permitted)),
        "found": "" if result.recall is None else percent(result.recall),
    }
    return _looked_at_some(result, values) if _is_narrowed(result) else _of_all(result, values)


def _of_all(result: SearchResult, values: dict[str, str]) -> str:
    if result.exact:
        return ngettext(
            "Looked at %(visited)s of %(count)s picture (%(share)s): exact.",
            "Looked at %(visited)s of %(count)s pictures (%(share)s): exact.",
            result.permitted,
            **values,
        )
    if result.recall is None:
        return ngettext(
            "Looked at %(visited)s of %(count)s picture (%(share)s).",
            "Looked at %(visited)s of %(count)s pictures (%(share)s).",
            result.permitted,
            **values,
        )
    return ngettext(
        "Looked at %(visited)s of %(count)s picture (%(share)s), which finds %(found)s of the "
        "nearest, as measured.",
        "Looked at %(visited)s of %(count)s pictures (%(share)s), which finds %(found)s of the "
        "nearest, as measured.",
        result.permitted,
        **values,
    )


def _looked_at_some(result: SearchResult, values: dict[str, str]) -> str:
    """Say the same of a search that was narrowed."""
    if result.exact:
        return ngettext(
            "Looked at %(visited)s of %(count)s picture that may be found (%(share)s): exact.",
            "Looked at %(visited)s of %(count)s pictures that may be found (%(share)s): exact.",
            result.permitted,
            **values,
        )
    if result.recall is None:
        return ngettext(
            "Looked at %(visited)s of %(count)s picture that may be found (%(share)s).",
            "Looked at %(visited)s of %(count)s pictures that may be found (%(share)s).",
            result.permitted,
            **values,
        )
    return ngettext(
        "Looked at %(visited)s of %(count)s picture that may be found (%(share)s), which finds "
        "%(found)s of the nearest, as measured.",
        "Looked at %(visited)s of %(count)s pictures that may be found (%(share)s), which finds "
        "%(found)s of the nearest, as measured.",
        result.permitted,
        **values,
    )


def _buckets(result: SearchResult) -> str:
    """Say where these pictures were, and how many of them were measured."""
    return ngettext(
        "What was looked at lay in %(count)s bucket, and %(measured)s were measured.",
        "What was looked at lay in %(count)s buckets, and %(measured)s were measured.",
        result.probes,
        measured=number(result.measured),
    )


def _time(result: SearchResult, decode: float, encode: float) -> str:
    """Say how long all of it took, and each stage where there were several."""
    spent = result.timings
    times = {
        "decode": decode + spent.decode,
        "encode": encode + spent.encode,
        "search": spent.search,
    }
    total = milliseconds(sum(times.values()))
    said = {
        "decode": _("decode %(time)s", time=milliseconds(times["decode"])),
        "encode": _("encode %(time)s", time=milliseconds(times["encode"])),
        "search": _("search %(time)s", time=milliseconds(times["search"])),
    }
    stages = [said[name] for name, time in times.items() if time]
    if len(stages) < 2:
        return _("%(total)s ms", total=total)
    return _("%(total)s ms (%(stages)s)", total=total, stages=", ".join(stages))


def _is_scan(result: SearchResult) -> bool:
    """Tell whether a search looked at all pictures, one after another."""
    return result.exact and not result.probes


def _is_narrowed(result: SearchResult) -> bool:
    """Tell whether more than the search's own pictures were left out."""
    return result.permitted < result.gallery - 1
