"""Tells why two pictures are alike: how much of their cosine each of their places brings in.

Where the map of a network is averaged to a feature, and all that follows is linear, a feature is
the sum of what its places tell, and so the cosine of two features is a sum over all pairs of a
place of the one and a place of the other:

    cos(q, h) = (sum over i, j of <Q_i, H_j>) / (|q| |h|)

A place is shown by its part of that sum: over all j for a place i of the query, over all i for a
place j of the image that was found. Source: Stylianou, Souvenir and Pless, "Visualizing Deep
Similarity Networks", WACV 2019, section 3.1.
"""

from dataclasses import dataclass, field

import numpy as np

from indexer.distances import Float64
from indexer.features.reduction import Reduction
from indexer.types import Float32, Metric, Timings
from models.encoder import Encoder
from models.errors import NoExplanation
from models.images import Look
from models.parting import require_parts
from models.types import Fingerprint, Shares

OTHER_METRIC = (
    "The index ranks by the {metric} distance. What is shown here is how the places share in the "
    "cosine, which does not depend on the features' lengths; ranks may differ a little."
)


@dataclass(frozen=True)
class Explanation:
    """How much each place of two pictures brings in to their cosine.

    A part may be negative: such a place makes the pictures less alike.

    Attributes:
        query_map: float32 (h, w), of the query; its sum is the similarity.
        hit_map: float32 (h, w), of the image that was found; its sum is the same.
        similarity: the cosine of the two features, as the encoder gives them now.
        query_shown: the part of the upright query picture on which its map lies.
        hit_shown: the same of the image that was found.
        metric: that hits are ranked by.
        note: what is to be said of the metric where that is not the cosine, or "".
        timings: what decoding and encoding both pictures took.
    """

    query_map: Float32
    hit_map: Float32
    similarity: float
    query_shown: Shares
    hit_shown: Shares
    metric: Metric = "cosine"
    note: str = ""
    timings: Timings = field(default_factory=Timings)

    @property
    def most(self) -> float:
        """Return what both maps are drawn up to: the largest part, so that they can be compared.

        It is no less than what a place brings in on the average where two pictures are the same:
        little likeness is drawn pale.
        """
        largest = max(self.query_map.max(), self.hit_map.max())
        return float(max(largest, 1 / self.query_map.size))


def is_explainable(fingerprint: Fingerprint, metric: Metric) -> bool:
    """Tell whether the likeness of an encoder's features can be shared out among places."""
    try:
        require_explainable(fingerprint, metric)
    except NoExplanation:
        return False
    return True


def require_explainable(fingerprint: Fingerprint, metric: Metric) -> None:
    """Refuse likeness that is no sum over places.

    Args:
        fingerprint: of the features.
        metric: that hits are ranked by.

    Raises:
        NoExplanation: naming what stands in the way.
    """
    if metric == "hamming":
        raise NoExplanation(
            "Which places make two pictures alike can be told of features, and this search "
            "compares hash codes: the signs of features, of which no place has a share. Search by "
            "the metric cosine for that."
        )
    require_parts(fingerprint)


def explain(
    encoder: Encoder, query: Look, hit: Look, reduction: Reduction | None, metric: Metric
) -> Explanation:
    """Share the cosine of two pictures out among their places.

    Args:
        encoder: of the index.
        query, hit: what the encoder is shown of both: uint8 (size, size, 3).
        reduction: what shortens the encoder's features, or None.
        metric: that hits are ranked by.

    Raises:
        NoExplanation: as for require_explainable.
        EncoderFailed, EncoderBusy: as for Encoder.encode.
    """
    require_explainable(encoder.fingerprint, metric)
    places = encoder.places(np.stack([query.pixels, hit.pixels]))
    own, other = (_parts(each, reduction) for each in places)
    similarity, query_map, hit_map = shared(own, other)
    return Explanation(
        query_map.astype(np.float32).reshape(places.shape[1:3]),
        hit_map.astype(np.float32).reshape(places.shape[1:3]),
        similarity,
        query.shown,
        hit.shown,
        metric,
        "" if metric == "cosine" else OTHER_METRIC.format(metric=metric),
    )


def shared(query: Float64, hit: Float64) -> tuple[float, Float64, Float64]:
    """Share a cosine out among the parts of two features.

    The sum of <Q_i, H_j> over all j is <Q_i, h>, so no pair has to be looked at by itself.

    Args:
        query: float64 (n, dim), parts that sum to a feature.
        hit: float64 (m, dim), those of the other.

    Returns:
        the cosine, and what each part of either brings in, float64 (n,) and (m,). All are 0 where
        a feature is, as for a search.
    """
    own, other = query.sum(axis=0), hit.sum(axis=0)
    lengths = float(np.linalg.norm(own) * np.linalg.norm(other))
    if lengths == 0:
        return 0.0, np.zeros(len(query)), np.zeros(len(hit))
    return float(own @ other) / lengths, query @ other / lengths, hit @ own / lengths


def _parts(places: Float32, reduction: Reduction | None) -> Float64:
    """Make of what places tell, whose mean is a feature, parts (n, dim) that sum to it."""
    flat = places.reshape(-1, places.shape[-1]).astype(np.float64)
    parts: Float64 = flat / len(flat)
    return reduction.apply_to_parts(parts) if reduction else parts
