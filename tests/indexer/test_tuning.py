"""Tuning: the least effort that finds what is wanted, by brute force beside it."""

import json
from dataclasses import asdict, replace
from functools import cache

import numpy as np
import pytest

from indexer.distances import FeatureStore, measure
from indexer.errors import BadParameter
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import Effort, IndexOptions
from indexer.tuning.measuring import Questions, measured
from indexer.tuning.points import tuning_of
from indexer.tuning.queries import GALLERY, Queries, Source, sample
from indexer.tuning.shapes import MOST_MEMORY, shapes
from indexer.tuning.targets import Target
from indexer.tuning.truth import kth_distances
from indexer.tuning.tuner import tune
from tests.indexer.clouds import clusters

METRICS = ("cosine", "euclidean")


@pytest.fixture(scope="module")
def index():
    return LshIndex.build(FeatureStore.of(clusters(4000, 64)), IndexOptions())


@pytest.fixture(scope="module")
def tuned(index):
    """Return what tunes the index for a recall, once for each."""
    return cache(lambda recall: tune(index, Target(recall)))


def recall_of(index, queries, metric="cosine", k=10):
    """Return the mean part of the true neighbours that searches by default find."""
    found = []
    for query in queries:
        near = index.search(query, k, metric, exact=True).ids
        found.append(len(set(near.tolist()) & set(index.search(query, k, metric).ids.tolist())) / k)
    return float(np.mean(found))


@pytest.mark.parametrize("wanted", [0.8, 0.95, 0.99])
def test_held_out_queries_find_what_was_wanted(tuned, wanted):
    queries = clusters(4400, 64)[4000:]
    assert recall_of(tuned(wanted).index, queries) >= wanted - 0.01


@pytest.mark.parametrize("metric", METRICS)
def test_distances_of_the_kth_neighbours_are_those_of_brute_force(index, metric):
    chosen = np.array([0, 7, 3999])
    queries = Queries(GALLERY, index.store.features[chosen], chosen)
    kth = kth_distances(index.store, queries, 10, metric)
    for number, distance in zip(chosen, kth, strict=True):
        answer = index.search(index.store.features[number], 11, metric, exact=True)
        assert answer.ids[0] == number
        assert distance == answer.distances[10]


def test_the_frontier_rises(tuned):
    tuning = tuned(0.95).tuning
    costs = [point.bytes for point in tuning.frontier]
    recalls = [point.recall for point in tuning.frontier]
    assert costs == sorted(costs)
    assert recalls == sorted(set(recalls))
    assert all(0 < point.visited <= 1 and point.milliseconds > 0 for point in tuning.frontier)
    assert tuning.chosen in tuning.frontier
    assert tuning.reached


def test_less_is_chosen_for_less(tuned):
    chosen = [tuned(wanted).tuning.chosen for wanted in (0.5, 0.9, 0.99)]
    assert [point.bytes for point in chosen] == sorted(point.bytes for point in chosen)
    assert chosen[0].bytes < chosen[-1].bytes


def test_the_same_seed_chooses_the_same(index):
    one, other = (replace(tune(index, seed=4).tuning.chosen, milliseconds=0) for _ in range(2))
    assert one == other


def test_what_cannot_be_reached_is_said(index):
    tuning = tune(index, Target(1.0, max_ms=1e-9)).tuning
    assert not tuning.reached
    assert tuning.chosen == tuning.frontier[0]


@pytest.mark.parametrize("count", [2, 3, 12])
def test_tiny_galleries_are_tuned(count):
    store = FeatureStore.of(clusters(count))
    tuning = tune(LshIndex.build(store, IndexOptions())).tuning
    assert tuning.queries == count


def test_a_manifest_keeps_all_of_it(index):
    tuning = tune(index, Target(0.9, at=5, max_ms=50.0)).tuning
    assert tuning_of(json.loads(json.dumps(asdict(tuning)))) == tuning
    assert tuning_of({}) is None


def test_copies_find_each_other():
    store = FeatureStore.of(np.repeat(clusters(100), 20, axis=0))
    assert tune(LshIndex.build(store, IndexOptions())).tuning.reached


def test_few_are_asked_of_many():
    assert len(sample(FeatureStore.of(np.ones((5, 3), np.float32)), 0)) == 5
    wide = FeatureStore(np.broadcast_to(np.float32(1), (10**6, 2048)), np.ones(10**6, np.float32))
    assert len(sample(wide, 0)) == 122


@pytest.mark.parametrize("metric", METRICS)
def test_distances_of_queries_that_are_no_images_are_those_of_brute_force(index, metric):
    features = clusters(4003, 64)[4000:]
    kth = kth_distances(index.store, Queries(Source("folder"), features), 10, metric)
    for query, distance in zip(features, kth, strict=True):
        answer = index.search(query, 10, metric, exact=True)
        assert distance == answer.distances[9]


def bursts(size, count=40, mean=0.0, spread=1e-3):
    """Draw `count` bursts, each of pictures whose features hardly differ."""
    random = np.random.default_rng(0)
    scenes = np.repeat(random.normal(size=(count, 64)), size, axis=0)
    return (scenes + mean + spread * random.normal(size=scenes.shape)).astype(np.float32)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    "features",
    [bursts(12), bursts(100), bursts(12, mean=1000.0, spread=0.5), bursts(400, 1, spread=0.01)],
    ids=["small", "large", "far off", "a single one"],
)
def test_the_truth_tells_near_copies_apart(features, metric):
    store = FeatureStore.of(features)
    chosen = np.arange(0, store.count, 7)
    kth = kth_distances(store, Queries(GALLERY, features[chosen], chosen), 10, metric)
    for number, distance in zip(chosen, kth, strict=True):
        others = np.delete(np.arange(store.count), number)
        assert distance == np.sort(measure(store, features[number], metric, others))[9]


@pytest.mark.parametrize("metric", METRICS)
def test_whoever_finds_all_near_copies_is_told_so(metric):
    features = bursts(60, 8, mean=5.0)
    index = LshIndex.build(FeatureStore.of(features), IndexOptions(metric=metric))
    asked = Questions.of(index, sample(index.store, 0), 10, metric)
    assert measured(index, Effort(2**15, 480), asked).recall == 1


def test_an_effort_that_measures_nearly_everything_finds_all(index):
    features = clusters(4050, 64)[4000:]
    asked = Questions.of(index, Queries(Source("folder"), features), 10, "cosine")
    point = measured(index, Effort(2**15, 4000), asked)
    assert (point.recall, point.error) == (1, 0)
    assert point.visited > 0.7


def test_nothing_is_sure_to_find_everything(tuned):
    tuning = tuned(1.0).tuning
    assert not tuning.reached
    assert tuning.least(1.0) is None
    assert tuning.least(0.9) is not None


def test_the_lower_bound_is_wilsons_with_each_picture_counted_once(tuned):
    tuning = tuned(0.9).tuning
    sure = replace(tuning.chosen, recall=1.0, error=0.0)
    # All of n found: n / (n + 1.96 ** 2).
    assert replace(tuning, queries=100, together=1).low(sure) == pytest.approx(0.96301, abs=1e-5)
    assert replace(tuning, queries=100, together=5).low(sure) == pytest.approx(0.83887, abs=1e-5)


def test_the_lower_bound_lies_some_errors_below_the_mean(tuned):
    tuning = tuned(0.9).tuning
    point = replace(tuning.chosen, recall=0.95, error=0.004)
    assert tuning.low(point) == pytest.approx(0.95 - 1.96 * 0.004, abs=1e-3)


def test_what_copies_of_a_picture_find_is_not_taken_for_independent(index):
    features = np.repeat(clusters(4050, 64)[4000:], 5, axis=0)
    asked = [
        Questions.of(index, Queries(Source("copies"), features, together=n), 10, "cosine")
        for n in (1, 5)
    ]
    alone, together = (measured(index, Effort(8, 20), each) for each in asked)
    assert alone.recall == pytest.approx(together.recall)
    assert together.error == pytest.approx(5**0.5 * alone.error)


def test_other_tables_are_tried_unless_they_were_asked_for(index):
    built = {"index": index, "options": IndexOptions()}
    assert shapes(**built)[0] == (8, 2)
    assert sorted(shapes(**built)) == [(g, h) for g in (4, 8, 16) for h in (1, 2, 3)]
    assert {g for g, _ in shapes(index, IndexOptions(g=8))} == {8}
    assert {h for _, h in shapes(index, IndexOptions(h=2))} == {2}
    assert shapes(index, IndexOptions(g=8, h=2)) == [(8, 2)]


def test_features_hashed_as_they_are_have_no_candidates_to_keep(index):
    options = IndexOptions(family="p-stable", hash_space="raw")
    built = LshIndex.build(index.store, options)
    tried = shapes(built, options)
    assert tried == [(built.parameters["g"], built.parameters["h"])]
    points = tune(built, Target(0.9), shapes=tried).tuning.points
    assert {(point.keep, point.reach) for point in points} == {(0, None)}


@pytest.mark.parametrize("family", ["cross-polytope", "p-stable"])
def test_other_tables_are_those_of_an_index_built_so(index, family):
    options = IndexOptions(family=family)
    built = LshIndex.build(index.store, options)
    h = built.parameters["h"] + 1
    (other,) = built.with_tables([(4, h)])
    same = LshIndex.build(index.store, replace(options, g=4, h=h))
    assert other.parameters == same.parameters
    other.check()
    for query in clusters(4010, 64)[4000:]:
        one, two = (each.search(query, 10, "cosine") for each in (other, same))
        assert one.ids.tolist() == two.ids.tolist()


def test_the_least_of_all_tables_is_chosen(index, tuned):
    tried = shapes(index, IndexOptions())
    told = []
    best = tune(index, Target(0.9), shapes=tried, progress=told.append)
    tuning, alone = best.tuning, tuned(0.9).tuning
    assert tuning.reached
    assert tuning.chosen.bytes <= alone.chosen.bytes
    assert tuning.chosen in tuning.efforts
    assert (best.index.parameters["g"], best.index.parameters["h"]) == (
        tuning.chosen.g,
        tuning.chosen.h,
    )
    assert best.index.effort == tuning.chosen.effort
    assert told[-1].done == told[-1].total
    assert [each.done for each in told] == sorted(each.done for each in told)
    most = max(MOST_MEMORY * index.store.features.nbytes, index.memory_bytes)
    assert all(point.tables <= most for point in tuning.points)


@pytest.mark.parametrize(
    ("given", "cure"),
    [
        ({"family": "plain", "keep": 20}, "choose the hash space pca"),
        ({"w": 0.5, "reach": 0.02}, "choose the hash space pca"),
        ({"family": "p-stable", "hash_space": "raw", "components": 8}, "choose the hash space pca"),
        ({"reach": 0.02, "keep": 0}, "give a keep above 0"),
        ({"family": "plain", "hash_space": "pca", "reach": 0.02}, "give a keep above 0"),
    ],
)
def test_options_that_would_do_nothing_are_refused(given, cure):
    name = next(each for each in ("keep", "reach", "components") if given.get(each))
    with pytest.raises(BadParameter, match=f"{name}={given[name]}.*{cure}"):
        IndexOptions(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"family": "plain", "keep": 0},
        {"family": "plain", "hash_space": "pca", "keep": 20, "reach": 0.02, "components": 8},
        {"family": "p-stable", "w": 0.5, "keep": 20, "reach": 0.02, "components": 8},
    ],
)
def test_options_that_do_something_are_taken(given):
    assert IndexOptions(**given)


@pytest.mark.parametrize("wrong", [{"recall": 0.0}, {"recall": 1.1}, {"at": 0}, {"max_ms": 0.0}])
def test_wishes_out_of_range_are_refused(wrong):
    with pytest.raises(BadParameter):
        Target(**wrong)
