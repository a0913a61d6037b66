"""Features that lie in clouds, and indexes of them."""

import numpy as np
import pytest

from indexer.distances import FeatureStore
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import IndexOptions

FAMILIES = ("cross-polytope", "p-stable", "plain")
every_family = pytest.mark.parametrize("family", FAMILIES)
every_metric = pytest.mark.parametrize("metric", ["cosine", "euclidean"])


def clusters(count=400, dim=24, seed=0):
    """Draw features in a few clouds of few dimensions, as a network's are."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(8, dim))
    axes = random.normal(size=(min(dim, 12), dim)) * 0.4
    near = random.normal(size=(count, len(axes))) @ axes
    return (centres[random.integers(0, 8, count)] + near + 2).astype(np.float32)


def build(features, **options):
    return LshIndex.build(FeatureStore.of(features), IndexOptions(**options))
