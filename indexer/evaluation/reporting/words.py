"""Says numbers, names and ways of searching in words, alike in tables, captions and alt texts."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Literal

from indexer.evaluation.findings import Way
from indexer.evaluation.reporting.model import Mean

METRICS: Mapping[str, str] = {"cosine": "cosine", "euclidean": "Euclidean", "hamming": "Hamming"}
"""What people call the metrics."""

KINDS: Mapping[str, str] = {"lsh": "LSH", "hamming": "Hamming codes"}
"""What people call the kinds of index; others by their own name."""

SETTING = ("g", "h", "w")
"""Parameters of an index that are always told; others where they differ."""

Kind = Literal["share", "number", "count"]


def number(value: float, kind: Kind = "number") -> str:
    """Write a number: shares with three decimals, counts whole, others with four digits."""
    if kind == "share":
        return f"{value:.3f}"
    if kind == "count" or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def percent(share: float) -> str:
    """Write a share in percent, whole but where that would say none or all of what is neither."""
    whole = f"{100 * share:.0f}"
    if whole in ("0", "100") and 0 < share < 1:
        whole = f"{min(99.9, max(0.1, 100 * share)):.1f}"
    return f"{whole} %"


def percents(mean: Mean) -> str:
    """Write the interval of a mean share: "75 to 81", in percent; "" where it has none."""
    if mean.low == mean.high:
        return ""
    return " to ".join(percent(end).removesuffix(" %") for end in (mean.low, mean.high))


def signed(value: float, kind: Kind = "number") -> str:
    """Write a difference with its sign."""
    return f"{'+' if value >= 0 else '-'}{number(abs(value), kind)}"


def with_interval(mean: Mean, kind: Kind) -> str:
    """Write a mean and, where it is of several queries, its 95 % interval."""
    if not mean.sure:
        return number(mean.value, kind)
    low, high = number(mean.low, kind), number(mean.high, kind)
    return f"{number(mean.value, kind)} (95 % interval {low} to {high})"


def joined(words: Sequence[str]) -> str:
    """Join words as a sentence does: "a, b and c"."""
    *others, last = words or [""]
    return f"{', '.join(others)} and {last}" if others else last


def plain(text: str, width: int = 0) -> str:
    """Return a name as every page and drawing can show it, shortened to `width` if that is not 0.

    Control characters and bytes that are no text become the sign of the unknown.
    """
    shown = "".join(each if each.isprintable() else "\ufffd" for each in text)
    return shown if not width or len(shown) <= width else shown[: width - 1] + "…"


def without_places(command: str) -> str:
    """Write a command with the names of files and folders alone where it says where they lie.

    Everybody may read a report; how the machine's folders are called is nobody's business.

    >>> without_places("flask evaluate folders /home/me/train --queries=../test --show a/1.jpg")
    'flask evaluate folders train --queries=test --show a/1.jpg'
    """
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    return shlex.join(_name_alone(word) for word in words)


def _name_alone(word: str) -> str:
    option, mark, value = word.partition("=") if word.startswith("--") else ("", "", word)
    is_place = value.startswith(("/", "~", "."))
    return f"{option}{mark}{PurePath(value).name or value}" if is_place else word


def within(title: str) -> str:
    """Write a title as it stands within a sentence: "First rank" small, "P@10" as it is."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def shown(value: object) -> str | int | float | None:
    """Return the value of a parameter as a table shows it: 8 in place of 8.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (int, float, str)) or value is None else str(value)


def way(how: Way, *, distractors: bool = False, kind: bool = True) -> str:
    """Say how was searched: "LSH with g = 5, h = 2 and w = 8, cosine".

    Args:
        how: was searched.
        distractors: whether to say whether they were there.
        kind: whether to say which kind of search it was; not where all are exact.
    """
    told = [f"{key} = {shown(how.parameters[key])}" for key in SETTING if key in how.parameters]
    settings = f" with {joined(told)}" if told else ""
    said = f"{KINDS.get(how.kind, how.kind)}{settings}, " if kind else ""
    said += METRICS[how.metric]
    if distractors:
        said += ", with distractors" if how.distractors else ", without distractors"
    return said


def searched_by(found: Way) -> str:
    """Say how was searched, within a sentence: "exact search and cosine distance"."""
    kind = "exact search" if found.kind == "exact" else KINDS.get(found.kind, found.kind)
    return f"{kind} and {METRICS[found.metric]} distance"
