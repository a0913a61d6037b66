"""Which buckets a search opens, and how many: the cheapest, and no more than it needs."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.indexes.options import Effort
from tests.indexer.clouds import build, clusters, every_family, every_metric


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


def test_the_plain_scheme_visits_the_own_buckets_and_no_others():
    features = clusters(1000)
    index = build(features, g=3, h=2, w=3.0, hash_space="raw")
    keys = index._hashing.keys(features)
    for number in range(20):
        answer = index.search(features[number], 1, "euclidean")
        shared = (keys == keys[:, number : number + 1]).any(axis=0)
        assert answer.visited == shared.sum()
        assert answer.probes == 3
