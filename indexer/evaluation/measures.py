"""Names the measures of an evaluation, and says how each is read and shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from indexer.evaluation.errors import EvaluationError

K = 10
"""Hits that measures look at unless a user says otherwise."""

DEPTH = 100
"""Hits that an index is asked for where whole rankings are asked for elsewhere."""


@dataclass(frozen=True)
class Measure:
    """One measure of a query, whose mean over queries tables show.

    Attributes:
        name: by which findings hold it.
        title: of columns and axes; that of the mean over queries.
        help: what it says, in a sentence.
        best: which values are better; "" where neither is.
        kind: a share from 0 to 1, a number, or a whole number for each query.
    """

    name: str
    title: str
    help: str
    best: Literal["high", "low", ""]
    kind: Literal["share", "number", "count"]


_ALL = (
    Measure("P@1", "P@1", "Share of queries whose first hit is a right answer.", "high", "share"),
    Measure(
        f"P@{K}", f"P@{K}", f"Share of right answers among the first {K} hits.", "high", "share"
    ),
    Measure(
        f"mP@{K}",
        f"mP@{K}",
        f"Share of right answers among the first {K} hits, or among those up to the last right "
        "answer where that comes sooner, as the revisited Oxford and Paris define it.",
        "high",
        "share",
    ),
    Measure(
        f"AP@{K}",
        f"mAP@{K}",
        f"Mean average precision over the first {K} hits, by the right answers there could be.",
        "high",
        "share",
    ),
    Measure("AP", "mAP", "Mean average precision over whole rankings.", "high", "share"),
    Measure(
        "AP trapezoid",
        "mAP (trapezoid)",
        "Mean average precision as Oxford, Paris and Holidays define it: the area below the "
        "curve of precision over recall, by trapezoids.",
        "high",
        "share",
    ),
    Measure(
        f"R@{K}",
        f"R@{K}",
        f"Share of all right answers that are among the first {K} hits.",
        "high",
        "share",
    ),
    Measure(
        f"nDCG@{K}",
        f"nDCG@{K}",
        f"Gain of the first {K} hits, less for later ranks, as part of the greatest possible.",
        "high",
        "share",
    ),
    Measure("first rank", "First rank", "Rank of the first right answer.", "low", "number"),
    Measure(
        f"first rank@{K}",
        f"First rank@{K}",
        f"Rank of the first right answer among the first {K} hits, or the next rank where none of "
        "them is right.",
        "low",
        "number",
    ),
    Measure("mean rank", "Mean rank", "Mean rank of all right answers.", "low", "number"),
    Measure("distance", "Distance", "Mean distance of the first hits.", "", "number"),
    Measure("similarity", "Similarity", "Mean cosine of the first hits.", "", "number"),
    Measure(
        "recall",
        "Recall",
        "Share of the truly nearest images, by exact search, that the search found.",
        "high",
        "share",
    ),
    Measure("visited", "Visited", "Images that a search looked at.", "low", "count"),
    Measure(
        "short",
        "Too few",
        "Share of queries whose own buckets held fewer images than hits were asked for.",
        "low",
        "share",
    ),
)

MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in _ALL}
"""Name -> measure, for the first K hits where it looks at some; see `at` and `measure_of`."""


def at(name: str, k: int) -> str:
    """Return the name of a measure for another number of hits; "P@1" stays, as all without k do.

    >>> at("P@10", 20)
    'P@20'
    """
    stem, mark, number = name.partition("@")
    return f"{stem}@{k}" if mark and number == str(K) else name


def measure_of(name: str) -> Measure:
    """Return the measure of a name for any number of hits, as that of "P@20".

    Raises:
        EvaluationError: there is none of this name.
    """
    if name in MEASURES:
        return MEASURES[name]
    stem, _, number = name.partition("@")
    usual = MEASURES.get(f"{stem}@{K}")
    if usual is None or not number.isdecimal() or not int(number):
        raise EvaluationError(
            f"There is no measure {name!r}. Those there are: {', '.join(MEASURES)}; other numbers "
            f"than {K} may stand after @."
        )
    title, said = (text.replace(str(K), number) for text in (usual.title, usual.help))
    return replace(usual, name=name, title=title, help=said)
