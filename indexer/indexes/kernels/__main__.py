"""Compiles all kernels, so that no build and no server has to: python -m indexer.indexes.kernels"""

import numpy as np

from indexer.distances import FeatureStore
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import Family, IndexOptions

FAMILIES: tuple[Family, ...] = ("cross-polytope", "plain")


def main() -> None:
    """Build indexes of a few numbers, and search in them once in each way."""
    features = np.random.default_rng(0).random((8, 4), np.float32)
    for family in FAMILIES:
        index = LshIndex.build(FeatureStore.of(features), IndexOptions(family=family))
        index.warm()
        index.search_many(features, 2, "cosine")


if __name__ == "__main__":
    main()
