"""The sieve of the LSH index: what codes tell of distances, and which candidates are kept."""

import numpy as np
import pytest

from benchmarks.search.generator import USUAL, Generator
from indexer.distances import FeatureStore, units
from indexer.indexes.coding import REACH, encoded, steps
from indexer.indexes.options import Effort
from indexer.indexes.residuals import residual_weight, weigh
from indexer.indexes.rotation import Rotation
from tests.indexer.clouds import build, clusters


def recall(index, queries, effort, metric="cosine"):
    found = 0
    for query in queries:
        exact = index.search(query, 10, metric, exact=True).ids.tolist()
        found += len(set(exact) & set(index.search(query, 10, metric, effort=effort).ids.tolist()))
    return found / 10 / len(queries)


def stepping(worth):
    """Return a rotation whose codes have steps of this worth, float32 (60,)."""
    empty = np.zeros((60, 0), np.float32)
    return Rotation(False, empty[0], empty, worth * np.float32(127 / REACH))


@pytest.fixture(scope="module")
def features():
    """Return features that codes hold in part, as they do those of a network."""
    return Generator(USUAL, 0).queries(3000)


def test_codes_estimate_distances():
    features = clusters(800, 48)
    store = FeatureStore.of(features)
    rotation = Rotation.learn(store, 48, unit=True)
    points, energies = rotation.coordinates(store.features, store.norms)
    worth = steps(rotation.spreads)
    codes = encoded(points, energies, worth)
    restored = codes[:, :48] * worth[:48]
    assert codes[:, 60:].copy().view("<f4")[:, 0] == pytest.approx(energies)
    estimated = energies[1:] + energies[0] - 2 * (restored[1:] @ points[0])
    rows = units(features.astype(float))
    exact = ((rows[1:] - rows[0]) ** 2).sum(axis=1)
    assert np.corrcoef(estimated, exact)[0, 1] > 0.999


def test_more_kept_candidates_find_more():
    features = clusters(3000, 64)
    index = build(features)
    queries = features[:100] + np.float32(0.2)
    exact = [set(index.search(q, 10, "cosine", exact=True).ids.tolist()) for q in queries]
    recalls = []
    for keep in (10, 20, 60, 0):
        answers = index.search_many(queries, 10, "cosine", effort=Effort(128, keep))
        hits = [len(near & set(row)) for near, row in zip(exact, answers.ids.tolist(), strict=True)]
        recalls.append(np.mean(hits) / 10)
    assert recalls == sorted(recalls)
    assert recalls[-1] > 0.9


def test_no_more_is_kept_than_there_is():
    features = clusters(300)
    answer = build(features).search(features[0], 5, "cosine", effort=Effort(64, 2**31))
    assert answer.measured == answer.visited <= 300


def test_residuals_of_neighbours_count_less_than_whole(features):
    store = FeatureStore.of(features)
    rotation = Rotation.learn(store, 60, unit=True)
    worth = steps(rotation.spreads)
    codes = encoded(*rotation.coordinates(store.features, store.norms), worth)
    weight = residual_weight(codes, rotation, store, seed=0)
    assert 0.1 < weight < 0.9
    assert weight == residual_weight(codes, rotation, store, seed=0)


def test_the_weight_is_that_of_least_squares_on_the_nearest():
    """Where a residual adds a known share to every distance, that share is found."""
    random = np.random.default_rng(0)
    coded = random.normal(size=(400, 60)).astype(np.float32)
    codes = encoded(coded, np.zeros(400, np.float32), np.full(60, 0.05, np.float32))
    worth = np.full(60, 0.05, np.float32)
    lengths = np.einsum("ij,ij->i", codes[:, :60] * worth, codes[:, :60] * worth)
    residuals = random.uniform(1, 30, 400).astype(np.float32)
    codes.view("<f4")[:, 15] = lengths + residuals
    # Each image has a direction of its own for its residual: it adds all of |r|^2 + |q|^2.
    beyond = np.diag(np.sqrt(residuals)).astype(np.float32)
    store = FeatureStore.of(np.hstack([codes[:, :60] * worth, beyond]))
    assert residual_weight(codes, stepping(worth), store, seed=0) == pytest.approx(1, abs=1e-3)
    # All residuals have one direction: a long one is only as far off as the lengths differ.
    store = FeatureStore.of(np.hstack([codes[:, :60] * worth, np.ones((400, 1), np.float32)]))
    assert residual_weight(codes, stepping(worth), store, seed=0) == pytest.approx(0, abs=1e-3)


def test_weighing_changes_the_residuals_alone():
    coded = np.array([[3, 4], [0, 0], [6, 8]], np.float32)
    worth = np.zeros(60, np.float32)
    worth[:2] = 1
    codes = encoded(coded, np.array([35, 4, 100], np.float32), worth)
    weigh(codes, stepping(worth), 0.5)
    assert codes.view("<f4")[:, 15].tolist() == [30, 2, 100]
    assert codes[:, :2].tolist() == coded.tolist()


def test_weighed_residuals_find_more_with_as_few_kept(features):
    index, queries = build(features), features[:100]
    missed = 1 - recall(index, queries, Effort(256, 14))
    index._codes.view("<f4")[:, 15] = index._rotation.coordinates(features, index.store.norms)[1]
    assert missed < 0.7 * (1 - recall(index, queries, Effort(256, 14)))


@pytest.mark.parametrize("hashed", ["cosine", "euclidean"])
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_candidates_are_ranked_by_the_metric_of_the_search(hashed, metric):
    features = clusters(2000, 64) * np.random.default_rng(0).uniform(0.5, 2, (2000, 1))
    index = build(features.astype(np.float32), metric=hashed)
    assert recall(index, index.store.features[:50], Effort(2000, 20), metric) > 0.9


def test_a_query_stops_at_buckets_beyond_its_reach():
    features = clusters(3000, 64)
    index = build(features)
    queries = features[:40] + np.float32(0.1)
    probes, recalls = [], []
    for reach in (0.0, 0.01, 0.05, None):
        effort = Effort(128, 20, reach=reach)
        answers = [index.search(query, 10, "cosine", effort=effort) for query in queries]
        probes.append(sum(answer.probes for answer in answers))
        recalls.append(recall(index, queries, effort))
        assert all(len(answer.ids) == 10 and answer.probes >= 8 for answer in answers)
    assert probes == sorted(probes)
    assert probes[0] < probes[-1] == 40 * 128
    assert recalls == sorted(recalls)


def test_a_reach_leaves_nobody_short():
    features = clusters(2000, 64)
    answer = build(features).search(features[0], 700, "cosine", effort=Effort(8, 16, reach=0.0))
    assert len(set(answer.ids.tolist())) == 700
