"""The LSH index: its hash functions, its tables, its probes, and what they find."""

import os
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.distances import FeatureStore, measure, units
from indexer.errors import BadParameter, DamagedIndex
from indexer.indexes.buckets import Buckets
from indexer.indexes.hashing import Hashing
from indexer.indexes.options import Effort, IndexOptions
from indexer.indexes.parameters import LshParameters
from indexer.indexes.rotation import Rotation
from indexer.indexes.widths import WIDTH_FACTOR, neighbour_distance
from indexer.tuning.shapes import efforts
from tests.indexer.clouds import build, clusters

FAMILIES = ("cross-polytope", "p-stable", "plain")
every_family = pytest.mark.parametrize("family", FAMILIES)
every_metric = pytest.mark.parametrize("metric", ["cosine", "euclidean"])


def parameters(**changes):
    values = {
        "family": "p-stable", "g": 2, "h": 3, "w": 1.7, "seed": 5, "hash_space": "raw",
        "components": 0, "unit": False, "probes": 2, "keep": 0,
    }  # fmt: skip
    return LshParameters(**values | changes)


def test_stable_keys_are_those_of_the_definition():
    hashing = Hashing.draw(parameters(), 6)
    points = np.random.default_rng(1).normal(size=(30, 6))
    for table, row in product(range(2), range(30)):
        key = 0
        for part in range(3):
            position = points[row] @ hashing.projections[table, part] + hashing.offsets[table, part]
            key += int(hashing.factors[table, part]) * int(np.floor(position))
        assert int(hashing.keys(points)[table, row]) == key % 2**64
    assert ((hashing.offsets >= 0) & (hashing.offsets < 1)).all()


def test_projections_are_standard_normal_in_units_of_the_width():
    hashing = Hashing.draw(parameters(g=20, h=20, w=4.0), 50)
    assert (hashing.projections * 4).mean() == pytest.approx(0, abs=0.02)
    assert (hashing.projections * 4).std() == pytest.approx(1, abs=0.02)


def test_a_cross_polytope_names_the_nearest_vertex():
    hashing = Hashing.draw(parameters(family="cross-polytope", w=None, g=1, h=1, components=5), 5)
    rotation = hashing.rotations[0, 0].astype(float)
    assert rotation @ rotation.T == pytest.approx(np.eye(5), abs=1e-6)
    points = np.random.default_rng(1).normal(size=(40, 5))
    vertices = np.concatenate([np.eye(5), -np.eye(5)])
    nearest = ((points @ rotation) @ vertices.T).argmax(axis=1)
    assert hashing.keys(points)[0].tolist() == nearest.tolist()


def test_the_key_of_several_cross_polytopes_counts_all_their_vertices():
    chosen = parameters(family="cross-polytope", w=None, g=2, h=3, components=5)
    hashing = Hashing.draw(chosen, 5)
    points = np.random.default_rng(1).normal(size=(40, 5))
    vertices = np.concatenate([np.eye(5), -np.eye(5)])
    for table in range(2):
        parts = [(points @ turn @ vertices.T).argmax(axis=1) for turn in hashing.rotations[table]]
        expected = parts[0] + 10 * parts[1] + 100 * parts[2]
        assert hashing.keys(points)[table].tolist() == expected.tolist()
    assert chosen.dense_keys == 1000


@settings(max_examples=60)
@given(keys=st.lists(st.integers(0, 5), min_size=1, max_size=60))
def test_every_bucket_holds_the_images_of_its_key(keys):
    table = np.array(keys, np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    buckets = Buckets.build(np.stack([table, table[::-1]]))
    buckets.check()
    for number, rows in enumerate((table, table[::-1])):
        first, last = buckets.firsts[number], buckets.firsts[number + 1]
        assert buckets.keys[first:last].tolist() == sorted(set(rows.tolist()))
        for at in range(first, last):
            found = buckets.ids.reshape(-1)[buckets.starts[at] : buckets.starts[at + 1]]
            assert found.tolist() == np.flatnonzero(rows == buckets.keys[at]).tolist()


@settings(max_examples=60)
@given(keys=st.lists(st.integers(0, 5), min_size=1, max_size=60))
def test_every_dense_bucket_holds_the_images_of_its_key(keys):
    table = np.array(keys, np.uint64)
    buckets = Buckets.build(np.stack([table, table[::-1]]), 6)
    buckets.check()
    for number, rows in enumerate((table, table[::-1])):
        for key in range(6):
            first, last = buckets.directory[number, key : key + 2]
            found = buckets.ids[number, first:last]
            assert found.tolist() == np.flatnonzero(rows == key).tolist()


@pytest.mark.parametrize("part", ["keys", "firsts", "starts", "ids", "directory"])
def test_tables_out_of_order_are_named(part):
    table = np.array([3, 2**63, 2**63, 9, 2**62], np.uint64)
    buckets = Buckets.build(np.stack([table, table]))
    array = getattr(buckets, part)
    if part in ("ids", "directory"):
        array[0, 0] = array[0, -1]
    else:
        array[0], array[1] = array[1].copy(), array[0].copy()
    with pytest.raises(DamagedIndex, match=part):
        buckets.check()


@pytest.mark.parametrize("part", ["ids", "directory"])
def test_dense_tables_out_of_order_are_named(part):
    buckets = Buckets.build(np.array([[3, 1, 1, 0]], np.uint64), 5)
    array = getattr(buckets, part)
    array[0, 0] = array[0, -1]
    with pytest.raises(DamagedIndex, match=part):
        buckets.check()


@pytest.mark.parametrize("wider", [-1, 1])
def test_a_dense_directory_of_another_width_is_named(tmp_path, wider):
    table = np.array([[3, 1, 1, 0]], np.uint64)
    Buckets.build(table, 5 + wider).save(tmp_path)
    assert Buckets.load(tmp_path, 1, 4, 5 + wider).directory.shape == (1, 6 + wider)
    with pytest.raises(DamagedIndex, match="directory"):
        Buckets.load(tmp_path, 1, 4, 5)


def test_axes_are_those_of_principal_components():
    features = clusters(900, 24)
    rotation = Rotation.learn(FeatureStore.of(features), 6, unit=False)
    centred = features - features.mean(axis=0, dtype=float)
    _, singular, axes = np.linalg.svd(centred, full_matrices=False)
    assert abs((rotation.axes * axes[:6]).sum(axis=1)) == pytest.approx(1, abs=1e-3)
    assert rotation.spreads == pytest.approx(singular[:6] / 30, rel=1e-3)


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


@every_family
@settings(max_examples=20)
@given(seed=st.integers(0, 999))
def test_recall_and_visits_grow_with_probes(family, seed):
    features = clusters(1200, seed=seed)
    space = "pca" if family != "plain" else None
    index = build(features, family=family, hash_space=space, seed=seed)
    query = features[seed] + np.float32(0.2)
    near = set(index.search(query, 10, "cosine", exact=True).ids.tolist())
    found, visited = [], []
    for probes in (8, 16, 64, 256):
        answer = index.search(query, 10, "cosine", effort=Effort(probes, 0))
        found.append(len(near & set(answer.ids.tolist())))
        visited.append(answer.visited)
    assert found == sorted(found)
    assert visited == sorted(visited)


@pytest.mark.parametrize("family", ["cross-polytope", "p-stable"])
@settings(max_examples=15)
@given(seed=st.integers(0, 999))
def test_probes_open_the_buckets_that_are_cheapest(family, seed):
    """Compare the candidates with those of the cheapest sets of steps, by brute force."""
    features = clusters(500, 10, seed)
    index = build(features, family=family, g=2, h=2, components=6, seed=seed)
    query = features[seed % 500] + np.float32(0.1)
    keys = index._hashing.keys(index._rotation.coordinates(features, index.store.norms)[0][:, :6])
    ranked = sorted(all_buckets(index, query))
    for probes in (2, 5, 12):
        chosen = {(table, key) for _, table, key in ranked[:probes]}
        expected = np.zeros(500, np.bool_)
        for table, key in chosen:
            expected |= keys[table] == np.uint64(key)
        if not expected.any():
            continue
        answer = index.search(query, 1, "cosine", effort=Effort(probes, 0))
        assert answer.probes == probes or answer.visited == 500
        assert answer.visited == expected.sum()


def all_buckets(index, query):
    """Yield cost, table and key of every bucket that a set of steps leads to."""
    norms = np.array([np.linalg.norm(query)], np.float32)
    point = index._rotation.coordinates(query[None], norms)[0][0, :6].astype(float)
    hashing, parts = index._hashing, index.parameters["h"]
    for table in range(index.parameters["g"]):
        lists = []
        for part in range(parts):
            if index.parameters["family"] == "cross-polytope":
                turned = point @ hashing.rotations[table, part]
                values = np.concatenate([turned, -turned])
                lists.append([((values.max() - v) ** 2, i) for i, v in enumerate(values)])
            else:
                position = point @ hashing.projections[table, part] + hashing.offsets[table, part]
                own = np.floor(position)
                lists.append([
                    (0.0 if step == 0 else (position - own - max(step, 0) - (step < 0) * (step + 1))
                     ** 2, int(own) + step)
                    for step in (-2, -1, 0, 1, 2)
                ])  # fmt: skip
        for chosen in product(*lists):
            key = sum(
                int(factor) * number
                for factor, (_, number) in zip(hashing.factors[table], chosen, strict=True)
            )
            yield sum(cost for cost, _ in chosen), table, key % 2**64


def test_a_budget_ends_the_probing():
    features = clusters(3000)
    index = build(features)
    unlimited = index.search(features[0], 5, "cosine", effort=Effort(500, 16))
    limited = index.search(features[0], 5, "cosine", effort=Effort(500, 16, budget=100))
    assert limited.probes < unlimited.probes
    assert limited.visited < unlimited.visited
    assert limited.measured == 16


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


@every_metric
@settings(max_examples=15)
@given(seed=st.integers(0, 999), k=st.integers(1, 50))
def test_many_wide_buckets_equal_exact_search(metric, seed, k):
    features = clusters(200, seed=seed)
    query = features[0] + 0.1
    wide = build(features, g=16, h=1, w=1e4, metric=metric).search(query, k, metric)
    exact = build(features, g=1, h=1, metric=metric).search(query, k, metric, exact=True)
    assert wide.ids.tolist() == exact.ids.tolist()
    assert wide.distances == pytest.approx(exact.distances, rel=4e-6)


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


def test_narrow_buckets_still_give_k_images():
    features = clusters(100)
    answer = build(features, g=1, h=8, w=1e-6).search(features[0] + 0.5, 10, "cosine")
    assert len(answer.ids) == 10
    assert answer.exact


def test_probes_are_widened_before_everything_is_scanned():
    features = clusters(2000)
    index = build(features, g=2, h=6, hash_space="raw", w=12.0)
    answers = [index.search(features[i], 60, "euclidean") for i in range(40)]
    widened = [answer for answer in answers if answer.probes > 2 and not answer.exact]
    assert len(widened) >= 5
    assert all(60 <= answer.visited < 2000 for answer in widened)


@every_family
def test_a_query_of_zeros_is_answered(family):
    features = clusters(500)
    answer = build(features, family=family).search(np.zeros(24, np.float32), 10, "cosine")
    assert answer.distances.tolist() == [1] * 10


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


@pytest.mark.parametrize("features", [np.ones((50, 3)), np.zeros((5, 3)), np.ones((1, 3))])
@every_family
def test_a_gallery_without_distances_can_be_hashed(features, family):
    index = build(features.astype(np.float32), family=family)
    answer = index.search(np.ones(3, np.float32), 4, "cosine")
    assert answer.ids.tolist() == list(range(min(4, len(features))))


def test_a_width_or_another_space_means_the_plain_scheme():
    features = clusters(50)
    assert build(features).parameters["family"] == "cross-polytope"
    assert build(features, metric="cosine", w=2.0).parameters["hash_space"] == "unit"
    plain = build(features, metric="euclidean", w=2.0).parameters
    assert (plain["family"], plain["hash_space"], plain["keep"]) == ("plain", "raw", 0)
    assert plain["probes"] == plain["g"]


def test_the_plain_scheme_visits_the_own_buckets_and_no_others():
    features = clusters(1000)
    index = build(features, g=3, h=2, w=3.0, hash_space="raw")
    keys = index._hashing.keys(features)
    for number in range(20):
        answer = index.search(features[number], 1, "euclidean")
        shared = (keys == keys[:, number : number + 1]).any(axis=0)
        assert answer.visited == shared.sum()
        assert answer.probes == 3


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"family": "cross-polytope", "w": 1.0}, "width"),
        ({"family": "cross-polytope", "hash_space": "raw"}, "principal components"),
        ({"family": "spherical"}, "family"),
        ({"components": 0}, "components"),
        ({"keep": -1}, "keep"),
        ({"probes": 2**20 + 1}, "probes"),
    ],
)
def test_what_does_not_go_together_is_refused(wrong, named):
    with pytest.raises(BadParameter, match=named):
        IndexOptions(**wrong)


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
