"""Says how good rankings are: pure NumPy over what in each is relevant.

All take `relevant`, bool (n_queries, n_ranked): whether the hit at each rank, best first, is a
right answer to the query.
"""

import numpy as np
from numpy.typing import NDArray

Relevance = NDArray[np.bool_]
PerQuery = NDArray[np.float64]


def precision_at(relevant: Relevance, k: int) -> PerQuery:
    """Return the share of right answers among the first k hits of each query.

        P@k = (relevant hits among the first k) / k

    A ranking shorter than k is divided by k all the same: what was not found is not right. The
    report from which this project started calls this measure, averaged over queries, mAP; here
    mAP is the mean of `average_precision`.

    Args:
        relevant: bool (n_queries, n_ranked).
        k: at least 1.

    Returns:
        float64 (n_queries,), from 0 to 1.

    Raises:
        ValueError: k is below 1, or `relevant` has another shape or type.

    Source: Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 2008, 8.4.
    """
    _require(relevant)
    if k < 1:
        raise ValueError(f"k must be at least 1. Received: {k}")
    found: PerQuery = relevant[:, :k].sum(axis=1) / k
    return found


def average_precision(relevant: Relevance, totals: NDArray[np.int64] | None = None) -> PerQuery:
    """Return the average precision of each query over its whole ranking; their mean is the mAP.

        AP = (1 / R) · sum of P@r over the ranks r at which a relevant hit stands

    R is the number of relevant images in the gallery; those that are not ranked add nothing.

    Args:
        relevant: bool (n_queries, n_ranked).
        totals: int64 (n_queries,), R of each query; None where everything is ranked, so that
            the relevant hits are all there are.

    Returns:
        float64 (n_queries,), from 0 to 1.

    Raises:
        ValueError: a query has nothing relevant, so that its AP is not defined, or fewer in the
            gallery than in its ranking.

    Source: Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 2008, 8.4,
    equation 8.8.
    """
    _require(relevant)
    found = relevant.sum(axis=1)
    wanted = found if totals is None else totals
    if wanted.shape != found.shape or (wanted < np.maximum(found, 1)).any():
        raise ValueError(
            "Every query needs at least one relevant image, and no fewer than its ranking holds. "
            f"Received totals: {wanted}"
        )
    ranks = np.arange(1, relevant.shape[1] + 1)
    precisions = np.cumsum(relevant, axis=1) / ranks
    averages: PerQuery = np.where(relevant, precisions, 0.0).sum(axis=1) / wanted
    return averages


def _require(relevant: Relevance) -> None:
    if relevant.ndim != 2 or relevant.dtype != np.bool_:
        raise ValueError(
            "What is relevant must be bool (n_queries, n_ranked). "
            f"Received: {relevant.dtype} {relevant.shape}"
        )
