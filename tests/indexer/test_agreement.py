"""Which pictures of a gallery are nearest to each other, by each metric."""

import numpy as np
import pytest

from indexer.distances import FeatureStore, nearest
from indexer.evaluation.agreement import K, neighbours


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "hamming"])
def test_neighbours_are_those_of_searches_without_oneself(metric):
    features = np.random.default_rng(0).normal(size=(60, 96)).astype(np.float32)
    store, everyone = FeatureStore.of(features), np.arange(60)
    for number, found in enumerate(neighbours(features, metric)):
        expected, _ = nearest(store, features[number], K, metric, everyone[everyone != number])
        assert found.tolist() == expected.tolist()
