"""The features that a tuning searches for."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from indexer.distances import FeatureStore
from indexer.types import Float32, Ids

QUERIES = (100, 1000)  # at least and at most
PRODUCTS = 5e11  # numbers multiplied for the exact answers, at most, before queries become fewer


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
