"""What every kind of index promises, with brute force beside it."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.distances import FeatureStore
from indexer.errors import BadParameter
from indexer.indexes.base import IndexOptions, scan_all
from indexer.indexes.registry import KINDS, index_class, require_metric, require_width, usual_metric
from indexer.types import Metric

METRICS = get_args(Metric)
every_kind = pytest.mark.parametrize("kind", KINDS)
every_metric = pytest.mark.parametrize("metric", METRICS)


@st.composite
def galleries(draw):
    """Draw features with copies among them, and sometimes zeros or a constant."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    count, dim = draw(st.integers(1, 80)), draw(st.integers(1, 12))
    scale = draw(st.sampled_from([0.01, 1.0, 300.0]))
    features = (random.normal(size=(count, dim)) * scale).astype(np.float32)
    kind = draw(st.sampled_from(["plain", "copies", "zeros", "constant"]))
    if kind == "copies":
        features = features[random.integers(0, max(1, count // 3), count)]
    elif kind == "zeros":
        features[:: draw(st.integers(1, 3))] = 0
    elif kind == "constant":
        features[:] = features[0]
    return features


def built(kind, features, **options):
    return index_class(kind).build(FeatureStore.of(features), IndexOptions(**options))


@every_kind
@every_metric
@settings(max_examples=40)
@given(features=galleries(), k=st.integers(1, 100), seed=st.integers(0, 99))
def test_an_answer_is_k_different_images_in_order(kind, metric, features, k, seed):
    index = built(kind, features, metric=metric, g=3, h=4, seed=seed)
    query = features[seed % len(features)]
    answer = index.search(query, k, metric)
    assert len(answer.ids) == min(k, len(features))
    assert len(set(answer.ids.tolist())) == len(answer.ids)
    assert np.isfinite(answer.distances).all()
    pairs = list(zip(answer.distances.tolist(), answer.ids.tolist(), strict=True))
    assert pairs == sorted(pairs)
    assert len(answer.ids) <= answer.visited <= len(features)
    assert not answer.exact or answer.probes or answer.visited == len(features)


@every_kind
@every_metric
@settings(max_examples=40)
@given(features=galleries(), k=st.integers(1, 100))
def test_exact_search_equals_the_scan(kind, metric, features, k):
    index = built(kind, features, metric=metric, g=2, h=2)
    query = features.mean(axis=0)
    answer = index.search(query, k, metric, exact=True)
    expected = scan_all(FeatureStore.of(features), query, k, metric)
    assert answer.exact
    assert answer.visited == len(features)
    assert answer.ids.tolist() == expected.ids.tolist()


@every_kind
@every_metric
@settings(max_examples=40)
@given(features=galleries(), k=st.integers(1, 20), seed=st.integers(0, 99))
def test_only_allowed_images_are_found_and_all_that_are_asked_for(kind, metric, features, k, seed):
    index = built(kind, features, metric=metric, g=2, h=5)
    allowed = np.random.default_rng(seed).random(len(features)) < 0.4
    answer = index.search(features[0], k, metric, allowed=allowed)
    assert allowed[answer.ids].all()
    assert len(answer.ids) == min(k, allowed.sum())
    assert answer.visited <= allowed.sum()


@every_kind
@every_metric
@settings(max_examples=15)
@given(features=galleries())
def test_a_batch_finds_what_its_queries_find_alone(kind, metric, features):
    index = built(kind, features, metric=metric, g=2, h=3)
    answers = index.search_many(features[:4], 5, metric)
    for query, ids, distances in zip(features, answers.ids, answers.distances, strict=False):
        alone = index.search(query, 5, metric)
        assert ids.tolist() == alone.ids.tolist()
        assert distances.tolist() == alone.distances.tolist()


@every_kind
@settings(max_examples=15)
@given(features=galleries())
def test_a_saved_index_answers_as_before(kind, features, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    store = FeatureStore.of(features)
    index = built(kind, features, g=3, h=3)
    index.save(folder)
    loaded = index_class(kind).load(folder, store, index.parameters)
    loaded.check()
    assert loaded.parameters == index.parameters
    for query in features[:5]:
        before, after = (item.search(query, 5, "cosine") for item in (index, loaded))
        assert before.ids.tolist() == after.ids.tolist()
        assert before.distances.tolist() == after.distances.tolist()
        assert before.visited == after.visited


@every_kind
@every_metric
def test_copies_come_in_the_order_of_their_ids(kind, metric):
    features = np.tile(np.arange(1, 9, dtype=np.float32), (30, 1))
    answer = built(kind, features).search(features[0], 10, metric)
    assert answer.ids.tolist() == list(range(10))
    assert not answer.distances.any()


@every_kind
@every_metric
def test_one_image_is_found(kind, metric):
    features = np.array([[1, 2, 3]], np.float32)
    answer = built(kind, features).search(np.array([3, 2, 1], np.float32), 10, metric)
    assert answer.ids.tolist() == [0]


@every_kind
def test_a_kind_that_calls_itself_exact_is(kind):
    features = np.random.default_rng(0).normal(size=(3000, 64)).astype(np.float32)
    answer = built(kind, features).search(features[0], 5, usual_metric(kind))
    assert answer.exact is KINDS[kind].exact


def test_an_unknown_kind_is_refused_with_the_list():
    with pytest.raises(BadParameter, match="exact, lsh, hamming"):
        index_class("hnsw")


@every_kind
def test_a_kind_is_built_for_its_own_metrics_only(kind):
    require_metric(kind, usual_metric(kind))
    for metric in METRICS:
        if metric not in KINDS[kind].metrics:
            with pytest.raises(BadParameter, match=f"--metric {metric}.*Choose.*--kind exact"):
                require_metric(kind, metric)


@pytest.mark.parametrize(("dim", "fits"), [(15, False), (16, True), (512, True), (513, False)])
def test_hash_codes_have_16_to_512_bits(dim, fits):
    require_width("exact", dim)
    require_width("lsh", dim)
    if fits:
        require_width("hamming", dim)
    else:
        with pytest.raises(BadParameter, match=f"16 to 512 numbers. Received: {dim}.*--reduce"):
            require_width("hamming", dim)


@pytest.mark.parametrize(
    "wrong",
    [{"g": 0}, {"h": 65}, {"w": 0.0}, {"w": float("nan")}, {"seed": -1}, {"metric": "l1"},
     {"hash_space": "log"}, {"family": "odd"}],
)  # fmt: skip
def test_parameters_out_of_range_are_refused(wrong):
    with pytest.raises(BadParameter, match=next(iter(wrong)).replace("_", " ")):
        IndexOptions(**wrong)
