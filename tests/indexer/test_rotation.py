"""The axes that features are turned to are those of the principal components."""

import numpy as np
import pytest

from indexer.distances import FeatureStore
from indexer.indexes.rotation import Rotation
from tests.indexer.clouds import clusters


def test_axes_are_those_of_principal_components():
    features = clusters(900, 24)
    rotation = Rotation.learn(FeatureStore.of(features), 6, unit=False)
    centred = features - features.mean(axis=0, dtype=float)
    _, singular, axes = np.linalg.svd(centred, full_matrices=False)
    assert abs((rotation.axes * axes[:6]).sum(axis=1)) == pytest.approx(1, abs=1e-3)
    assert rotation.spreads == pytest.approx(singular[:6] / 30, rel=1e-3)


def test_the_first_axes_give_the_first_coordinates():
    store = FeatureStore.of(clusters(300, 24))
    rotation = Rotation.learn(store, 9, unit=True)
    whole, energies = rotation.coordinates(store.features, store.norms)
    points, same = rotation.first(4).coordinates(store.features, store.norms)
    assert points == pytest.approx(whole[:, :4], abs=1e-6)
    assert np.array_equal(same, energies)
    assert np.array_equal(rotation.first(4).spreads, rotation.spreads[:4])
