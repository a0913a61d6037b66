"""Computes the measures of rankings by their names in MEASURES."""

from collections.abc import Mapping, Sequence

import numpy as np

from indexer.distances import as_near
from indexer.evaluation import metrics
from indexer.evaluation.findings import Hits
from indexer.evaluation.measures import K, at
from indexer.evaluation.metrics import PerQuery, Relevance
from indexer.evaluation.standings import Ranks
from indexer.types import Ids


def of_first(relevant: Relevance, totals: Ids, k: int) -> dict[str, PerQuery]:
    """Compute what the first k hits tell; NaN where the gallery holds no right answer.

    Args:
        relevant: bool (m, k or more).
        totals: int64 (m,), how many right answers the gallery holds.
        k: hits.
    """
    first = relevant[:, :k]
    found = {
        "P@1": metrics.precision_at(first, 1),
        at(f"P@{K}", k): metrics.precision_at(first, k),
        at(f"AP@{K}", k): metrics.average_precision_at(first, k, totals),
        at(f"R@{K}", k): metrics.recall_at(first, k, totals),
        at(f"nDCG@{K}", k): metrics.ndcg_at(first, k, totals),
    }
    return {name: np.where(totals > 0, values, np.nan) for name, values in found.items()}


def of_many(relevant: Relevance, totals: Ids, depth: int) -> dict[str, PerQuery]:
    """Compute what many hits tell that are no whole ranking: others count as not found.

    Args:
        relevant: bool (m, depth).
        totals: int64 (m,), how many right answers the gallery holds.
        depth: hits.

    Returns:
        measures float64 (m,); NaN where the gallery holds no right answer.
    """
    first = np.where(relevant.any(axis=1), relevant.argmax(axis=1) + 1.0, depth + 1.0)
    found = {
        at(f"AP@{K}", depth): metrics.average_precision_at(relevant, depth, totals),
        at(f"first rank@{K}", depth): first,
    }
    return {name: np.where(totals > 0, values, np.nan) for name, values in found.items()}


def of_all(ranks: Ranks, totals: Ids, k: int) -> dict[str, PerQuery]:
    """Compute what whole rankings tell; NaN where the gallery holds no right answer.

    Args:
        ranks: of the right answers to m queries.
        totals: int64 (m,), how many right answers the gallery holds.
        k: hits.
    """
    return {
        "AP": metrics.average_precision(ranks, totals),
        "AP trapezoid": metrics.trapezoidal_precision(ranks, totals),
        at(f"mP@{K}", k): metrics.revisited_precision_at(ranks, k, totals),
        "first rank": metrics.first_rank(ranks),
        "mean rank": metrics.mean_rank(ranks),
    }


def recall(found: Hits, exact: Hits) -> PerQuery:
    """Return the share of the truly nearest pictures that were found, float64 (m,).

    Args:
        found: k hits of each query.
        exact: the same number or more of the exact search.
    """
    k = found.ids.shape[1]
    truth, distances = exact.ids[:, :k], exact.distances[:, :k]
    farthest = np.where(truth >= 0, distances, -np.inf).max(axis=1, initial=-np.inf)
    near = found.distances <= as_near(farthest)[:, None]
    return metrics.recall_of(found.ids, near, truth)


def together(parts: Sequence[Mapping[str, PerQuery]]) -> dict[str, PerQuery]:
    """Join the measures of blocks of queries."""
    names = parts[0] if parts else ()
    return {name: np.concatenate([part[name] for part in parts]) for name in names}
