"""What one way of searching finds for each query of a task."""

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.evaluation.metrics import PerQuery, Relevance
from indexer.types import Float32, Ids, Metric


@dataclass(frozen=True)
class Way:
    """How was searched.

    Attributes:
        metric: that hits are ranked by.
        kind: of the index: "exact", "lsh" or "hamming".
        parameters: of the index, as g, h and w; none of an exact search.
        distractors: whether the gallery held its distractors.
    """

    metric: Metric
    kind: str
    parameters: Mapping[str, object]
    distractors: bool


@dataclass(frozen=True)
class Hits:
    """Some pictures of each query's ranking.

    Attributes:
        ids: int64 (m, k), their places in the task's gallery; -1 where a ranking has no more.
        distances: float32 (m, k), to the query; NaN where there is no picture.
        relevant: bool (m, k), whether they are right.
    """

    ids: Ids
    distances: Float32
    relevant: Relevance


@dataclass(frozen=True)
class Findings:
    """What was found for each of m queries in one way.

    Attributes:
        system: the name of what made the features.
        way: how was searched.
        first: the first k hits, best first.
        last: the k pictures at the end of the ranking, farthest first; None where only the first
            hits are known.
        measures: a value for each query, float64 (m,), by the measure's name; NaN where it is
            not defined.
        together: int64 (m,), as Task.together, for intervals.
    """

    system: str
    way: Way
    first: Hits
    last: Hits | None
    measures: Mapping[str, PerQuery]
    together: Ids | None = None
