"""The table of index kinds, each imported only when it is used."""

from dataclasses import dataclass
from importlib import import_module

from indexer.errors import BadParameter
from indexer.indexes.base import Index
from indexer.types import Metric


@dataclass(frozen=True)
class Kind:
    """What is known of a kind of index before it is imported.

    Attributes:
        path: "module:Class".
        metrics: that it can be built for, the usual one first.
        exact: whether its answers always are the nearest.
        widths: the least and the greatest width of the features that it takes; None for any.
    """

    path: str
    metrics: tuple[Metric, ...]
    exact: bool
    widths: tuple[int, int] | None = None


KINDS = {
    "exact": Kind(
        "indexer.indexes.exact:ExactIndex", ("cosine", "euclidean", "hamming"), exact=True
    ),
    "lsh": Kind("indexer.indexes.lsh:LshIndex", ("cosine", "euclidean"), exact=False),
    "hamming": Kind(
        "indexer.indexes.hamming:HammingIndex", ("hamming",), exact=True, widths=(16, 512)
    ),
}


def index_class(kind: str) -> type[Index]:
    """Return the class of an index kind.

    Raises:
        BadParameter: there is no such kind.
    """
    module, name = _known(kind).path.split(":")
    found: type[Index] = getattr(import_module(module), name)
    return found


def usual_metric(kind: str) -> Metric:
    """Return what an index of a kind ranks by unless something else is asked for.

    Raises:
        BadParameter: there is no such kind.
    """
    return _known(kind).metrics[0]


def require_metric(kind: str, metric: Metric) -> None:
    """Refuse a metric that an index of a kind cannot be built for.

    Raises:
        BadParameter: saying what goes together; or there is no such kind.
    """
    metrics = _known(kind).metrics
    if metric not in metrics:
        others = " or ".join(name for name, each in KINDS.items() if metric in each.metrics)
        raise BadParameter(
            f"An index of the kind {kind} ranks by {' or '.join(metrics)}. Received: --metric "
            f"{metric}. Choose --metric {metrics[0]}, or --kind {others}."
        )


def require_width(kind: str, dim: int) -> None:
    """Refuse features of a width that an index of a kind does not take.

    Raises:
        BadParameter: saying what it takes, and how to get there; or there is no such kind.
    """
    widths = _known(kind).widths
    if widths and not widths[0] <= dim <= widths[1]:
        least, most = widths
        raise BadParameter(
            f"An index of the kind {kind} takes features of {least} to {most} numbers. Received: "
            f"{dim}. Let --reduce make them as many, or choose another --network or --kind."
        )


def _known(kind: str) -> Kind:
    if kind not in KINDS:
        raise BadParameter(f"There is no index kind {kind!r}: choose one of {', '.join(KINDS)}.")
    return KINDS[kind]
