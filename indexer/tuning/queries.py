"""The features that a tuning searches for, and what is truly nearest to each."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from indexer.distances import BLOCK_ROWS, FeatureStore, lengths
from indexer.indexes.rotation import scaled
from indexer.types import Float32, Ids, Metric

QUERIES = (100, 1000)  # at least and at most
PRODUCTS = 5e11  # numbers multiplied for the exact answers, at most, before queries become fewer
BLOCK = 2**22  # similarities that are held at once
SLACK = 1e-5  # relative difference of distances that are computed in two ways


@dataclass(frozen=True)
class Source:
    """Where queries came from.

    Attributes:
        kind: "gallery" for images of it, each searched for among all others; "folder" for pictures
            that are not in it; "copies" for distorted copies of its images.
        folder: of these pictures, or "".
    """

    kind: Literal["gallery", "folder", "copies"] = "gallery"
    folder: str = ""

    @property
    def of_what(self) -> str:
        """Say what the queries were, after their number."""
        return {
            "gallery": "images of the gallery",
            "folder": "pictures that are not in the gallery",
            "copies": "distorted copies of images of the gallery",
        }[self.kind]


GALLERY = Source()


@dataclass(frozen=True)
class Queries:
    """What is searched for.

    Attributes:
        source: where it came from.
        features: float32 (m, dim), as the store holds them.
        own: int64 (m,), the images that the queries are, which are not to be found; None where
            they are no images of the gallery.
        together: how many in a row were made of one picture: what they find is not independent.
    """

    source: Source
    features: Float32
    own: Ids | None = None
    together: int = 1

    def __len__(self) -> int:
        """Return how many queries there are."""
        return len(self.features)


def sample(store: FeatureStore, seed: int) -> Queries:
    """Draw images of the gallery to search for; fewer where the exact answers would take long."""
    drawn = np.random.default_rng(seed).permutation(store.count)
    few = max(QUERIES[0], store.count // 4)
    chosen = np.sort(drawn[: min(most_queries(store), few)]).astype(np.int64)
    return Queries(GALLERY, store.rows(chosen), chosen)


def most_queries(store: FeatureStore) -> int:
    """Return how many queries may be asked, so that the exact answers do not take long."""
    return int(np.clip(PRODUCTS / (2 * store.count * store.dim), *QUERIES))


def kth_distances(store: FeatureStore, queries: Queries, k: int, metric: Metric) -> Float32:
    """Return how far the k-th nearest image that counts lies from each query, float32 (m,)."""
    unit = metric == "cosine"
    points = scaled(queries.features, lengths(queries.features), unit=unit)
    squares = np.einsum("ij,ij->i", points, points)
    best = np.full((len(queries), k), np.inf, np.float32)
    rows = min(BLOCK_ROWS, max(1, BLOCK // len(queries)))
    for start in range(0, store.count, rows):
        span = slice(start, start + rows)
        block = scaled(store.rows(span), store.norms[span], unit=unit)
        distances = np.einsum("ij,ij->i", block, block) + squares[:, None] - 2 * points @ block.T
        if queries.own is not None:
            inside = np.flatnonzero((queries.own >= start) & (queries.own < start + len(block)))
            distances[inside, queries.own[inside] - start] = np.inf
        both = np.concatenate([best, np.maximum(distances, 0)], axis=1)
        best = np.partition(both, k - 1, axis=1)[:, :k]
    kth = best.max(axis=1)
    found: Float32 = kth / 2 if unit else np.sqrt(kth)
    return found
