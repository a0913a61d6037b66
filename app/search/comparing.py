"""Compares a hit with a picture of its query: both large, their figures, and why they are alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.api.schemas.reasons import PartOfLikeness, Why
from app.search import shown
from app.search.likeness import Figures, figures
from app.search.patterns import of_images
from app.search.presenters import Thumbnail, content, figure, thumbnail
from app.search.questions import Question
from app.search.reasons import Heat, heats, reason
from app.search.shown import Asked
from indexer.search import SearchService
from indexer.serving.asking import Part
from indexer.serving.why import Explanation
from indexer.types import Hit, Timings

HEIGHT = 640
"""Height at which two pictures stand side by side where there is room, in pixels."""
WIDE = 2.2
"""Width of two pictures, in their height, from which a phone shows one below the other."""


@dataclass(frozen=True)
class Compared:
    """The picture of a query that a hit is compared with.

    Attributes:
        asked: all pictures of the query, as pages show them.
        position: of the one that is meant.
        parts: all of them as they were searched with; the one that is meant as its feature.
        seen: the same as a picture, whose places can be looked at.
        left_out: images that the search does not find.
        timings: what describing it took.
    """

    asked: Sequence[Asked]
    position: int
    parts: Sequence[Part]
    seen: Part
    left_out: frozenset[int]
    timings: Timings


@dataclass(frozen=True)
class Side:
    """One of two pictures that are compared.

    Attributes:
        picture: what it is.
        width: in pixels, at the height of both.
        heat: its places that are alike, or None where they cannot be told.
    """

    picture: Asked
    width: int
    heat: Heat | None


@dataclass(frozen=True)
class Comparison:
    """A hit beside a picture of its query.

    Attributes:
        query, hit: both pictures.
        shown: the hit's renderings, and where more like it is found.
        page: address of the hit's page in the gallery.
        figures: how alike these two are.
        is_alone: whether more than this picture was searched with, so that the card's figures are
            others.
        note: what is to be said of the reason, or why there is none.
        found: the reason as numbers, or None.
        anew: the similarity of the reason, where that differs from the search's, or "".
        measured: the figures as numbers.
        timings: what all of it took.
    """

    query: Side
    hit: Side
    shown: Thumbnail
    page: str
    figures: Figures
    is_alone: bool
    note: str
    found: Explanation | None
    anew: str
    measured: Hit
    timings: Timings

    @property
    def is_wide(self) -> bool:
        """Return whether a phone shows one picture below the other."""
        return self.query.width + self.hit.width > WIDE * HEIGHT

    def plain(self) -> Why:
        """Return it as plain values, for programs."""
        found, measured = self.found, self.measured
        return Why(
            similarity=measured.similarity,
            distance=measured.distance,
            sum_of_parts=found.similarity if found else None,
            note=self.note,
            query=PartOfLikeness(found.query_map.tolist(), found.query_shown) if found else None,
            hit=PartOfLikeness(found.hit_map.tolist(), found.hit_shown) if found else None,
        )


def compared_with(
    service: SearchService,
    asked: Sequence[Asked],
    position: int,
    parts: Sequence[Part],
    seen: Part,
    left_out: frozenset[int] = frozenset(),
) -> Compared:
    """Return the picture of a query that a hit is compared with; it is described once for all.

    Args:
        service: that found the hit.
        asked: all pictures of the query, as pages show them.
        position: of the one that is meant.
        parts: all of them as they were searched with.
        seen: the one that is meant as a picture, whose places can be looked at.
        left_out: images that the search does not find.

    Raises:
        LikenessError: as SearchService.describe.
    """
    feature, cost = service.describe(parts[position])
    described = [*parts[:position], Part(feature), *parts[position + 1 :]]
    return Compared(asked, position, described, seen, left_out, cost)


def compare(service: SearchService, question: Question, compared: Compared, hit: int) -> Comparison:
    """Compare a hit with a picture of the query; for the request under way.

    Args:
        service: that found it.
        question: how the hits were asked for.
        compared: the picture of the query.
        hit: id of what was found.

    Raises:
        LikenessError: as SearchService.compare and SearchService.why.
    """
    asked, metric = compared.asked[compared.position], question.metric or service.manifest.metric
    measured, _ = service.compare(compared.parts[compared.position], hit, metric=metric)
    found, note = reason(service, compared.seen, hit, metric)
    (other,) = shown.of_image(service, hit, replace(question, boxes={}))
    heat, heat_of_hit = heats(asked, other, found)
    told = figures(measured, metric, service.strength.percentile(measured.distance, metric))
    anew = figure(found.similarity) if found else told.similarity
    return Comparison(
        query=_side(asked, heat),
        hit=_side(other, heat_of_hit),
        shown=thumbnail(service.name, hit, measured.image, question.for_another()),
        page=of_images("browsing.picture", index=service.name)(hit, content(measured.image)),
        figures=told,
        is_alone=len(compared.asked) > 1 or bool(question.more or question.less),
        note=note,
        found=found,
        anew=anew if anew != told.similarity else "",
        measured=measured,
        timings=compared.timings + (found.timings if found else Timings()),
    )


def _side(picture: Asked, heat: Heat | None) -> Side:
    return Side(picture, max(1, round(HEIGHT * picture.width / picture.height)), heat)
