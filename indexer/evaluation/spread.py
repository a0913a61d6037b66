"""Says how far the pictures of a gallery lie apart: over all, within classes, and between them."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from indexer.distances import FeatureStore, Float64, block_slices, lengths
from indexer.evaluation.metrics import Relevance
from indexer.evaluation.ranking import by_rows
from indexer.types import Ids, Labels

MOST_PICTURES = 3000
"""Pictures of which all pairs are measured, of a gallery or a class; of more, pairs are drawn."""

DRAWN_PAIRS = 2**15
BINS = 50
BLOCK_PAIRS = 2**9


@dataclass(frozen=True)
class Apart:
    """How far some pairs of different pictures lie apart.

    Attributes:
        label: the class that both pictures are of; "" for pairs of all pictures.
        pictures: how many there are.
        pairs: how many were measured.
        exact: whether these are all there are.
        distance: their mean Euclidean distance; NaN where there is no pair.
        similarity: their mean cosine.
    """

    label: str
    pictures: int
    pairs: int
    exact: bool
    distance: float
    similarity: float


@dataclass(frozen=True)
class Scatter:
    """How some values are scattered; all NaN where there is none.

    Attributes:
        mean: of them.
        deviation: their standard deviation.
        low, middle, high: their quantiles of 5, 50 and 95 %.
    """

    mean: float
    deviation: float
    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Float64) -> Self:
        """Take values (n,)."""
        if not len(values):
            return cls(*[float("nan")] * 5)
        quantiles: list[float] = np.quantile(values, (0.05, 0.5, 0.95)).tolist()
        return cls(float(values.mean()), float(values.std()), *quantiles)


@dataclass(frozen=True)
class Kind:
    """How far pairs of one kind lie apart.

    Attributes:
        name: of the kind, for people.
        pairs: how many there are.
        distances: their Euclidean distances.
        similarities: their cosines.
    """

    name: str
    pairs: int
    distances: Scatter
    similarities: Scatter


@dataclass(frozen=True)
class Histogram:
    """How often pairs lie how far apart, in bins that all share.

    Attributes:
        edges: float64 (BINS + 1,).
        same: int64 (BINS,), pairs of one class.
        other: int64 (BINS,), pairs of two classes, or with a picture that has none.
    """

    edges: Float64
    same: Ids
    other: Ids


@dataclass(frozen=True)
class Spread:
    """Distances between the pictures of a gallery.

    Attributes:
        everything: of all pairs.
        classes: of the pairs within each class, by its name.
        distances: histogram of Euclidean distances.
        similarities: histogram of cosines.
        kinds: of all measured pairs of the gallery, and, where there are both, of those of one
            class and of the others.
    """

    everything: Apart
    classes: tuple[Apart, ...]
    distances: Histogram
    similarities: Histogram
    kinds: tuple[Kind, ...]


def spread(
    store: FeatureStore,
    labels: Labels,
    *,
    rows: Ids | None = None,
    seed: int = 0,
    most_pictures: int = MOST_PICTURES,
) -> Spread:
    """Measure pairs of different pictures.

    All pairs of a gallery or class of `most_pictures` at most; of a greater one DRAWN_PAIRS are
    drawn, with replacement. The histograms count the pairs of the gallery.

    Args:
        store: features of the pictures; those of zeros have the cosine 0 to everything.
        labels: str (n,), the class of each; "" where it has none.
        rows: int64, the pictures that are measured; None for all.
        seed: draws pairs.
        most_pictures: of which all pairs are measured.

    Raises:
        ValueError: labels and features are not of the same pictures.
    """
    if labels.shape != (store.count,):
        raise ValueError(
            f"Each of {store.count} features needs a label. Received: shape {labels.shape}"
        )
    everyone = np.arange(store.count) if rows is None else rows
    everything, pairs, measured = _apart(store, "", everyone, seed, most_pictures)
    names, numbers = np.unique(labels, return_inverse=True)
    order = everyone[np.argsort(numbers[everyone], kind="stable")]
    members = np.split(order, np.cumsum(np.bincount(numbers[everyone], minlength=len(names)))[:-1])
    classes = [
        _apart(store, str(name), of_class, seed, most_pictures)[0]
        for name, of_class in zip(names, members, strict=False)  # no class has no member
        if name and len(of_class)
    ]
    first, second = numbers[pairs]
    same = (first == second) & (names != "")[first]
    distances, similarities = measured
    return Spread(
        everything,
        tuple(classes),
        _histogram(distances, same, 0.0, float(distances.max(initial=0.0)) or 1.0),
        _histogram(similarities, same, float(similarities.min(initial=1.0)), 1.0),
        _kinds(measured, same),
    )


def _kinds(measured: Float64, same: Relevance) -> tuple[Kind, ...]:
    """Summarise distances and cosines, float64 (2, pairs), by whether pairs are of one class."""
    parts = {"all pairs": np.ones(len(same), np.bool_)}
    if same.any() and not same.all():
        parts |= {"pairs of one class": same, "other pairs": ~same}
    return tuple(
        Kind(name, int(of.sum()), Scatter.of(measured[0, of]), Scatter.of(measured[1, of]))
        for name, of in parts.items()
    )


def _apart(
    store: FeatureStore, label: str, members: Ids, seed: int, most: int
) -> tuple[Apart, Ids, Float64]:
    """Measure pairs of some pictures.

    Returns:
        What they are on average; the pairs, int64 (2, pairs); and of each pair the Euclidean
        distance and the cosine, float64 (2, pairs).
    """
    exact = len(members) <= most
    if exact:
        pairs = np.stack(np.triu_indices(len(members), 1))
        measured = _all(store.take(members))
    else:
        pairs = _drawn(len(members), seed)
        measured = _each(store, members[pairs])
    count = measured.shape[1]
    distance, similarity = measured.mean(axis=1).tolist() if count else (np.nan, np.nan)
    summary = Apart(label, len(members), count, exact, distance, similarity)
    return summary, members[pairs], measured


def _drawn(count: int, seed: int) -> Ids:
    """Draw pairs of two different ones of so many, each with the same chance, int64 (2, pairs)."""
    random = np.random.default_rng(seed)
    first = random.integers(0, count, DRAWN_PAIRS)
    other = random.integers(0, count - 1, DRAWN_PAIRS)
    return np.stack([first, other + (other >= first)])


def _all(rows: Float64) -> Float64:
    """Measure all pairs of features (n, dim), in the order of triu_indices, float64 (2, pairs)."""
    pairs = np.triu_indices(len(rows), 1)
    products = rows @ rows.T
    squares = products.diagonal()
    apart = (squares[:, None] + squares - 2 * products)[pairs]
    norms = np.sqrt(squares)
    both = (norms[:, None] * norms)[pairs]
    return np.stack([np.sqrt(np.maximum(apart, 0)), _cosines(products[pairs], both)])


def _each(store: FeatureStore, pairs: Ids) -> Float64:
    """Measure some pairs, int64 (2, pairs), each for itself, float64 (2, pairs)."""
    found = np.empty(pairs.shape)

    def measure(part: slice) -> None:
        for some in block_slices(part.stop - part.start, BLOCK_PAIRS):
            which = slice(part.start + some.start, part.start + some.stop)
            (one, other), norms = pairs[:, which], store.norms[pairs[:, which]]
            first, second = store.rows(one), store.rows(other)
            found[0, which] = lengths(first - second)
            products = np.einsum("ij,ij->i", first, second, dtype=np.float64)
            found[1, which] = _cosines(products, norms.astype(np.float64).prod(axis=0))

    by_rows(measure, pairs.shape[1])
    return found


def _cosines(products: Float64, both: Float64) -> Float64:
    """Divide products by the lengths of both features; 0 where one has none."""
    found = np.divide(products, both, out=np.zeros_like(products), where=both > 0)
    return np.clip(found, -1, 1, out=found)


def _histogram(values: Float64, same: Relevance, least: float, most: float) -> Histogram:
    """Count values in BINS bins from the least to the most, those of one class apart."""
    edges = np.linspace(min(least, most - 1e-9), most, BINS + 1)
    return Histogram(edges, *(np.histogram(values[of], edges)[0] for of in (same, ~same)))
