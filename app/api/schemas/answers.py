"""The JSON that a search answers, the same over the API and on the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.api.schemas.judging import JudgingOfPage
from app.search.presenters import content
from indexer.serving.folding import Fold
from indexer.text import readable
from indexer.types import Metric, SearchResult


@dataclass(frozen=True)
class FoundImage:
    """One image of an answer.

    Attributes:
        rank: from 1, through all pages.
        id: of the image, until its index is built again.
        path: of its file, relative to the gallery.
        label: its class, or null.
        distance: to what was asked, in the metric of the answer.
        similarity: cosine of the two features, or of their signs where the metric is hamming.
        content: first digits of the file's SHA-256, which outlive a rebuild; `more` and `less`
            name an image by `id-content`.
        nearer_than: percentage of all pairs of this gallery's images that lie farther apart; null
            where it is too small to say.
        same: ids of images that are nearly the same, and were folded into this one.
    """

    rank: int
    id: int
    path: str
    label: str | None
    distance: float
    similarity: float
    content: str
    nearer_than: float | None
    same: tuple[int, ...]


@dataclass(frozen=True)
class Milliseconds:
    """What the stages of a search took; 0 where a stage was not needed."""

    decode: float
    encode: float
    search: float


@dataclass(frozen=True)
class Answer:
    """What a search has found, and what was done for it.

    Attributes:
        query: what the query is called, as the names of uploaded files.
        index: that was searched.
        metric: by which hits are ranked.
        hits: of this page.
        visited: images that were looked at.
        probes: buckets in which these lay; 0 where there are none.
        measured: images whose distances were computed.
        gallery: images that the index holds.
        exact: whether these surely are the nearest.
        recall: part of the true nearest that such searches find, as measured; null where it was
            not.
        milliseconds: by stage.
        page: from 1.
        permitted: images that might be found, in the classes that were asked for.
        strong_until: rank of the last hit before what is much less alike, or null.
        judging: by which hits can be judged, where that was asked for; else null.
    """

    query: str
    index: str
    metric: Metric
    hits: tuple[FoundImage, ...]
    visited: int
    probes: int
    measured: int
    gallery: int
    exact: bool
    recall: float | None
    milliseconds: Milliseconds
    page: int
    permitted: int
    strong_until: int | None
    judging: JudgingOfPage | None


@dataclass(frozen=True)
class Faces:
    """The faces in a picture of a query, the largest first, as values of the parameter `box`."""

    faces: tuple[str, ...]


def answer_of(
    result: SearchResult,
    query: str,
    folds: Sequence[Fold] | None = None,
    percentiles: Sequence[float] | None = None,
    **more: Any,
) -> Answer:
    """Return a search's answer for programs.

    Args:
        result: the answer.
        query: what the query is called, e.g. the uploaded file's name.
        folds: its hits as they are shown; None for each by itself.
        percentiles: how strong the hits of these folds are; None where that is not known.
        more: page, strong_until and judging, where they are not 1, None and None.
    """
    timings = result.timings
    shown = [Fold(hit) for hit in result.hits] if folds is None else folds
    strengths: Sequence[float | None] = percentiles or [None] * len(shown)
    known = {"page": 1, "strong_until": None, "judging": None} | more
    return Answer(
        query=query,
        index=result.index,
        metric=result.metric,
        hits=tuple(_found(fold, at) for fold, at in zip(shown, strengths, strict=True)),
        visited=result.visited,
        probes=result.probes,
        measured=result.measured,
        gallery=result.gallery,
        exact=result.exact,
        recall=result.recall,
        milliseconds=Milliseconds(
            *(round(each, 3) for each in (timings.decode, timings.encode, timings.search))
        ),
        permitted=result.permitted,
        **known,
    )


def _found(fold: Fold, percentile: float | None) -> FoundImage:
    hit = fold.first
    return FoundImage(
        rank=hit.rank,
        id=hit.id,
        path=readable(hit.image.path),
        label=None if hit.image.label is None else readable(hit.image.label),
        distance=hit.distance,
        similarity=hit.similarity,
        content=content(hit.image),
        nearer_than=percentile,
        same=tuple(other.id for other in fold.others),
    )
