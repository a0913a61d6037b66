"""The kernels of the LSH index, each by itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.distances import FeatureStore
from indexer.indexes.kernels.filtering import target_of
from indexer.indexes.kernels.heaps import number_of, packed, score_of, select
from indexer.indexes.kernels.projecting import Point, point_of
from indexer.indexes.options import Effort
from tests.indexer.clouds import build, clusters


@settings(max_examples=50)
@given(
    scores=st.lists(st.floats(width=32, allow_nan=False), min_size=2, max_size=200), data=st.data()
)
def test_the_least_scores_are_selected_and_ties_go_to_the_first_image(scores, data):
    most = data.draw(st.integers(1, len(scores) - 1))
    array = np.array(scores, np.float32) + np.float32(0)  # -0 is 0
    values = np.array([packed(score, i) for i, score in enumerate(array)], np.uint64)
    greatest = select(values, len(values), most)
    chosen = [number_of(value) for value in values[:most]]
    expected = np.argsort(array, kind="stable")[:most].tolist()
    assert sorted(chosen) == sorted(expected)
    assert number_of(np.uint64(greatest)) == expected[-1]


@given(score=st.floats(width=32, allow_nan=False), number=st.integers(0, 2**31))
def test_a_packed_score_is_found_again(score, number):
    value = packed(np.float32(score) + np.float32(0), number)
    assert (score_of(np.uint64(value)), number_of(np.uint64(value))) == (score, number)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_a_query_is_projected_as_the_gallery_was(metric):
    features = clusters(500, 300)
    store = FeatureStore.of(features)
    index = build(features, metric=metric)
    expected, energies = index._rotation.coordinates(store.features, store.norms)
    for number in range(20):
        point = point_of(features[number], index._prober.scheme)
        assert point.energy == pytest.approx(energies[number], rel=1e-4)
        bound = 2e-4 * energies[number] ** 0.5
        assert abs(point.coordinates - expected[number]).max() < bound


def test_a_query_at_the_mean_lies_at_the_origin():
    index = build(clusters(200, 70), metric="euclidean")
    point = point_of(index._rotation.mean.copy(), index._prober.scheme)
    assert point.energy == 0
    assert not point.coordinates.any()


def test_of_narrow_features_nothing_beyond_their_numbers_is_read():
    index = build(clusters(50, 5))
    beyond = np.full(200, np.nan, np.float32)
    beyond[:5] = [3, -1, 2, 0.5, 1]
    wish = index._prober._wish(1, "cosine", Effort(1, 1))
    target = target_of(Point(beyond[:5], np.float32(1), 1.0), index._prober.scheme, wish)
    assert np.isfinite(target.worth)
    assert abs(target.coded[:5]).max() == 32767
    assert not target.coded[5:].any()
