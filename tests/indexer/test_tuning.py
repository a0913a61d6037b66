"""Tuning: the least effort that finds what is wanted, by brute force beside it."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from indexer.distances import FeatureStore
from indexer.errors import BadParameter
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import IndexOptions
from indexer.tuning import Target, kth_distances, sample, tune, tuning_of
from tests.indexer.test_lsh import clusters

METRICS = ("cosine", "euclidean")


@pytest.fixture(scope="module")
def index():
    return LshIndex.build(FeatureStore.of(clusters(4000, 64)), IndexOptions())


def recall_of(index, queries, metric="cosine", k=10):
    """Return the mean part of the true neighbours that searches by default find."""
    found = []
    for query in queries:
        near = index.search(query, k, metric, exact=True).ids
        found.append(len(set(near.tolist()) & set(index.search(query, k, metric).ids.tolist())) / k)
    return float(np.mean(found))


@pytest.mark.parametrize("wanted", [0.8, 0.95, 0.99])
def test_held_out_queries_find_what_was_wanted(index, wanted):
    queries = clusters(4400, 64)[4000:]
    tuned = index.with_effort(tune(index, Target(wanted)).chosen.effort)
    assert recall_of(tuned, queries) >= wanted - 0.01


@pytest.mark.parametrize("metric", METRICS)
def test_distances_of_the_kth_neighbours_are_those_of_brute_force(index, metric):
    chosen = np.array([0, 7, 3999])
    kth = kth_distances(index.store, chosen, 10, metric)
    for number, distance in zip(chosen, kth, strict=True):
        answer = index.search(index.store.features[number], 11, metric, exact=True)
        assert answer.ids[0] == number
        assert distance == pytest.approx(answer.distances[10], rel=1e-4)


def test_the_frontier_rises(index):
    tuning = tune(index)
    costs = [point.bytes for point in tuning.frontier]
    recalls = [point.recall for point in tuning.frontier]
    assert costs == sorted(costs)
    assert recalls == sorted(set(recalls))
    assert all(0 < point.visited <= 1 and point.milliseconds > 0 for point in tuning.frontier)
    assert tuning.chosen in tuning.frontier
    assert tuning.reached


def test_less_is_chosen_for_less(index):
    chosen = [tune(index, Target(wanted)).chosen for wanted in (0.5, 0.9, 0.99)]
    assert [point.bytes for point in chosen] == sorted(point.bytes for point in chosen)
    assert chosen[0].bytes < chosen[-1].bytes


def test_the_same_seed_chooses_the_same(index):
    one, other = (replace(tune(index, seed=4).chosen, milliseconds=0) for _ in range(2))
    assert one == other


def test_what_cannot_be_reached_is_said(index):
    tuning = tune(index, Target(1.0, max_ms=1e-9))
    assert not tuning.reached
    assert tuning.chosen == tuning.frontier[0]


@pytest.mark.parametrize("count", [2, 3, 12])
def test_tiny_galleries_are_tuned(count):
    store = FeatureStore.of(clusters(count))
    tuning = tune(LshIndex.build(store, IndexOptions()))
    assert tuning.queries == count


def test_a_manifest_keeps_all_of_it(index):
    tuning = tune(index, Target(0.9, at=5, max_ms=50.0))
    assert tuning_of(json.loads(json.dumps(asdict(tuning)))) == tuning
    assert tuning_of({}) is None


def test_copies_find_each_other():
    store = FeatureStore.of(np.repeat(clusters(100), 20, axis=0))
    assert tune(LshIndex.build(store, IndexOptions())).reached


def test_few_are_asked_of_many():
    assert len(sample(FeatureStore.of(np.ones((5, 3), np.float32)), 0)) == 5
    wide = FeatureStore(np.broadcast_to(np.float32(1), (10**6, 2048)), np.ones(10**6, np.float32))
    assert len(sample(wide, 0)) == 122


@pytest.mark.parametrize("wrong", [{"recall": 0.0}, {"recall": 1.1}, {"at": 0}, {"max_ms": 0.0}])
def test_wishes_out_of_range_are_refused(wrong):
    with pytest.raises(BadParameter):
        Target(**wrong)
