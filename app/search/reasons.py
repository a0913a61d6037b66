"""Lights up why two pictures are alike: which places of both bring in their likeness."""

from base64 import b64encode
from dataclasses import dataclass

from app.search.shown import Asked
from indexer.search import SearchService
from indexer.serving.asking import Part
from indexer.serving.heat import draw
from indexer.serving.why import Explanation
from indexer.types import Float32, Metric
from models.errors import NoExplanation
from models.types import Shares


@dataclass(frozen=True)
class Heat:
    """A drawn map: its data: address, and the part of a picture on which it lies, in pixels."""

    address: str
    x: float
    y: float
    across: float
    down: float


def reason(
    service: SearchService, part: Part, hit: int, metric: Metric
) -> tuple[Explanation | None, str]:
    """Return why a hit is like a picture, or None, and what is to be said of that.

    Args:
        service: that found it.
        part: picture that it is compared with.
        hit: id of what was found.
        metric: that it was found by.

    Raises:
        LikenessError: as SearchService.why, but where the network cannot explain.
    """
    try:
        found = service.why(part, hit, metric=metric)
    except NoExplanation as error:
        return None, str(error)
    return found, found.note


def heats(
    asked: Asked, hit: Asked, found: Explanation | None
) -> tuple[Heat, Heat] | tuple[None, None]:
    """Return what lights up two pictures where they are alike, or None where that is not known."""
    if found is None:
        return None, None
    return (
        _heat(asked, found, found.query_map, found.query_shown),
        _heat(hit, found, found.hit_map, found.hit_shown),
    )


def _heat(picture: Asked, found: Explanation, parts: Float32, part: Shares) -> Heat:
    left, top, right, bottom = part
    png = b64encode(draw(parts, found.most).png).decode()
    return Heat(
        address=f"data:image/png;base64,{png}",
        x=round(left * picture.width, 1),
        y=round(top * picture.height, 1),
        across=round((right - left) * picture.width, 1),
        down=round((bottom - top) * picture.height, 1),
    )
