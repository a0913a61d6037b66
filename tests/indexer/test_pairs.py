"""The sample of distances between a gallery's images, compared with all of them by brute force."""

import numpy as np
import pytest

from indexer.distances import FeatureStore, measure
from indexer.features.halves import halved
from indexer.pairs import DRAWN, LEVELS, METRICS, SHAPE, distance_quantiles
from tests.indexer.clouds import clusters


def brute_force(features, metric):
    """Measure all pairs of features, ascending."""
    store = FeatureStore.of(features)
    rest = [np.arange(number + 1, len(features)) for number in range(len(features))]
    found = [measure(store, store.row(n), metric, ids) for n, ids in enumerate(rest)]
    return np.sort(np.concatenate(found))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("count", [2, 3, 20, 41, 300])
def test_all_pairs_of_a_small_gallery_are_measured(metric, count):
    features = clusters(count) - 2
    every = brute_force(features, metric)
    found = distance_quantiles(FeatureStore.of(features))[METRICS.index(metric)]
    expected = np.quantile(every, LEVELS, method="nearest")
    assert found[[0, -1]] == pytest.approx(every[[0, -1]], rel=1e-5, abs=1e-7)
    # Where a level lies half way between two distances, either may be taken.
    places = LEVELS * (len(every) - 1)
    whole = np.abs(places % 1 - 0.5) > 1e-6
    np.testing.assert_allclose(found[whole], expected[whole], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_a_large_gallery_is_sampled_well(metric):
    features = clusters(3000) - 2
    assert len(features) > DRAWN
    every = brute_force(features[:1500], metric)
    found = distance_quantiles(FeatureStore.of(features))[METRICS.index(metric)]
    nearer = np.searchsorted(every, found, "left") / len(every)
    within = np.searchsorted(every, found, "right") / len(every)
    assert (nearer < LEVELS + 0.03).all()
    assert (within > LEVELS - 0.03).all()


def test_quantiles_ascend_and_are_the_same_every_time():
    store = FeatureStore.of(clusters(2500))
    found = distance_quantiles(store)
    assert (found.shape, found.dtype) == (SHAPE, np.float32)
    assert (np.diff(found) >= 0).all()
    assert np.array_equal(found, distance_quantiles(store))


def test_equal_pictures_have_the_distance_0():
    features = np.repeat(clusters(30), 2, axis=0)
    found = distance_quantiles(FeatureStore.of(features))
    copies = np.count_nonzero(LEVELS * (60 * 59 / 2 - 1) < 29.5)
    assert not found[:, :copies].any()
    assert (found[:2, copies:] > 0).all()


def test_features_of_zeros_are_like_nothing():
    features = np.zeros((4, 8), np.float32)
    found = distance_quantiles(FeatureStore.of(features))
    assert (found[0] == 1).all()
    assert not found[1:].any()


def test_halved_features_give_nearly_the_same():
    features = clusters(100)
    whole, half = (distance_quantiles(FeatureStore.of(f)) for f in (features, halved(features)))
    np.testing.assert_allclose(half[:2], whole[:2], rtol=0.01, atol=1e-3)


@pytest.mark.parametrize("count", [0, 1])
def test_a_gallery_without_pairs_gives_zeros(count):
    assert not distance_quantiles(FeatureStore.of(clusters(5)[:count])).any()
