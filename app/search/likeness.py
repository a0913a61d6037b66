"""How alike a hit is, as people read it."""

from dataclasses import dataclass
from math import floor

from app.figures import percent
from app.search.presenters import bits, figure
from app.words import _
from indexer.types import Hit, Metric


@dataclass(frozen=True)
class Figures:
    """How alike a hit is, for people.

    Attributes:
        percent: length of its bar.
        strength: of all pairs of this gallery's pictures, how many lie farther apart; "" where the
            gallery is too small to say.
    """

    distance: str
    similarity: str
    percent: str
    strength: str


def figures(hit: Hit, metric: Metric, percentile: float | None) -> Figures:
    """Return how alike a hit is, for people.

    Args:
        hit: as it was measured.
        metric: of its distance.
        percentile: of all pairs, how many lie farther apart; None where that is not known.
    """
    return Figures(
        distance=(bits if metric == "hamming" else figure)(hit.distance),
        similarity=figure(hit.similarity),
        percent=f"{100 * min(1.0, max(0.0, hit.similarity)):.1f}",
        strength="" if percentile is None else of_pairs(percentile),
    )


def of_pairs(percentile: float) -> str:
    """Return a share of all pairs for people: as many digits as a sample of pairs can tell."""
    if percentile > 99.99:
        return _("over %(share)s", share=percent(99.99, ".2f"))
    if percentile > 99:
        return percent(floor(100 * percentile) / 100, "g")
    return percent(percentile, ".0f")
