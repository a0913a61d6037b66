"""Shows why a hit is like its query: which places of both bring in their likeness."""

from base64 import b64encode
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from app.api.schemas.reasons import PartOfLikeness, Why
from app.search import shown
from app.search.marks import Mark
from app.search.presenters import figure
from app.search.questions import Question
from app.search.shown import Asked
from indexer.search import SearchService
from indexer.serving.asking import Part
from indexer.serving.heat import draw
from indexer.serving.why import Explanation
from indexer.types import Float32
from models.types import Shares


@dataclass(frozen=True)
class Lit:
    """A picture and the places of it that are alike.

    Attributes:
        picture: what is lit.
        heat: the drawn map, as a data: address.
        x, y, across, down: the part of the picture on which it lies, in pixels.
    """

    picture: Asked
    heat: str
    x: float
    y: float
    across: float
    down: float


@dataclass(frozen=True)
class Reason:
    """Why a hit is like its query.

    Attributes:
        query, hit: both pictures.
        similarity: the cosine, of which both maps are the parts.
        note: what is to be said of it, or "".
        found: the same as numbers.
    """

    query: Lit
    hit: Lit
    similarity: str
    note: str
    found: Explanation

    def plain(self) -> Why:
        """Return it as plain values, for programs."""
        found = self.found
        return Why(
            similarity=found.similarity,
            note=self.note,
            query=PartOfLikeness(found.query_map.tolist(), found.query_shown),
            hit=PartOfLikeness(found.hit_map.tolist(), found.hit_shown),
        )


def reason(
    service: SearchService, part: Part, asked: Asked, question: Question, hit: int
) -> Reason:
    """Explain a hit.

    Args:
        service: that found it.
        part: picture of the query that it is compared with.
        asked: the same, as its page shows it.
        question: how it was asked for.
        hit: id of what was found.

    Raises:
        LikenessError: as SearchService.why.
    """
    found = service.why(part, hit, metric=question.metric)
    (other,) = shown.of_image(service, hit, replace(question, boxes={}))
    return Reason(
        query=_lit(asked, found, found.query_map, found.query_shown),
        hit=_lit(other, found, found.hit_map, found.hit_shown),
        similarity=figure(found.similarity),
        note=found.note,
        found=found,
    )


def address(question: Question, values: dict[str, Any], mark: Mark) -> str:
    """Return the address of the reason of a hit.

    Args:
        question: how it was asked for.
        values: of the address of its result page, by name.
        mark: of the hit.
    """
    endpoint = "search.why_query" if "token" in values else "search.why_image"
    return url_for(endpoint, **values, hit=str(mark), **question.parameters(page=question.page))


def _lit(picture: Asked, found: Explanation, parts: Float32, part: Shares) -> Lit:
    left, top, right, bottom = part
    png = b64encode(draw(parts, found.most).png).decode()
    return Lit(
        picture=picture,
        heat=f"data:image/png;base64,{png}",
        x=round(left * picture.width, 1),
        y=round(top * picture.height, 1),
        across=round((right - left) * picture.width, 1),
        down=round((bottom - top) * picture.height, 1),
    )
