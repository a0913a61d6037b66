"""Says how good rankings are: pure NumPy over what in each is relevant.

Most take `relevant`, bool (n_queries, n_ranked): whether the hit at each rank, best first, is a
right answer to the query; those of whole rankings take the ranks of the right answers as well. What
is neither right nor wrong is taken out first, as `compressed` does.
R is the number of right answers that the gallery holds; a measure that R = 0 leaves undefined is
NaN for that query.

Source, unless a function names its own: Manning, Raghavan, Schütze, "Introduction to Information
Retrieval", 2008, 8.4.
"""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.evaluation.standings import Ranks
from indexer.types import Ids

Relevance = NDArray[np.bool_]
Ranking = Relevance | Ranks
PerQuery = NDArray[np.float64]
Value = TypeVar("Value", bound=np.generic)


def compressed(values: NDArray[Value], keep: Relevance, filling: object) -> NDArray[Value]:
    """Take some hits out of rankings, so that those behind them move up.

    Args:
        values: (n_queries, n_ranked), what is known of each hit.
        keep: bool, of that shape, which hits stay.
        filling: what stands behind the end of the rankings that became shorter.

    Returns:
        Of the same shape and type.
    """
    stay = np.arange(values.shape[1]) < keep.sum(axis=1)[:, None]
    moved = np.full_like(values, filling)
    moved[stay] = values[keep]
    return moved


def precision_at(relevant: Relevance, k: int) -> PerQuery:
    """Return the share of right answers among the first k hits of each query.

        P@k = (relevant hits among the first k) / k

    A ranking shorter than k is divided by k all the same: what was not found is not right. Where
    R = 0 it is 0. The report from which this project started calls this measure, averaged over
    queries, mAP; here mAP is the mean of `average_precision`.

    Args:
        relevant: bool (n_queries, n_ranked).
        k: at least 1.

    Returns:
        float64 (n_queries,), from 0 to 1.

    Raises:
        ValueError: k is below 1, or `relevant` has another shape or type.
    """
    _require(relevant, k)
    found: PerQuery = relevant[:, :k].sum(axis=1) / k
    return found


def recall_at(relevant: Relevance, k: int, totals: Ids | None = None) -> PerQuery:
    """Return the share of all right answers that are among the first k hits of each query.

        R@k = (relevant hits among the first k) / R

    Args:
        relevant: bool (n_queries, n_ranked).
        k: at least 1.
        totals: int64 (n_queries,), R; None where everything is ranked.

    Returns:
        float64 (n_queries,), from 0 to 1; NaN where R = 0.

    Raises:
        ValueError: as for `average_precision`, or k is below 1.
    """
    _require(relevant, k)
    return _share(relevant[:, :k].sum(axis=1), _wanted(relevant, totals))


def average_precision(relevant: Ranking, totals: Ids | None = None) -> PerQuery:
    """Return the average precision of each query over its whole ranking; their mean is the mAP.

        AP = (1 / R) · sum of P@r over the ranks r at which a relevant hit stands

    Relevant images that are not ranked add nothing.

    Args:
        relevant: bool (n_queries, n_ranked), or the ranks of what is relevant.
        totals: int64 (n_queries,), R of each query; None where everything is ranked, so that
            the relevant hits are all there are.

    Returns:
        float64 (n_queries,), from 0 to 1; NaN where R = 0.

    Raises:
        ValueError: the gallery has fewer right answers to a query than its ranking, or `relevant`
            has another shape or type.

    Source: Manning, Raghavan, Schütze, equation 8.8.
    """
    wanted, found = _wanted(relevant, totals), _ranks(relevant)
    return _share(_summed(found, found.ordinals / found.ranks), wanted)


def average_precision_at(relevant: Relevance, k: int, totals: Ids | None = None) -> PerQuery:
    """Return the average precision of each query over its first k hits; their mean is mAP@k.

        AP@k = (1 / min(R, k)) · sum of P@r over the ranks r <= k at which a relevant hit stands

    Divided by min(R, k), so that k right answers are 1 however many more there are; trec_eval's
    map_cut divides by R instead, and so says little where R is far above k.

    Args:
        relevant: bool (n_queries, n_ranked).
        k: at least 1.
        totals: int64 (n_queries,), R; None where everything is ranked.

    Returns:
        float64 (n_queries,), from 0 to 1; NaN where R = 0.

    Raises:
        ValueError: as for `average_precision`, or k is below 1.
    """
    _require(relevant, k)
    wanted = np.minimum(_wanted(relevant, totals), k)
    return average_precision(relevant[:, :k], wanted)


def trapezoidal_precision(relevant: Ranking, totals: Ids | None = None) -> PerQuery:
    """Return the area below each query's curve of precision over recall, by trapezoids.

        AP = (1 / R) · sum over the relevant hits of (before + after) / 2

    where, of the i-th relevant hit at rank r, before = (i - 1) / (r - 1), or 1 where r = 1, and
    after = i / r.

    Args, Returns and Raises: as for `average_precision`.

    Source: compute_ap of the Oxford buildings; Philbin, Chum, Isard, Sivic, Zisserman, "Object
    retrieval with large vocabularies and fast spatial matching", 2007. The evaluations of INRIA
    Holidays (Jégou, Douze, Schmid, 2008) and of the revisited Oxford and Paris (Radenović et al.,
    2018) define it alike.
    """
    wanted, found = _wanted(relevant, totals), _ranks(relevant)
    ranks, ordinals = found.ranks, found.ordinals
    before = np.divide(ordinals - 1, ranks - 1, out=np.ones(len(ranks)), where=ranks > 1)
    return _share(_summed(found, (before + ordinals / ranks) / 2), wanted)


def revisited_precision_at(relevant: Ranking, k: int, totals: Ids | None = None) -> PerQuery:
    """Return the precision of each query's first hits as the revisited Oxford and Paris define it.

        mP@k = (relevant hits among the first K) / K, K = min(k, rank of the last relevant image)

    So a query with fewer than k right answers can reach 1, unlike by `precision_at`. Right answers
    that are not ranked at all stand behind the others.

    Args:
        relevant: bool (n_queries, n_ranked), whole rankings, or the ranks of what is relevant.
        k: at least 1.
        totals: int64 (n_queries,), R; None where everything is ranked.

    Returns:
        float64 (n_queries,), from 0 to 1; NaN where R = 0.

    Raises:
        ValueError: as for `average_precision`, or k is below 1.

    Source: Radenović, Iscen, Tolias, Avrithis, Chum, "Revisiting Oxford and Paris: Large-Scale
    Image Retrieval Benchmarking", CVPR 2018, and compute_map of its program revisitop.
    """
    _require(relevant, k)
    wanted, found = _wanted(relevant, totals), _ranks(relevant)
    last = np.zeros(len(wanted), np.int64)
    np.maximum.at(last, found.queries, found.ranks)
    depths = np.where(found.counts < wanted, k, np.minimum(last, k))
    hits = _summed(found, found.ranks <= depths[found.queries])
    return _share(hits, np.where(wanted > 0, depths, 0))


def first_rank(relevant: Ranking) -> PerQuery:
    """Return the rank of each query's first right answer, from 1; NaN where none is ranked."""
    found = _ranks(relevant)
    first: PerQuery = np.full(len(found.counts), np.nan)
    first[found.counts > 0] = found.ranks[found.ordinals == 1]
    return first


def mean_rank(relevant: Ranking) -> PerQuery:
    """Return the mean rank, from 1, of all right answers to each query.

        mean rank = (1 / R) · sum of the ranks r at which a relevant hit stands

    Rankings must be whole: right answers that are not ranked have no rank, and do not count.

    Args:
        relevant: bool (n_queries, n_ranked), or the ranks of what is relevant.

    Returns:
        float64 (n_queries,); NaN where none is ranked.
    """
    found = _ranks(relevant)
    return _share(_summed(found, found.ranks), found.counts)


def ndcg_at(relevant: Relevance, k: int, totals: Ids | None = None) -> PerQuery:
    """Return the normalised discounted cumulated gain of each query's first k hits.

        nDCG@k = (sum of 1 / log2(r + 1) over the ranks r <= k at which a relevant hit stands)
                 / (sum of 1 / log2(r + 1) over the ranks r <= min(R, k))

    Args:
        relevant: bool (n_queries, n_ranked).
        k: at least 1.
        totals: int64 (n_queries,), R; None where everything is ranked.

    Returns:
        float64 (n_queries,), from 0 to 1; NaN where R = 0.

    Raises:
        ValueError: as for `average_precision`, or k is below 1.

    Source: Järvelin, Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002, with
    gains of 0 and 1, and the discount as trec_eval has it: ranks 1 and 2 do not count alike.
    """
    _require(relevant, k)
    wanted = np.minimum(_wanted(relevant, totals), k)
    worth = 1 / np.log2(np.arange(2, k + 2))
    gained = np.where(relevant[:, :k], worth[: relevant.shape[1]], 0.0).sum(axis=1)
    return _share(gained, np.concatenate([[0.0], worth.cumsum()])[wanted])


def triplet_accuracy(positive: NDArray[np.floating], negative: NDArray[np.floating]) -> PerQuery:
    """Say of each triplet whether the positive is nearer to the anchor than the negative.

        1 where d(anchor, positive) < d(anchor, negative), 1/2 where they are equal, 0 otherwise

    Their mean is the triplet accuracy. Ties count half, as lots would decide them on average, so
    that features that are all the same gain nothing; it is then the area below the ROC curve of
    the anchor's distances (Hanley, McNeil, "The meaning and use of the area under a receiver
    operating characteristic (ROC) curve", 1982).

    Args:
        positive, negative: (n,), the distances of each triplet.

    Returns:
        float64 (n,).

    Raises:
        ValueError: their shapes differ.
    """
    if positive.shape != negative.shape:
        raise ValueError(
            "Each triplet needs both distances. "
            f"Received: shapes {positive.shape} and {negative.shape}"
        )
    found: PerQuery = np.where(positive == negative, 0.5, positive < negative)
    return found


def mean_of_hits(values: NDArray[np.floating]) -> PerQuery:
    """Average what is known of each query's hits, as their distances.

    Args:
        values: (n_queries, k), NaN where a ranking has no more hits.

    Returns:
        float64 (n_queries,); NaN where a query has none.
    """
    known = ~np.isnan(values)
    return _share(np.where(known, values, 0.0).sum(axis=1, dtype=np.float64), known.sum(axis=1))


def recall_of(ids: Ids, near: Relevance, truth: Ids) -> PerQuery:
    """Return the share of the truly nearest images that a search found.

        recall = (hits that are among the k truly nearest, or as near as the last of them) / k

    Args:
        ids: int64 (n_queries, any), hits; -1 for none.
        near: bool, of that shape, whether a hit is as near as the last of the truly nearest.
        truth: int64 (n_queries, k), the truly nearest; -1 for none.

    Returns:
        float64 (n_queries,), from 0 to 1; NaN where nothing is truly nearest.

    Source: Aumüller, Bernhardsson, Faithfull, "ANN-Benchmarks", 2020, section 2.2: hits count by
    their distances, so that ties do no harm.
    """
    wanted = (truth >= 0).sum(axis=1)
    true = near | (ids[:, :, None] == truth[:, None, :]).any(axis=2)
    return _share(np.minimum((true & (ids >= 0)).sum(axis=1), wanted), wanted)


def _ranks(relevant: Ranking) -> Ranks:
    """Return at which ranks the relevant hits stand."""
    _require(relevant)
    return relevant if isinstance(relevant, Ranks) else Ranks.of(relevant)


def _summed(found: Ranks, values: NDArray[Any]) -> PerQuery:
    """Sum values of the relevant hits of each query up, float64 (n_queries,)."""
    sums: PerQuery = np.bincount(found.queries, values, len(found.counts)).astype(np.float64)
    return sums


def _share(part: NDArray[Any], whole: Ids) -> PerQuery:
    """Divide, NaN by 0."""
    undefined = np.full(len(part), np.nan)
    shares: PerQuery = np.divide(part, whole, out=undefined, where=whole > 0)
    return shares


def _wanted(relevant: Ranking, totals: Ids | None) -> Ids:
    """Return R of each query, int64 (n_queries,)."""
    _require(relevant)
    found: Ids = relevant.counts if isinstance(relevant, Ranks) else relevant.sum(axis=1)
    wanted = found if totals is None else totals
    if wanted.shape != found.shape or (wanted < found).any():
        raise ValueError(
            "Every query needs its number of relevant images, no fewer than its ranking holds. "
            f"Received totals: {wanted}"
        )
    return wanted


def _require(relevant: Ranking, k: int = 1) -> None:
    if not isinstance(relevant, Ranks) and (relevant.ndim != 2 or relevant.dtype != np.bool_):
        raise ValueError(
            "What is relevant must be bool (n_queries, n_ranked). "
            f"Received: {relevant.dtype} {relevant.shape}"
        )
    if k < 1:
        raise ValueError(f"k must be at least 1. Received: {k}")
