"""Compiles all kernels, so that no build and no server has to: python -m indexer.indexes.kernels

They are kept as `compiling` says. A server that has LIKENESS_KERNELS finds them only if that folder
was given here: NUMBA_CACHE_DIR=$LIKENESS_KERNELS python -m indexer.indexes.kernels
"""

from itertools import product

import numpy as np

from indexer.distances import FeatureStore
from indexer.features.halves import halved
from indexer.indexes.hamming import HammingIndex
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import Family, IndexOptions

FAMILIES: tuple[Family, ...] = ("cross-polytope", "plain")
BITS = (64, 128, 256, 512)  # of the usual hash codes


def main() -> None:
    """Build indexes of a few numbers, and search in them once in each way."""
    features = np.random.default_rng(0).random((8, 4), np.float32)
    stores = FeatureStore.of(features), FeatureStore.of(halved(features))
    for family, store in product(FAMILIES, stores):
        index = LshIndex.build(store, IndexOptions(family=family))
        index.warm()
        index.search_many(features, 2, "cosine")
    for bits in BITS:
        HammingIndex.build(FeatureStore.of(np.ones((8, bits), np.float32)), IndexOptions()).warm()


if __name__ == "__main__":
    main()
