"""The width of intervals follows the distances in the gallery."""

import numpy as np
import pytest

from indexer.distances import FeatureStore, units
from indexer.indexes.widths import WIDTH_FACTOR, neighbour_distance
from tests.indexer.clouds import build, clusters


def test_the_width_follows_the_scale_of_the_gallery():
    features = clusters()
    small = build(features, hash_space="raw").parameters["w"]
    large = build(features * 20, hash_space="raw").parameters["w"]
    assert large == pytest.approx(20 * small, rel=1e-3)


def test_the_width_comes_from_the_tenth_neighbours():
    features = clusters(150)
    rows = units(features.astype(float))
    distances = np.sort(np.linalg.norm(rows[:, None] - rows, axis=2), axis=1)
    found = neighbour_distance(FeatureStore.of(features), None, unit=True, seed=0)
    assert found == pytest.approx(np.median(distances[:, 10]), rel=1e-3)
    plain = build(features, family="plain")
    assert plain.parameters["w"] == pytest.approx(WIDTH_FACTOR * found)
