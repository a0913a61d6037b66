"""The LSH index: what it finds, alone and for many at a time, and what it takes."""

import os
import subprocess
import sys

import numpy as np
import pytest

from indexer.distances import FeatureStore, measure
from indexer.indexes.options import Effort
from indexer.tuning.shapes import efforts
from tests.indexer.clouds import build, clusters, every_family, every_metric


@every_family
@every_metric
def test_an_image_finds_itself_first(family, metric):
    features = clusters(1500)
    index = build(features, family=family, metric=metric)
    for number in range(0, 1500, 50):
        answer = index.search(features[number], 5, metric)
        assert (answer.ids[0], answer.distances[0]) == (number, 0)


@every_family
@every_metric
@pytest.mark.parametrize("hashed", ["cosine", "euclidean"])
def test_distances_are_those_of_brute_force(family, metric, hashed):
    features = clusters(1500)
    store = FeatureStore.of(features)
    index = build(features, family=family, metric=hashed)
    for query in features[:20] + np.float32(0.3):
        answer = index.search(query, 12, metric)
        expected = measure(store, query, metric, answer.ids)
        assert answer.distances == pytest.approx(expected, rel=4e-6, abs=1e-12)


def test_many_queries_are_answered_as_each_alone():
    features = clusters(2000)
    index = build(features)
    queries = features[:50] + np.float32(0.1)
    many = index.search_many(queries, 7, "cosine")
    for row, query in enumerate(queries):
        one = index.search(query, 7, "cosine")
        assert many.ids[row].tolist() == one.ids.tolist()
        assert many.distances[row].tolist() == one.distances.tolist()
        assert many.visited[row] == one.visited


MANY_AT_A_TIME = """
from concurrent.futures import ThreadPoolExecutor
from tests.indexer.clouds import build, clusters
features = clusters(2000)
index = build(features)
with ThreadPoolExecutor(8) as threads:
    calls = [threads.submit(index.search_many, features, 10, "cosine") for _ in range(40)]
    assert all(call.result().ids[7, 0] == 7 for call in calls)
"""


def test_many_callers_at_a_time_are_answered_without_a_thread_library():
    settings = os.environ | {"NUMBA_THREADING_LAYER": "workqueue", "NUMBA_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", MANY_AT_A_TIME], env=settings, check=False)
    assert done.returncode == 0


def test_a_search_for_more_hits_than_are_kept_has_its_candidates_measured():
    random = np.random.default_rng(0)
    features = np.hstack([clusters(4000, 24), random.normal(size=(4000, 200)) / 3])
    index = build(features.astype(np.float32))
    found = 0
    for query in index.store.features[:40]:
        answer = index.search(query, 100, "cosine", effort=Effort(256, 17))
        exact = index.search(query, 100, "cosine", exact=True)
        found += len(set(answer.ids.tolist()) & set(exact.ids.tolist()))
        assert answer.measured == 150
    assert found / 4000 > 0.9


@pytest.mark.parametrize("at", [1, 2, 10, 37])
def test_what_a_tuning_tries_is_done_as_it_says(at):
    index = build(clusters(2000))
    for effort in efforts(index, at):
        assert index._prober._wish(at + 1, "cosine", effort).keep == effort.keep


@every_family
def test_the_same_seed_gives_the_same_index(tmp_path, family):
    features = clusters()
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        (tmp_path / name).mkdir()
        build(features, seed=seed, family=family).save(tmp_path / name)
    contents = {
        name: [path.read_bytes() for path in sorted((tmp_path / name).iterdir())]
        for name in ("one", "two", "three")
    }
    assert contents["one"] == contents["two"] != contents["three"]


@every_family
def test_a_query_of_zeros_is_answered(family):
    features = clusters(500)
    answer = build(features, family=family).search(np.zeros(24, np.float32), 10, "cosine")
    assert answer.distances.tolist() == [1] * 10


@pytest.mark.parametrize("features", [np.ones((50, 3)), np.zeros((5, 3)), np.ones((1, 3))])
@every_family
def test_a_gallery_without_distances_can_be_hashed(features, family):
    index = build(features.astype(np.float32), family=family)
    answer = index.search(np.ones(3, np.float32), 4, "cosine")
    assert answer.ids.tolist() == list(range(min(4, len(features))))


@every_metric
def test_defaults_find_the_neighbours_in_a_part_of_the_gallery(metric):
    features = clusters(4000, dim=64)
    index = build(features, metric=metric)
    found = visited = 0
    for query in features[:50] + np.float32(0.2):
        answer = index.search(query, 10, metric)
        exact = index.search(query, 10, metric, exact=True)
        found += len(set(answer.ids.tolist()) & set(exact.ids.tolist()))
        visited += answer.visited
    assert found / 500 > 0.9
    assert visited / 50 / 4000 < 0.25


def test_tables_take_less_than_a_tenth_of_wide_features():
    random = np.random.default_rng(0)
    features = random.normal(size=(6000, 2048)).astype(np.float32)
    index = build(features)
    assert index.memory_bytes - index._rotation.axes.nbytes < features.nbytes / 10


def test_an_index_is_opened_without_the_compiler():
    code = "import sys, indexer.indexes.lsh; assert 'numba' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
