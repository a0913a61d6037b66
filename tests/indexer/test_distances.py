"""Distances: exact for near features, never NaN, the same order every time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from indexer.distances import FeatureStore, lengths, measure, nearest

METRICS = ("cosine", "euclidean", "hamming")
VALUES = st.floats(-100, 100, width=32).filter(lambda value: value == 0 or abs(value) > 1e-3)
GALLERIES = arrays.arrays(np.float32, st.tuples(st.integers(1, 40), st.just(5)), elements=VALUES)
QUERIES = arrays.arrays(np.float32, 5, elements=VALUES)


def brute_force(features, query, metric):
    if metric == "hamming":
        return ((features > 0) != (query > 0)).sum(axis=1)
    rows, target = features.astype(np.float64), query.astype(np.float64)
    if metric == "euclidean":
        return np.linalg.norm(rows - target, axis=1)
    norms = np.linalg.norm(rows, axis=1) * np.linalg.norm(target)
    cosines = np.divide(rows @ target, norms, out=np.zeros(len(rows)), where=norms > 0)
    return 1 - cosines


@pytest.mark.parametrize("metric", METRICS)
@given(features=GALLERIES, query=QUERIES)
def test_measured_distances_are_those_of_the_definition(metric, features, query):
    store = FeatureStore.of(features)
    found = measure(store, query, metric, np.arange(len(features)))
    scale = 1 if metric == "cosine" else np.linalg.norm(query)
    assert np.allclose(found, brute_force(features, query, metric), rtol=3e-6, atol=2e-4 * scale)


@pytest.mark.parametrize("metric", METRICS)
@given(features=GALLERIES, query=QUERIES, k=st.integers(1, 45))
def test_nearest_equals_a_full_sort(metric, features, query, k):
    store = FeatureStore.of(features)
    ids, distances = nearest(store, query, k, metric)
    everyone = np.arange(len(features))
    measured = measure(store, query, metric, everyone)
    expected = np.lexsort((everyone, measured))[:k]
    assert ids.tolist() == expected.tolist()
    assert distances.tolist() == measured[expected].tolist()


@pytest.mark.parametrize("metric", METRICS)
def test_an_identical_feature_has_distance_zero(metric):
    features = np.random.default_rng(0).normal(size=(50, 2048)).astype(np.float32) * 30
    _, distances = nearest(FeatureStore.of(features), features[7], 1, metric)
    assert distances[0] == 0


@pytest.mark.parametrize("metric", METRICS)
def test_float_noise_does_not_part_equal_pictures(metric):
    random = np.random.default_rng(0)
    features = np.repeat(random.normal(size=(1, 512)), 20, axis=0)
    noisy = (features * (1 + random.normal(0, 1e-6, features.shape))).astype(np.float32)
    ids, distances = nearest(FeatureStore.of(noisy), noisy[11], 20, metric)
    assert ids.tolist() == list(range(20))
    assert not distances.any()


@pytest.mark.parametrize("metric", METRICS)
def test_zeros_are_never_nan(metric):
    features = np.array([[0, 0], [3, 4], [0, 0]], np.float32)
    _, distances = nearest(FeatureStore.of(features), np.zeros(2, np.float32), 3, metric)
    expected = {"cosine": [1, 1, 1], "euclidean": [0, 0, 5], "hamming": [0, 0, 2]}
    assert distances.tolist() == expected[metric]


@pytest.mark.parametrize("step", [1, 2, 3])
def test_large_galleries_are_measured_in_blocks(monkeypatch, step):
    monkeypatch.setattr("indexer.distances.BLOCK_ROWS", 7)
    monkeypatch.setattr("indexer.distances.ROOM_BYTES", 5 * 16 * 4)
    random = np.random.default_rng(1)
    features = random.normal(size=(100, 16)).astype(np.float32)
    store = FeatureStore.of(features)
    for metric in METRICS:
        ids, _ = nearest(store, features[3], 10, metric, np.arange(0, 100, step))
        expected = brute_force(features[::step], features[3], metric).argsort(kind="stable")
        assert ids.tolist() == (expected[:10] * step).tolist()


def test_lengths_do_not_overflow():
    assert lengths(np.full((1, 4), 1e30, np.float32))[0] == pytest.approx(2e30)
